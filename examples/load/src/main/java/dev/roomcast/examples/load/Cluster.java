package dev.roomcast.examples.load;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Nodes and a Redis of their own, on this machine, and what can be done to them. Each node keeps
 * its port. Guarded by "this" what is known of the nodes; faults of one node or of Redis must not
 * overlap.
 */
final class Cluster implements AutoCloseable {

  /** The beginning of all keys in Redis. */
  static final String NAMESPACE = "test:chaos";

  private static final int HEAP_MB = 128;

  /** What stays of a room, and of the cluster, when nobody is there. */
  private static final Set<String> LASTING_KEYS =
      Set.of("rooms", "rooms-times", "node-leads", "leases");

  private static final Set<String> KEPT_KEYS =
      Set.of(
          "log",
          "meta",
          "batches",
          "keys",
          "owner",
          "keys-older",
          "marks",
          "rooms",
          "rooms-times",
          "node-leads",
          "places",
          "leases",
          "names",
          "conversations");

  private final Path folder;
  private final Duration lease;
  private final Duration resumeTtl;
  private final Store store;
  private final List<ServerProcess> nodes = new ArrayList<>();
  private final List<String> surprises = new ArrayList<>();

  private Cluster(Path folder, Duration lease, Duration resumeTtl, Store store) {
    this.folder = folder;
    this.lease = lease;
    this.resumeTtl = resumeTtl;
    this.store = store;
  }

  /**
   * Starts all and waits until they listen.
   *
   * @param store the Redis that they share; ends with them
   */
  static Cluster start(Path folder, int count, Store store, Duration lease, Duration resumeTtl)
      throws IOException {
    Cluster cluster = new Cluster(folder, lease, resumeTtl, store);
    try {
      for (int i = 0; i < count; i++) {
        cluster.nodes.add(cluster.startNode(i, 0));
      }
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private ServerProcess startNode(int number, int port) throws IOException {
    return ServerProcess.start(
        List.of(
            "-Xmx" + HEAP_MB + "m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:TieredStopAtLevel=1",
            "-Xss512k"),
        ChaosNode.class,
        List.of(
            Integer.toString(port),
            Long.toString(lease.toMillis()),
            Long.toString(resumeTtl.toMillis())),
        Map.of("REDIS_URL", store.url()),
        log(number));
  }

  File log(int number) {
    return folder.resolve("node-" + number + ".log").toFile();
  }

  /** Where clients connect, a place a node. */
  List<URI> servers() {
    return nodesNow().stream()
        .map(node -> URI.create(node.url().replace("http:", "ws:") + "/chat"))
        .toList();
  }

  private synchronized List<ServerProcess> nodesNow() {
    return List.copyOf(nodes);
  }

  private synchronized ServerProcess node(int number) {
    return nodes.get(number);
  }

  /** What nobody planned: nodes that ended by themselves. */
  synchronized List<String> surprises() {
    return List.copyOf(surprises);
  }

  /** Kills a node and starts it again after a while. */
  void killNode(int number, long millis) throws IOException, InterruptedException {
    ServerProcess node = node(number);
    noteIfDead(number, node);
    node.kill();
    TimeUnit.MILLISECONDS.sleep(millis);
    restart(number, node);
  }

  /** Has a node drain and starts a new one. */
  void drainNode(int number) throws IOException {
    ServerProcess node = node(number);
    noteIfDead(number, node);
    node.close();
    int code = node.process().exitValue();
    if (code != 0) {
      synchronized (this) {
        surprises.add("node " + number + " ended its drain with code " + code);
      }
    }
    restart(number, node);
  }

  private void restart(int number, ServerProcess before) throws IOException {
    ServerProcess after = startNode(number, URI.create(before.url()).getPort());
    synchronized (this) {
      nodes.set(number, after);
    }
  }

  private synchronized void noteIfDead(int number, ServerProcess node) {
    if (!node.process().isAlive()) {
      surprises.add("node " + number + " ended by itself with code " + node.process().exitValue());
    }
  }

  /** Notes the nodes that are dead and should not be, at the end of everything. */
  void noteDead() {
    List<ServerProcess> all = nodesNow();
    for (int i = 0; i < all.size(); i++) {
      noteIfDead(i, all.get(i));
    }
  }

  /** What the nodes share. */
  Store store() {
    return store;
  }

  /** The memory of the largest node, in bytes; 0 where the system does not tell. */
  long largestNode() throws IOException {
    long largest = 0;
    for (ServerProcess node : nodesNow()) {
      Path status = Path.of("/proc", Long.toString(node.process().pid()), "status");
      if (!Files.exists(status)) {
        continue;
      }
      try (var lines = Files.lines(status)) {
        largest =
            Math.max(
                largest,
                lines
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .sum());
      } catch (java.io.UncheckedIOException e) {
        // It ended just now.
      }
    }
    return largest;
  }

  /**
   * The keys that must not be there when all clients are gone: what belongs to sessions and
   * members, and what would stay for ever.
   */
  List<String> leftKeys() throws IOException {
    List<String> left = new ArrayList<>();
    for (String key : store.keys()) {
      String name = key.substring(NAMESPACE.length()).split(":", 3)[1];
      if (!KEPT_KEYS.contains(name)) {
        left.add(key);
      } else if (!LASTING_KEYS.contains(name) && store.lasts(key)) {
        left.add(key + " (without an end)");
      }
    }
    return left;
  }

  /** Ends all at once. */
  @Override
  public void close() {
    try {
      for (ServerProcess node : nodesNow()) {
        node.kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    store.close();
  }
}
