package dev.roomcast.examples.load;

import dev.roomcast.examples.demo.Demo;
import dev.roomcast.examples.redis.Ports;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the deployment examples start in containers, as plain processes of this machine on free
 * ports: a Redis or a Redis Cluster, three nodes of the demo, and HAProxy before them with the very
 * configuration. Confined to one thread, but for the end of this process.
 */
final class Topology implements AutoCloseable {

  static final int NODES = 3;

  private static final String HAPROXY = "haproxy";
  private static final long START_SECONDS = 60;
  private static final long LOOK_MS = 50;

  private final Path folder;
  private final Duration drain;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final int port = Ports.free();
  private final int statsPort = Ports.free();
  private final List<ServerProcess> nodes = new CopyOnWriteArrayList<>();
  private final Store store;
  private volatile @Nullable Process haproxy;

  private Topology(Path folder, Store store, Duration drain) throws IOException {
    this.folder = folder;
    this.store = store;
    this.drain = drain;
  }

  /** Whether there is a HAProxy on the PATH. */
  static boolean available() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(entry -> !entry.isEmpty() && Files.isExecutable(Path.of(entry, HAPROXY)));
  }

  /**
   * Starts all and waits until HAProxy has found every node ready.
   *
   * @param folder an existing folder for logs
   * @param store the Redis that the nodes share; ends with them
   * @param configuration of HAProxy, which takes addresses from variables
   * @param drain the time of a node to drain
   */
  static Topology start(Path folder, Store store, Path configuration, Duration drain)
      throws IOException, InterruptedException {
    Topology topology = new Topology(folder, store, drain);
    // HAProxy does not end with this process by itself.
    Thread ending = new Thread(topology::end);
    Runtime.getRuntime().addShutdownHook(ending);
    try {
      topology.startAll(configuration);
    } catch (IOException | InterruptedException | RuntimeException e) {
      topology.close();
      throw e;
    }
    return topology;
  }

  private void startAll(Path configuration) throws IOException, InterruptedException {
    startNodes();
    haproxy = startHaproxy(configuration);
    for (int i = 1; i <= NODES; i++) {
      awaitUp(i);
    }
  }

  /** All at the same time; those that start are known, also when another does not. */
  private void startNodes() throws IOException, InterruptedException {
    ExecutorService starters = Executors.newFixedThreadPool(NODES);
    List<Future<ServerProcess>> starting = new ArrayList<>();
    for (int i = 1; i <= NODES; i++) {
      int number = i;
      starting.add(starters.submit(() -> startNode(number, 0)));
    }
    starters.shutdown();
    IOException failed = null;
    for (Future<ServerProcess> node : starting) {
      try {
        nodes.add(node.get());
      } catch (ExecutionException e) {
        failed = new IOException(e.getCause());
      }
    }
    if (failed != null) {
      throw failed;
    }
  }

  private ServerProcess startNode(int number, int where) throws IOException {
    return ServerProcess.start(
        List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
        Demo.class,
        List.of("--port", Integer.toString(where), "--trusted-proxy", "127.0.0.1"),
        // All clients have one address.
        Map.of(
            "ROOMCAST_REDIS",
            store.url(),
            "ROOMCAST_LIMITS_CONNECTIONS_PER_ADDRESS",
            "0",
            "ROOMCAST_LIMITS_HANDSHAKES_PER_SECOND_PER_ADDRESS",
            "0",
            "ROOMCAST_LIMITS_DRAIN",
            drain.toMillis() + "ms"),
        folder.resolve("node-" + number + ".log").toFile());
  }

  private Process startHaproxy(Path configuration) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(HAPROXY, "-db", "-f", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haproxy.log").toFile());
    Map<String, String> environment = builder.environment();
    environment.put("ROOMCAST_BIND", "127.0.0.1:" + port);
    environment.put("ROOMCAST_STATS_BIND", "127.0.0.1:" + statsPort);
    for (int i = 1; i <= NODES; i++) {
      environment.put("ROOMCAST_NODE_" + i, URI.create(nodes.get(i - 1).url()).getAuthority());
    }
    return builder.start();
  }

  /** Waits until HAProxy sends new connections to a node. */
  private void awaitUp(int number) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!isUp(number)) {
      Process process = haproxy;
      if (System.nanoTime() > deadline || process == null || !process.isAlive()) {
        throw new IOException(
            "HAProxy does not find node " + number + ", see " + folder.resolve("haproxy.log"));
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  private boolean isUp(int number) throws InterruptedException {
    try {
      return get("http://127.0.0.1:" + statsPort + "/metrics")
              .body()
              .lines()
              .anyMatch(
                  line ->
                      line.startsWith("haproxy_server_check_status{")
                          && line.contains("server=\"node" + number + "\"")
                          && line.contains("state=\"L7OK\"")
                          && line.endsWith(" 1"))
          && get(nodes.get(number - 1).url() + "/health/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** What HAProxy answers to a path, which the nodes behind it serve. */
  HttpResponse<String> ask(String path) throws IOException, InterruptedException {
    return get("http://127.0.0.1:" + port + path);
  }

  /** Where clients connect. */
  URI url() {
    return URI.create("ws://127.0.0.1:" + port + "/chat");
  }

  /** Ends a node with SIGTERM, starts it anew where it was, and waits until it gets clients. */
  void restart(int number) throws IOException, InterruptedException {
    ServerProcess before = nodes.get(number - 1);
    before.close();
    int code = before.process().waitFor();
    if (code != 0) {
      throw new IOException("node " + number + " ended its drain with code " + code);
    }
    nodes.set(number - 1, startNode(number, URI.create(before.url()).getPort()));
    awaitUp(number);
  }

  /** The Redis that the nodes share. */
  Store store() {
    return store;
  }

  private void end() {
    Process process = haproxy;
    if (process != null) {
      process.destroy();
    }
    nodes.forEach(node -> node.process().destroyForcibly());
    store.close();
  }

  /** Ends all at once. */
  @Override
  public void close() {
    end();
  }
}
