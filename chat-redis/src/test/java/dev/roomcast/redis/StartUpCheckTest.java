package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is said of a server that is not set up for what is promised. */
class StartUpCheckTest {

  private static final RedisOptions OPTIONS = RedisOptions.of("redis://localhost");
  private static final String SAFE = "maxmemory:1000\r\nmaxmemory_policy:noeviction\r\n";
  private static final String AOF = "loading:0\r\naof_enabled:1\r\n";

  private static StartUpCheck.Facts facts(
      String version, boolean local, String memory, String disk, @Nullable String snapshots) {
    return new StartUpCheck.Facts(version, local, false, memory, disk, snapshots, "", List.of(), 0);
  }

  private static void assertFinds(StartUpCheck.Facts facts, String... parts) {
    List<String> findings = StartUpCheck.findings(facts, OPTIONS);
    assertEquals(parts.length, findings.size(), findings.toString());
    for (int i = 0; i < parts.length; i++) {
      assertTrue(findings.get(i).contains(parts[i]), findings.get(i));
    }
  }

  @Test
  void aServerThatIsSetUpWellIsNotTalkedAbout() {
    assertFinds(facts("6.2.6", true, SAFE, AOF, ""));
    assertFinds(facts("10.0.1", true, "", AOF, null));
    assertFinds(
        new StartUpCheck.Facts("8.0.0", false, true, SAFE, AOF, "3600 1", "", List.of(), 0));
  }

  @Test
  void eachFaultIsOneFindingThatSaysWhatToSet() {
    String evicts = "maxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\n";
    assertFinds(facts("7.0.0", true, evicts, AOF, ""), "Set maxmemory-policy noeviction");
    String never = "maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n";
    assertFinds(facts("7.0.0", true, never, AOF, ""));
    String off = "aof_enabled:0\r\n";
    assertFinds(facts("7.0.0", true, SAFE, off, ""), "keeps nothing on disk");
    assertFinds(facts("7.0.0", true, SAFE, off, "3600 1"), "since the last one is gone");
    assertFinds(facts("7.0.0", false, SAFE, AOF, ""), "asks for no password");
    assertFinds(facts("6.0.16", true, SAFE, AOF, ""), "Use 6.2 or later");
    assertFinds(
        facts("5.0.1", false, evicts, off, null),
        "noeviction",
        "appendonly yes",
        "no password",
        "Redis 5.0.1");
  }

  @Test
  void aRealServerIsLookedAtOncePerNode() throws Exception {
    try (TestRedis redis = TestRedis.own("--maxmemory", "100mb");
        Logged log = Logged.now()) {
      redis.cli("CONFIG", "SET", "maxmemory-policy", "volatile-lru");
      try (Heard node = Heard.start("a", redis.options())) {
        log.until("maxmemory-policy volatile-lru");
        log.until("keeps nothing on disk");
        redis.cli("CLIENT", "KILL", "TYPE", "normal");
        node.untilReady();
        assertEquals(1, log.with("keeps nothing on disk").size());
        assertEquals(List.of(), log.with("no password"));
        assertEquals(List.of(), log.with("may not run"));
      }
      redis.cli("CONFIG", "SET", "save", "3600 1");
      try (Heard node = Heard.start("b", redis.options())) {
        log.until("since the last one is gone");
        node.untilReady();
      }
    }
  }

  @Test
  void anotherApplicationInTheNamespaceIsTold() throws Exception {
    try (TestRedis redis = TestRedis.own();
        Logged log = Logged.now()) {
      RedisOptions options = redis.options();
      for (RedisOptions ours :
          List.of(options, options.application("shop"), options.application("shop"))) {
        try (Heard node = Heard.start("a", ours)) {
          String owner = new Keys(options.namespace()).owner();
          Heard.until(() -> redis.cli("GET", owner).equals(ours.application()));
          node.untilReady();
        }
      }
      assertEquals(List.of(), log.with("in use by"));
      try (Heard node = Heard.start("b", options.application("blog"))) {
        log.until("in use by the application \"shop\", and this is \"blog\"");
        node.untilReady();
      }
      try (Heard node = Heard.start("c", options)) {
        log.until("in use by the application \"shop\", and this is one without a name");
        node.untilReady();
      }
    }
  }
}
