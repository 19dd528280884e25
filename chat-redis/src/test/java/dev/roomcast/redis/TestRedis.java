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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

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
  private final String usedAs;

  private TestRedis(String url, @Nullable RedisProcess process, String usedAs) {
    this.url = url;
    this.process = process;
    this.usedAs = usedAs;
  }

  /**
   * Returns any Redis, shared with others: use a namespace of your own, see {@link #options}. One
   * of ours is used by a user who may do what ACL.md lists and nothing else.
   */
  public static TestRedis any() throws IOException, InterruptedException {
    String given = System.getenv("REDIS_URL");
    if (given != null && !given.isEmpty()) {
      return new TestRedis(given, null, given);
    }
    TestRedis redis = own();
    redis.addUser("least", "");
    return new TestRedis(
        redis.url, redis.process, redis.url.replace("redis://", "redis://least:secret@"));
  }

  /** Adds a user with the password "secret" as ACL.md has it, with some rules more. */
  void addUser(String name, String more) throws IOException {
    List<String> rules = new ArrayList<>(List.of("SETUSER", name));
    rules.addAll(List.of(leastRules().replace("prod:shop:", "test:").split("\\s+")));
    rules.addAll(List.of(more.split(" ")));
    rules.removeIf(String::isEmpty);
    if (!cli("ACL", rules.toArray(String[]::new)).equals("OK")) {
      throw new IllegalStateException("no valid rules: " + rules);
    }
  }

  /** The rules in ACL.md. */
  static String leastRules() throws IOException {
    Matcher rules =
        Pattern.compile("ACL SETUSER shop (.*?)\n\n", Pattern.DOTALL)
            .matcher(Files.readString(document()));
    if (!rules.find()) {
      throw new IllegalStateException("ACL.md has no rules");
    }
    return rules.group(1).replace(">PASSWORD", ">secret").strip();
  }

  /** Tests of other modules run in their own folders. */
  private static Path document() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("chat-redis/ACL.md"))) {
      folder = folder.getParent();
    }
    return Objects.requireNonNull(folder, "chat-redis/ACL.md").resolve("chat-redis/ACL.md");
  }

  /** Starts a server for this test only, without persistence unless the arguments say so. */
  public static TestRedis own(String... arguments) throws IOException, InterruptedException {
    TestRedis redis = down(arguments);
    redis.start();
    return redis;
  }

  /** Starts a Sentinel with this configuration. */
  static TestRedis sentinel(String configuration) throws IOException, InterruptedException {
    requireServer();
    Path folder = Files.createTempDirectory("roomcast-sentinel");
    Path file = Files.writeString(folder.resolve("sentinel.conf"), configuration);
    RedisProcess process = RedisProcess.prepare(folder, "", List.of(file.toString(), "--sentinel"));
    process.start();
    return new TestRedis(process.toString(), process, process.toString());
  }

  /** Prepares a server for this test only that does not run yet. */
  public static TestRedis down(String... arguments) throws IOException {
    requireServer();
    List<String> line = new ArrayList<>(List.of("--save", ""));
    line.addAll(List.of(arguments));
    RedisProcess process =
        RedisProcess.prepare(Files.createTempDirectory("roomcast-redis"), "", line);
    return new TestRedis(process.toString(), process, process.toString());
  }

  /** Starts the bundled server, which is a 6.2, whatever is on the PATH. */
  static TestRedis bundled(String... arguments) throws IOException, InterruptedException {
    requireServer();
    List<String> line = new ArrayList<>(List.of("--save", ""));
    line.addAll(List.of(arguments));
    Path folder = Files.createTempDirectory("roomcast-redis");
    RedisProcess process = RedisProcess.prepareBundled(folder, line);
    process.start();
    return new TestRedis(process.toString(), process, process.toString());
  }

  private static void requireServer() {
    if (!RedisProcess.available()) {
      String skipped = "skipped: no redis-server on the PATH, and none bundled for this system";
      System.out.println(skipped);
      if (System.getProperty("roomcast.require", "").contains("redis")) {
        throw new AssertionError(skipped);
      }
      Assumptions.abort(skipped);
    }
  }

  public String url() {
    return url;
  }

  /** Options with a namespace that nobody else has. */
  public RedisOptions options() {
    return RedisOptions.of(usedAs).namespace("test:" + UUID.randomUUID());
  }

  /** Sends a command on a connection of its own, and returns the answer, a line per item. */
  public String cli(String command, String... arguments) throws IOException {
    RedisOptions options = RedisOptions.of(url);
    try (Resp resp = new Resp(Wire.open(options.hosts().get(0), options))) {
      String password = options.password();
      if (password != null) {
        String user = options.user();
        resp.ask(
            new CommandArguments(Command.AUTH).add(user == null ? "default" : user).add(password));
      }
      CommandArguments line = new CommandArguments(() -> command.getBytes(StandardCharsets.UTF_8));
      for (String argument : arguments) {
        line.add(argument);
      }
      return text(resp.ask(line));
    } catch (JedisException e) {
      return "error: " + e.getMessage();
    }
  }

  String info(String section) throws IOException {
    return cli("INFO", section);
  }

  int port() {
    return process().port();
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
