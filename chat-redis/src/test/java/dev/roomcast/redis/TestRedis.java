package dev.roomcast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import redis.clients.jedis.CommandArguments;

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
    Path folder = Files.createTempDirectory("roomcast-redis");
    if (!isOnPath("redis-server") && !unpackBundled(folder)) {
      String skipped = "skipped: no redis-server on the PATH, and none bundled for this system";
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
    return new TestRedis(null, List.of(arguments), folder, port);
  }

  /** Puts the server that a test dependency brings along into the folder. */
  private static boolean unpackBundled(Path folder) throws IOException {
    String system =
        (System.getProperty("os.name") + " " + System.getProperty("os.arch"))
            .toLowerCase(Locale.ROOT);
    String name =
        switch (system) {
          case "linux amd64" -> "redis-server-6.2.6-v5-linux-amd64";
          case "linux aarch64" -> "redis-server-6.2.7-linux-arm64";
          case "mac os x x86_64" -> "redis-server-6.2.6-v5-darwin-amd64";
          case "mac os x aarch64" -> "redis-server-6.2.6-v5-darwin-arm64";
          default -> "none for " + system;
        };
    try (InputStream in = TestRedis.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        return false;
      }
      Path program = folder.resolve("redis-server");
      Files.copy(in, program);
      return program.toFile().setExecutable(true);
    }
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
    Path dir = Objects.requireNonNull(folder);
    Path bundled = dir.resolve("redis-server");
    List<String> command =
        new ArrayList<>(
            List.of(
                Files.exists(bundled) ? bundled.toString() : "redis-server",
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

  /** Sends a command on a connection of its own, and returns the answer, a line per item. */
  public String cli(String command, String... arguments) throws IOException {
    try (RedisConnection connection = RedisConnection.open(options(), "test")) {
      CommandArguments line = new CommandArguments(() -> command.getBytes(StandardCharsets.UTF_8));
      for (String argument : arguments) {
        line.add(argument);
      }
      connection.write(line);
      connection.flush();
      return connection.read() instanceof RedisConnection.Incoming.Reply reply
          ? text(reply.value())
          : "error";
    }
  }

  private static String text(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(TestRedis::text).collect(Collectors.joining("\n"));
    }
    return value instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(value);
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
    long pid = Objects.requireNonNull(process).pid();
    new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor();
  }

  /** The folder with the server's files. */
  public Path folder() {
    return Objects.requireNonNull(folder);
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
