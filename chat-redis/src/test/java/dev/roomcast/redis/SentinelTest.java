package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.texts;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Position;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A master that Sentinels know, and which may be another one at any time. */
class SentinelTest {

  private static TestRedis sentinel(TestRedis master, int quorum) throws Exception {
    return TestRedis.sentinel(
        """
        sentinel monitor main 127.0.0.1 %d %d
        sentinel down-after-milliseconds main 300
        sentinel failover-timeout main 2000
        """
            .formatted(master.port(), quorum));
  }

  private static RedisOptions options(TestRedis redis, TestRedis... sentinels) {
    String hosts =
        String.join(",", List.of(sentinels).stream().map(s -> "127.0.0.1:" + s.port()).toList());
    return RedisOptions.of("redis-sentinel://" + hosts + "/main")
        .namespace(redis.options().namespace())
        .timeout(Duration.ofMillis(500));
  }

  @Test
  void aFailoverIsFollowedWithANewEpochAndLosesNothingThatTheReplicaHad() throws Exception {
    try (TestRedis one = TestRedis.own();
        TestRedis two = TestRedis.own("--replicaof", "127.0.0.1", "" + one.port())) {
      until(() -> two.info("replication").contains("master_link_status:up"));
      try (TestRedis first = sentinel(one, 2);
          TestRedis second = sentinel(one, 2);
          TestRedis third = sentinel(one, 2);
          Heard node = Heard.start("a", options(one, first, second, third))) {
        until(() -> first.cli("SENTINEL", "CKQUORUM", "main").startsWith("OK 3"));
        until(() -> first.cli("SENTINEL", "REPLICAS", "main").contains("" + two.port()));
        get(node.backend.broker().subscribe("r", HistoryQuery.position()));
        Position last = get(node.backend.broker().publish("r", draft("x"))).position();
        until(
            () ->
                one.info("replication").contains("lag=0") && one.cli("WAIT", "1", "9").equals("1"));
        one.kill();
        until(() -> two.info("replication").contains("role:master"));
        node.untilReady();
        until(() -> node.gaps.contains("r"));
        Position next = get(node.backend.broker().publish("r", draft("y"))).position();
        assertEquals(2, next.offset());
        assertNotEquals(last.epoch(), next.epoch());
        assertEquals(List.of("x", "y"), texts(node.log("r")));
        until(() -> texts(node.publications).equals(List.of("x", "y")));
      }
    }
  }

  @Test
  void aMasterThatIsReplacedThoughItCanStillBeReachedIsLeft() throws Exception {
    try (TestRedis old = TestRedis.own();
        TestRedis other = TestRedis.own();
        TestRedis sentinel = sentinel(old, 1);
        Logged log = Logged.now();
        Heard node = Heard.start("a", options(old, sentinel))) {
      get(node.backend.broker().publish("r", draft("x")));
      sentinel.cli("SENTINEL", "REMOVE", "main");
      sentinel.cli("SENTINEL", "MONITOR", "main", "127.0.0.1", "" + other.port(), "1");
      log.until("the master is 127.0.0.1:" + other.port() + " by now");
      until(() -> other.cli("CLIENT", "LIST").contains("name=roomcast-delivery-a "));
      node.untilReady();
      get(node.backend.broker().subscribe("r", HistoryQuery.position()));
      assertEquals(1, get(node.backend.broker().publish("r", draft("y"))).position().offset());
      until(() -> texts(node.publications).equals(List.of("y")));
    }
  }

  @Test
  void aReplicaASentinelAndAnUnknownNameAreToldAsThat() throws Exception {
    try (TestRedis one = TestRedis.own();
        TestRedis two = TestRedis.own("--replicaof", "127.0.0.1", "" + one.port());
        TestRedis sentinel = sentinel(one, 1);
        Logged log = Logged.now();
        Heard ofReplica = Heard.startAnyway("a", two.options());
        Heard ofSentinel = Heard.startAnyway("b", sentinel.options());
        Heard unknown =
            Heard.startAnyway(
                "c", RedisOptions.of("redis-sentinel://127.0.0.1:" + sentinel.port() + "/other"))) {
      log.until("this server is a replica of 127.0.0.1:" + one.port());
      log.until("this is a Sentinel: redis-sentinel://127.0.0.1:" + sentinel.port());
      log.until("No such master with that name");
      assertEquals(
          0,
          ofReplica.publications.size()
              + ofSentinel.publications.size()
              + unknown.publications.size());
    }
  }

  @Test
  void oneSentinelThatAnswersIsEnough() throws Exception {
    try (TestRedis one = TestRedis.own();
        TestRedis sentinel = sentinel(one, 1);
        TestRedis dead = TestRedis.down();
        Heard node = Heard.start("a", options(one, dead, sentinel))) {
      assertEquals(1, get(node.backend.broker().publish("r", draft("x"))).position().offset());
    }
  }
}
