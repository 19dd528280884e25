package dev.roomcast.redis;

import dev.roomcast.examples.redis.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import redis.clients.jedis.CommandArguments;

/**
 * A Redis for a test: the one that {@code REDIS_URL} names, or a server of its own, which the test
 * may stop, kill, pause and start again.
 *
 * <p>Where there is none the test is skipped, with a line that says so; {@code
 * -Droomcast.require=redis} turns that into a failure. Confined to the test's thread.
 */
public final class TestRedis implements AutoCloseable {

  private final String url;
  private final @Nullable RedisProcess process;

  private TestRedis(String url, @Nullable RedisProcess process) {
    this.url = url;
    this.process = process;
  }

  /** Returns any Redis, shared with others: use a namespace of your own, see {@link #options}. */
  public static TestRedis any() throws IOException, InterruptedException {
    String given = System.getenv("REDIS_URL");
    return given == null || given.isEmpty() ? own() : new TestRedis(given, null);
  }

  /** Starts a server for this test only, without persistence unless the arguments say so. */
  public static TestRedis own(String... arguments) throws IOException, InterruptedException {
    TestRedis redis = down(arguments);
    redis.start();
    return redis;
  }

  /** Prepares a server for this test only that does not run yet. */
  public static TestRedis down(String... arguments) throws IOException {
    if (!RedisProcess.available()) {
      String skipped = "skipped: no redis-server on the PATH, and none bundled for this system";
      System.out.println(skipped);
      if (System.getProperty("roomcast.require", "").contains("redis")) {
        throw new AssertionError(skipped);
      }
      Assumptions.abort(skipped);
    }
    List<String> line = new ArrayList<>(List.of("--save", ""));
    line.addAll(List.of(arguments));
    RedisProcess process =
        RedisProcess.prepare(Files.createTempDirectory("roomcast-redis"), "", line);
    return new TestRedis(process.toString(), process);
  }

  public String url() {
    return url;
  }

  /** Options with a namespace that nobody else has. */
  public RedisOptions options() {
    return RedisOptions.of(url).namespace("test:" + UUID.randomUUID());
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

  private RedisProcess process() {
    return Objects.requireNonNull(process, "this Redis is not ours");
  }

  /** Starts the server, again or for the first time, and waits until it answers. */
  public void start() throws IOException, InterruptedException {
    process().start();
  }

  /** Ends the server as a crash does. */
  public void kill() throws InterruptedException {
    process().kill();
  }

  /** Stops the server from doing anything, its connections stay. */
  public void pause() throws IOException, InterruptedException {
    process().pause();
  }

  /** Ends a pause. */
  public void resume() throws IOException, InterruptedException {
    process().resume();
  }

  /** The folder with the server's files. */
  public Path folder() {
    return process().folder();
  }

  @Override
  public void close() throws IOException {
    if (process == null) {
      return;
    }
    try {
      process.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(process.folder())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
