package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Users of Redis, their passwords and permissions, and what the log says when they do not do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {

  private TestRedis redis;
  private Path socket;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    socket = folder.resolve("redis.sock");
    redis = TestRedis.own("--unixsocket", socket.toString());
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  private RedisOptions as(String user, String password) {
    String url = redis.url().replace("redis://", "redis://" + user + ":" + password + "@");
    return RedisOptions.of(url).namespace(redis.options().namespace());
  }

  private static void use(Heard node) {
    get(node.backend.broker().subscribe("r", dev.roomcast.chat.HistoryQuery.position()));
    get(node.backend.broker().publish("r", draft("x", "key")));
    Heard.until(() -> node.publications.size() == 1);
  }

  @Test
  void theListOfPermissionsIsWhatTheScriptsAndTheCodeCall() throws Exception {
    Set<String> listed =
        Stream.of(TestRedis.leastRules().split("\\s+"))
            .filter(rule -> rule.startsWith("+"))
            .map(rule -> rule.substring(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(called()), listed);
  }

  private static Set<String> called() throws IOException, URISyntaxException {
    Set<String> called =
        new TreeSet<>(
            Set.of(
                "hello",
                "select",
                "ping",
                "info",
                "script|load",
                "evalsha",
                "eval",
                "publish",
                "subscribe",
                "unsubscribe",
                "srandmember",
                "zrandmember"));
    for (Script script : Script.values()) {
      Matcher call =
          Pattern.compile("redis\\.call\\(\\s*'([A-Z]+)'|\\btry\\('([A-Z]+)'")
              .matcher(script.text(false).source());
      while (call.find()) {
        called.add(call.group(call.group(1) == null ? 2 : 1).toLowerCase(Locale.ROOT));
      }
    }
    return called;
  }

  @Test
  void everyCommandOfTheScriptsIsLookedAtWhenANodeStarts() {
    Set<String> tried = new TreeSet<>();
    Matcher matcher =
        Pattern.compile("\\btry\\('([A-Z]+)'").matcher(Script.PERMISSIONS.text(false).source());
    while (matcher.find()) {
      tried.add(matcher.group(1));
    }
    for (Script script : Script.values()) {
      Matcher call =
          Pattern.compile("redis\\.call\\(\\s*'([A-Z]+)'").matcher(script.text(false).source());
      while (call.find()) {
        assertTrue(tried.contains(call.group(1)), call.group(1));
      }
    }
  }

  @Test
  void whoMayDoWhatIsListedNeedsNothingElse() throws Exception {
    redis.addUser("fit", "");
    try (Logged log = Logged.now();
        Heard node = Heard.start("a", as("fit", "secret"))) {
      use(node);
      assertEquals(java.util.List.of(), log.with("may not"));
    }
  }

  @Test
  void aMissingCommandOfAScriptIsNamedWhenANodeStarts() throws Exception {
    redis.addUser("poor", "-zadd -lset");
    try (Logged log = Logged.now();
        Heard node = Heard.start("a", as("poor", "secret"))) {
      log.until("the Redis user poor may not run LSET, ZADD on the keys test:");
      node.backend
          .broker()
          .publish("r", draft("x"))
          .toCompletableFuture()
          .handle((a, f) -> a)
          .join();
      log.until("What it needs is in ACL.md");
    }
  }

  @Test
  void aMissingCommandIsNamedAndMayBeGrantedLater() throws Exception {
    redis.addUser("deaf", "-subscribe");
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", as("deaf", "secret"))) {
      log.until("channels cannot be subscribed to");
      assertTrue(log.with("channels cannot be subscribed to").get(0).contains("'subscribe'"));
      redis.cli("ACL", "SETUSER", "deaf", "+subscribe");
      node.untilReady();
      use(node);
    }
    redis.addUser("mute", "-script");
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", as("mute", "secret"))) {
      log.until("no connection to redis://");
      String line = log.with("no connection to redis://").get(0);
      assertTrue(line.contains("'script|load'") || line.contains("'script'"), line);
      assertTrue(line.contains("What it needs is in ACL.md"), line);
      redis.cli("ACL", "SETUSER", "mute", "+script|load");
      node.untilReady();
    }
  }

  @Test
  void theNamespaceIsAllThatAUserMayTouch() throws Exception {
    redis.addUser("other", "resetkeys ~other:* resetchannels &other:*");
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", as("other", "secret"))) {
      log.until("channels cannot be subscribed to");
      log.until("may not run anything on the keys test:");
      assertEquals(0, node.publications.size());
    }
  }

  @Test
  void aWrongPasswordIsToldAndOneInAFileIsReadAgain(@TempDir Path folder) throws Exception {
    redis.addUser("filed", "resetpass >right");
    Path file = Files.writeString(folder.resolve("password"), "wrong\n");
    RedisOptions options = as("filed", "ignored").passwordFile(file);
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", options)) {
      log.until("the user or the password is wrong");
      assertEquals(java.util.List.of(), log.with("ignored"));
      Files.writeString(file, "right\n");
      node.untilReady();
      // The password is changed while the node runs.
      redis.cli("ACL", "SETUSER", "filed", "resetpass", ">next");
      redis.cli("CLIENT", "KILL", "USER", "filed");
      Heard.until(() -> log.with("the user or the password is wrong").size() >= 3);
      Files.delete(file);
      log.until("A file that the options name is not there");
      Files.writeString(file, "next");
      node.untilReady();
      use(node);
    }
  }

  @Test
  void aServerThatWantsAPasswordSaysSo() throws Exception {
    try (TestRedis closed = TestRedis.own()) {
      closed.addUser("admin", "+@all ~* &*");
      closed.cli("ACL", "SETUSER", "default", "off");
      try (Logged log = Logged.now();
          Heard node = Heard.startAnyway("a", RedisOptions.of(closed.url()))) {
        log.until("Redis wants a password");
        assertEquals(0, node.publications.size());
      }
    }
  }

  @Test
  void aUnixSocketIsAsGoodAsAHost() throws Exception {
    RedisOptions options =
        RedisOptions.of("unix://" + socket + "?database=2")
            .namespace(redis.options().namespace())
            .timeout(java.time.Duration.ofMillis(500));
    try (Heard node = Heard.start("a", options)) {
      use(node);
      String big = "x".repeat(1_000_000);
      assertEquals(2, get(node.backend.broker().publish("r", draft(big))).position().offset());
      Heard.until(() -> node.publications.size() == 2);
      redis.pause();
      Heard.until(() -> !node.connected.get());
      redis.resume();
      node.untilReady();
      assertEquals(3, get(node.backend.broker().publish("r", draft("z"))).position().offset());
      assertEquals(
          0, Integer.parseInt(redis.cli("EXISTS", new Keys(options.namespace()).log("r"))));
    }
  }

  @Test
  void connectionsAreNamedByTheirNode() throws Exception {
    try (Heard node = Heard.start("n 1\u00e9", redis.options())) {
      use(node);
      Set<String> names =
          Arrays.stream(redis.cli("CLIENT", "LIST").split("\n"))
              .map(line -> line.replaceAll(".* name=(\\S*) .*", "$1"))
              .filter(name -> name.contains("n_1"))
              .collect(Collectors.toSet());
      assertEquals(Set.of("roomcast-redis-n_1_", "roomcast-delivery-n_1_"), names);
    }
  }
}
