package dev.roomcast.chat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;

/** The sessions of this node that have a connection and were welcomed, by user. Thread-safe. */
final class LocalUsers {

  private final Map<String, Set<ClientSession>> sessions = new ConcurrentHashMap<>();

  void add(ClientSession session) {
    sessions.compute(
        session.user().id(),
        (user, all) -> {
          Set<ClientSession> more = all == null ? new CopyOnWriteArraySet<>() : all;
          more.add(session);
          return more;
        });
  }

  void remove(ClientSession session) {
    sessions.computeIfPresent(
        session.user().id(),
        (user, all) -> {
          all.remove(session);
          return all.isEmpty() ? null : all;
        });
  }

  Set<ClientSession> of(String user) {
    return sessions.getOrDefault(user, Set.of());
  }

  List<String> users() {
    return List.copyOf(sessions.keySet());
  }
}
