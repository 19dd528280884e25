package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.User;
import dev.roomcast.examples.redis.RedisCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who Roomcast is on a Redis Cluster, and what the log says when the URL is of the wrong kind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShardAccessTest {

  private TestRedisCluster redis;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    redis = TestRedisCluster.start(3, 0);
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  private static List<String> rules() throws IOException {
    List<String> rules = new ArrayList<>(List.of("ACL", "SETUSER", "least"));
    rules.addAll(List.of(TestRedis.leastRules().replace("prod:shop:", "test:").split("\\s+")));
    Matcher more =
        Pattern.compile("ACL SETUSER shop (\\+asking [^\n]*)")
            .matcher(Files.readString(Path.of("ACL.md")));
    assertTrue(more.find());
    rules.addAll(List.of(more.group(1).split(" ")));
    return rules;
  }

  @Test
  void whoMayDoWhatIsListedNeedsNothingElse() throws Exception {
    for (RedisCluster.Member member : redis.cluster().members()) {
      assertEquals("OK", member.ask(rules().toArray(String[]::new)));
    }
    String url = redis.cluster().url().replace("redis://", "redis://least:secret@");
    RedisOptions options = RedisOptions.of(url).namespace(redis.options().namespace());
    User ann = new User("ann", "Ann");
    try (Logged log = Logged.now();
        Heard node = Heard.start("a", options)) {
      for (String room : List.of("one", "two", "three", "four")) {
        get(node.backend.broker().subscribe(room, HistoryQuery.position()));
        get(node.backend.rooms().join(room, "s", ann));
        get(node.backend.broker().publish(room, draft("x", "key")));
        get(node.backend.rooms().leave(room, "s", ann));
      }
      get(node.backend.state().open("s", ann, "hash"));
      get(node.backend.state().takeOver("s", "hash", "other"));
      assertEquals(1, get(node.backend.state().sessions("ann")).size());
      get(node.backend.state().lease(Duration.ofSeconds(5)));
      get(node.backend.state().forget("a"));
      get(node.backend.rooms().rooms("", 10));
      node.backend.broker().unsubscribe("one");
      until(() -> node.publications.size() == 4);
      assertEquals(List.of(), log.with("may not"));
      assertEquals(List.of(), log.with("NOPERM"));
    }
  }

  @Test
  void aMemberThatIsUsedAsOneServerIsToldAsThat() throws Exception {
    int port = redis.cluster().members().get(0).process().port();
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", RedisOptions.of("redis://127.0.0.1:" + port))) {
      log.until("this is a member of a Redis Cluster: redis-cluster://127.0.0.1:" + port);
      assertTrue(node.publications.isEmpty());
    }
  }

  @Test
  void aServerThatIsNoMemberIsToldAsThat() throws Exception {
    try (TestRedis one = TestRedis.own();
        Logged log = Logged.now();
        Heard node =
            Heard.startAnyway("a", RedisOptions.of("redis-cluster://127.0.0.1:" + one.port()))) {
      log.until("cluster support disabled");
      assertTrue(node.publications.isEmpty());
    }
  }

  @Test
  void aClusterOfAnOldRedisIsRefusedWithTheReason() throws Exception {
    try (TestRedis old = TestRedis.bundled("--cluster-enabled", "yes")) {
      String[] slots = IntStream.range(0, 16_384).mapToObj(i -> "" + i).toArray(String[]::new);
      List<String> add = new ArrayList<>(List.of("ADDSLOTS"));
      add.addAll(List.of(slots));
      assertEquals("OK", old.cli("CLUSTER", add.toArray(String[]::new)));
      until(() -> old.cli("CLUSTER", "INFO").contains("cluster_state:ok"));
      try (Logged log = Logged.now();
          Heard node =
              Heard.startAnyway("a", RedisOptions.of("redis-cluster://127.0.0.1:" + old.port()))) {
        log.until(
            "a Redis Cluster is used with sharded publish and subscribe, which Redis has from 7.0"
                + " on; this is 6.2.");
        assertTrue(node.publications.isEmpty());
      }
    }
  }
}
