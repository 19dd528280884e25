package dev.roomcast.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A Redis for a test: the one that {@code REDIS_URL} names, or a server of its own on a free port
 * with its own folder, which the test may stop, kill, pause and start again.
 *
 * <p>Where there is none the test is skipped, with a line that says so; {@code
 * -Droomcast.require=redis} turns that into a failure. Confined to the test's thread.
 */
public final class TestRedis implements AutoCloseable {

  private final @Nullable String url;
  private final List<String> arguments;
  private final @Nullable Path folder;
  private final int port;
  private @Nullable Process process;

  private TestRedis(@Nullable String url, List<String> arguments, @Nullable Path folder, int port) {
    this.url = url;
    this.arguments = arguments;
    this.folder = folder;
    this.port = port;
  }

  /** Returns any Redis, shared with others: use a namespace of your own, see {@link #options}. */
  public static TestRedis any() throws IOException {
    String given = System.getenv("REDIS_URL");
    if (given != null && !given.isEmpty()) {
      return new TestRedis(given, List.of(), null, 0);
    }
    return own();
  }

  /** Starts a server for this test only, without persistence unless the arguments say so. */
  public static TestRedis own(String... arguments) throws IOException {
    TestRedis redis = down(arguments);
    redis.start();
    return redis;
  }

  /** Prepares a server for this test only that does not run yet. */
  public static TestRedis down(String... arguments) throws IOException {
    if (!isOnPath("redis-server")) {
      String skipped = "skipped: no redis-server on the PATH (tests of chat-redis)";
      System.out.println(skipped);
      if (System.getProperty("roomcast.require", "").contains("redis")) {
        throw new AssertionError(skipped);
      }
      Assumptions.abort(skipped);
    }
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path folder = Files.createTempDirectory("roomcast-redis");
    return new TestRedis(null, List.of(arguments), folder, port);
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
  }

  public String url() {
    return url == null ? "redis://127.0.0.1:" + port : url;
  }

  /** Options with a namespace that nobody else has. */
  public RedisOptions options() {
    return RedisOptions.of(url()).namespace("test:" + UUID.randomUUID());
  }

  /** Starts the server, again or for the first time, and waits until it answers. */
  public void start() throws IOException {
    Path dir = java.util.Objects.requireNonNull(folder);
    List<String> command =
        new ArrayList<>(
            List.of(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                dir.toString(),
                "--save",
                ""));
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
            .start();
    Awaitility.await().pollInterval(java.time.Duration.ofMillis(10)).until(this::answers);
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == '+';
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs a command of the server's own client, and returns what it printed. */
  public String cli(String... command) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
    all.addAll(List.of(command));
    Process cli = new ProcessBuilder(all).redirectErrorStream(true).start();
    String text = new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    cli.waitFor();
    return text.strip();
  }

  /** Ends the server as a crash does. */
  public void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  /** Stops the server from doing anything, its connections stay. */
  public void pause() throws IOException, InterruptedException {
    signal("-STOP");
  }

  /** Ends a pause. */
  public void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    long pid = java.util.Objects.requireNonNull(process).pid();
    new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor();
  }

  /** The folder with the server's files. */
  public Path folder() {
    return java.util.Objects.requireNonNull(folder);
  }

  @Override
  public void close() throws IOException {
    try {
      if (process != null) {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (folder != null) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
