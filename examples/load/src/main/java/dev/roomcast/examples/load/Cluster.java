package dev.roomcast.examples.load;

import dev.roomcast.examples.redis.RedisProcess;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
  private static final Set<String> LASTING_KEYS = Set.of("rooms", "leases");

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
          "leases",
          "names",
          "conversations");

  private final Path folder;
  private final Duration lease;
  private final Duration resumeTtl;
  private final RedisProcess redis;
  private final List<ServerProcess> nodes = new ArrayList<>();
  private final List<String> surprises = new ArrayList<>();

  private Cluster(Path folder, Duration lease, Duration resumeTtl, RedisProcess redis) {
    this.folder = folder;
    this.lease = lease;
    this.resumeTtl = resumeTtl;
    this.redis = redis;
  }

  /**
   * Starts all and waits until they listen.
   *
   * @param durable whether Redis writes everything to disk before it answers, or nothing at all
   */
  static Cluster start(Path folder, int count, boolean durable, Duration lease, Duration resumeTtl)
      throws IOException, InterruptedException {
    List<String> persistence =
        durable
            ? List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always")
            : List.of("--save", "");
    Cluster cluster =
        new Cluster(folder, lease, resumeTtl, startRedis(folder.resolve("redis"), persistence));
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

  private static RedisProcess startRedis(Path where, List<String> persistence)
      throws IOException, InterruptedException {
    Files.createDirectories(where);
    List<String> withDebug = new ArrayList<>(persistence);
    withDebug.addAll(List.of("--enable-debug-command", "yes"));
    try {
      return launch(where, withDebug);
    } catch (IOException e) {
      // Before Redis 7 there is no such option, and the command is allowed.
      return launch(where, persistence);
    }
  }

  private static RedisProcess launch(Path where, List<String> arguments)
      throws IOException, InterruptedException {
    RedisProcess redis = RedisProcess.prepare(where, "", arguments);
    // Nodes end with this process, whatever ends it; Redis does not.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(redis)));
    redis.start();
    return redis;
  }

  private static void end(RedisProcess redis) {
    try {
      redis.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
        Map.of("REDIS_URL", redis.toString()),
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

  /** Cuts links that nodes have to Redis. */
  void killLinks(int count) throws IOException {
    int left = count;
    for (String line : ask("CLIENT LIST").split("\n")) {
      if (left > 0 && line.contains("name=roomcast")) {
        left--;
        ask("CLIENT KILL ID " + line.replaceAll(".*\\bid=(\\d+).*", "$1"));
      }
    }
  }

  void pauseRedis(long millis) throws IOException, InterruptedException {
    redis.pause();
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } finally {
      redis.resume();
    }
  }

  void sleepRedis(long millis) throws IOException {
    String answer = ask("DEBUG SLEEP " + millis / 1e3);
    if (!answer.startsWith("+OK")) {
      throw new IOException("DEBUG SLEEP was answered with " + answer);
    }
  }

  void killRedis(long millis) throws IOException, InterruptedException {
    redis.kill();
    TimeUnit.MILLISECONDS.sleep(millis);
    redis.start();
  }

  /** The most bytes that one link had to wait for its reader, lately; 0 when it cannot be told. */
  long longestRedisQueue() throws IOException {
    for (String line : ask("INFO clients").split("\n")) {
      if (line.startsWith("client_recent_max_output_buffer:")) {
        return Long.parseLong(line.substring(line.indexOf(':') + 1).trim());
      }
    }
    return 0;
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
    for (String key : ask("KEYS *").lines().toList()) {
      String name = key.substring(NAMESPACE.length()).split(":", 3)[1];
      if (!KEPT_KEYS.contains(name)) {
        left.add(key);
      } else if (!LASTING_KEYS.contains(name) && ask("PTTL " + key).equals(":-1")) {
        left.add(key + " (without an end)");
      }
    }
    return left;
  }

  /** Sends a command that has no spaces in its arguments; returns its answer, a line an item. */
  private String ask(String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return answer(
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1)));
    }
  }

  private static String answer(BufferedReader in) throws IOException {
    String first = String.valueOf(in.readLine());
    if (first.startsWith("*")) {
      List<String> items = new ArrayList<>();
      for (int left = Integer.parseInt(first.substring(1)); left > 0; left--) {
        items.add(answer(in));
      }
      return String.join("\n", items);
    } else if (!first.startsWith("$")) {
      return first;
    }
    char[] body = new char[Integer.parseInt(first.substring(1)) + 2];
    int length = 0;
    while (length < body.length) {
      int read = in.read(body, length, body.length - length);
      if (read < 0) {
        throw new IOException("Redis ended in the middle of an answer");
      }
      length += read;
    }
    return new String(body, 0, length - 2);
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
    end(redis);
  }
}
