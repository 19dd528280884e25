package dev.roomcast.chat;

import java.util.HashMap;
import java.util.Map;

/** The names of guests in memory: by skeleton, and by the node that they are with. Thread-safe. */
final class InMemoryNames {

  private final Map<String, Map<String, String>> bySkeleton = new HashMap<>();

  synchronized boolean claim(String skeleton, String node, String name) {
    Map<String, String> nodes = bySkeleton.computeIfAbsent(skeleton, any -> new HashMap<>(1));
    boolean free =
        nodes.entrySet().stream()
            .allMatch(entry -> entry.getKey().equals(node) || entry.getValue().equals(name));
    if (free) {
      nodes.put(node, name);
    }
    return free;
  }

  synchronized void release(String skeleton, String node) {
    bySkeleton.computeIfPresent(
        skeleton,
        (key, nodes) -> {
          nodes.remove(node);
          return nodes.isEmpty() ? null : nodes;
        });
  }

  synchronized void forget(String node) {
    bySkeleton
        .values()
        .removeIf(
            nodes -> {
              nodes.remove(node);
              return nodes.isEmpty();
            });
  }
}
