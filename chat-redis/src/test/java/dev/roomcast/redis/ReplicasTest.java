package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.texts;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.User;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is acknowledged only when replicas have it. */
class ReplicasTest {

  private static final User ANN = new User("ann", "Ann");

  private static TestRedis replicaOf(TestRedis master) throws Exception {
    TestRedis replica = TestRedis.own("--replicaof", "127.0.0.1", "" + master.port());
    until(() -> replica.info("replication").contains("master_link_status:up"));
    return replica;
  }

  /** Something was logged and announced, and the server waits for its replicas. */
  private static void untilWaiting(TestRedis master, String node) {
    until(
        () ->
            master
                .cli("CLIENT", "LIST")
                .lines()
                .anyMatch(
                    c -> c.contains("roomcast-log-" + node) && c.matches(".* flags=\\w*b.*")));
  }

  private static CompletableFuture<Ack> publish(Heard node, String text, String key) {
    return node.backend.broker().publish("r", draft(text, key)).toCompletableFuture();
  }

  @Test
  void anAckComesWhenTheReplicaHasTheMessageAndNothingElseWaitsForIt() throws Exception {
    try (TestRedis master = TestRedis.own();
        TestRedis replica = replicaOf(master);
        Heard node = Heard.start("a", master.options().waitReplicas(1))) {
      get(node.backend.broker().subscribe("r", HistoryQuery.position()));
      assertEquals(1, get(publish(node, "x", "1")).position().offset());
      replica.pause();
      CompletableFuture<Ack> ack = publish(node, "y", "2");
      until(() -> texts(node.publications).equals(List.of("x", "y")));
      untilWaiting(master, "a");
      get(node.backend.rooms().join("r", "s", ANN));
      assertEquals(
          2, get(node.backend.broker().history("r", HistoryQuery.position())).top().offset());
      assertFalse(ack.isDone());
      replica.resume();
      assertEquals(2, get(ack).position().offset());
      until(() -> replica.cli("LLEN", logKey(node)).equals("2"));
    }
  }

  private static String logKey(Heard node) {
    String namespace = node.backend.description().replaceFirst(".*\\((.*)\\)", "$1");
    return new Keys(namespace).log("r");
  }

  @Test
  void whatTooFewReplicasHaveIsUnavailableAndLoggedOnceWhenSentAgain() throws Exception {
    try (TestRedis master = TestRedis.own();
        TestRedis replica = replicaOf(master);
        Logged log = Logged.now();
        Heard node =
            Heard.start("a", master.options().waitReplicas(1).timeout(Duration.ofMillis(400)))) {
      replica.pause();
      CompletableFuture<Ack> ack = publish(node, "x", "1");
      ChatException failure = assertThrows(ChatException.class, () -> get(ack));
      assertEquals(ErrorCode.UNAVAILABLE, failure.code());
      assertTrue(String.valueOf(failure.getMessage()).contains("send again with the same key"));
      assertEquals(1, node.tooFewReplicas.get());
      log.until("messages could not be acknowledged");
      assertTrue(log.with("0 of 1 replicas had it within 200 ms").get(0).contains("wait-replicas"));
      long before = System.nanoTime();
      assertThrows(ChatException.class, () -> get(publish(node, "y", "2")));
      long waited = (System.nanoTime() - before) / 1_000_000;
      assertTrue(waited < 2_500, "nobody waits for what has been lacking for long: " + waited);
      assertEquals(1, log.with("messages could not be acknowledged").size());
      replica.resume();
      until(() -> master.cli("WAIT", "1", "100").equals("1"));
      Ack again = get(publish(node, "x", "1"));
      assertTrue(again.duplicate());
      assertEquals(1, again.position().offset());
      assertEquals(List.of("x", "y"), texts(node.log("r")));
    }
  }

  @Test
  void whatGathersMeanwhileWaitsForTheReplicasTogether() throws Exception {
    try (TestRedis master = TestRedis.own();
        TestRedis replica = replicaOf(master);
        Heard node =
            Heard.start("a", master.options().waitReplicas(1).timeout(Duration.ofSeconds(10)))) {
      replica.pause();
      List<CompletableFuture<Ack>> acks = new ArrayList<>();
      acks.add(publish(node, "x", "first"));
      untilWaiting(master, "a");
      for (int i = 0; i < 20; i++) {
        acks.add(node.backend.broker().publish("room" + i, draft("x")).toCompletableFuture());
        // There and back on the other connection: what is to be written by now is written.
        get(node.backend.rooms().count("r"));
      }
      replica.resume();
      acks.forEach(Heard::get);
      String calls = Replies.field(master.info("commandstats"), "cmdstat_wait");
      assertTrue(calls.matches("calls=[23],.*"), "questions for 21 rooms: " + calls);
    }
  }

  /** What was on its way when its master was killed is in the log of the next one, once. */
  @Test
  void aMessageThatNoReplicaHadIsNotAcknowledgedByTheMasterThatIsKilled() throws Exception {
    try (TestRedis one = TestRedis.own();
        TestRedis two = replicaOf(one);
        TestRedis three = TestRedis.own();
        TestRedis sentinel =
            TestRedis.sentinel(
                """
                sentinel monitor main 127.0.0.1 %d 1
                sentinel down-after-milliseconds main 300
                sentinel failover-timeout main 2000
                """
                    .formatted(one.port()));
        Heard node =
            Heard.start(
                "a",
                RedisOptions.of("redis-sentinel://127.0.0.1:" + sentinel.port() + "/main")
                    .namespace(one.options().namespace())
                    .timeout(Duration.ofSeconds(1))
                    .waitReplicas(1))) {
      until(() -> sentinel.cli("SENTINEL", "REPLICAS", "main").contains("" + two.port()));
      get(node.backend.broker().subscribe("r", HistoryQuery.position()));
      Map<String, Long> acked = new HashMap<>();
      for (int i = 0; i < 20; i++) {
        acked.put("a" + i, get(publish(node, "a" + i, "a" + i)).position().offset());
      }
      two.pause();
      one.cli("SET", "filler", "x".repeat(30_000_000));
      CompletableFuture<Ack> ack = publish(node, "b", "b");
      untilWaiting(one, "a");
      assertFalse(ack.isDone());
      one.kill();
      two.resume();
      until(() -> two.info("replication").contains("role:master"));
      three.cli("REPLICAOF", "127.0.0.1", "" + two.port());
      until(() -> two.cli("WAIT", "1", "100").equals("1"));
      node.untilReady();
      until(
          () -> {
            CompletableFuture<Ack> again = publish(node, "b", "b");
            return again.handle((done, failure) -> failure == null).get();
          });
      List<String> texts = texts(node.log("r"));
      acked.forEach((text, offset) -> assertEquals(text, texts.get((int) (offset - 1))));
      assertEquals(1, texts.stream().filter("b"::equals).count());
      assertEquals(21, texts.size());
    }
  }

  @Test
  void allOfTheContractHoldsForABatchThatIsSentAgain() throws Exception {
    try (TestRedis master = TestRedis.own();
        TestRedis replica = replicaOf(master);
        Heard node =
            Heard.start("a", master.options().waitReplicas(1).timeout(Duration.ofMillis(500)))) {
      List<CompletableFuture<Ack>> acks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 50; j++) {
          acks.add(node.backend.broker().publish("r", draft(i + "-" + j)).toCompletableFuture());
        }
        until(() -> acks.get(acks.size() - 40).isDone());
        master.cli("CLIENT", "KILL", "TYPE", "normal");
      }
      List<Long> offsets = acks.stream().map(ack -> get(ack).position().offset()).toList();
      assertEquals(IntStream.rangeClosed(1, 500).mapToObj(Long::valueOf).toList(), offsets);
      node.untilReady();
      assertEquals(500, node.log("r").size());
      assertEquals("500", replica.cli("LLEN", logKey(node)));
    }
  }

  @Test
  void aUserNeedsOneCommandMoreAndItsLackIsTold() throws Exception {
    try (TestRedis master = TestRedis.own();
        TestRedis replica = replicaOf(master)) {
      master.addUser("fit", "+wait");
      master.addUser("unfit", "");
      RedisOptions options = master.options();
      try (Logged log = Logged.now();
          Heard node = Heard.start("a", as("fit", master, options))) {
        assertEquals(1, get(publish(node, "x", "1")).position().offset());
        assertEquals(List.of(), log.with("may not"));
        assertEquals(List.of(), log.with("follow this server"));
      }
      try (Logged log = Logged.now();
          Heard node = Heard.start("b", as("unfit", master, options))) {
        assertThrows(ChatException.class, () -> get(publish(node, "y", "2")));
        log.until("What it needs is in ACL.md");
        assertTrue(log.with("messages could not be").get(0).contains("'wait'"));
      }
      assertEquals("2", master.cli("LLEN", new Keys(options.namespace()).log("r")));
      assertTrue(replica.info("replication").contains("role:slave"));
    }
  }

  private static RedisOptions as(String user, TestRedis redis, RedisOptions options) {
    return RedisOptions.of(redis.url().replace("redis://", "redis://" + user + ":secret@"))
        .namespace(options.namespace())
        .waitReplicas(1);
  }

  @Test
  void aServerWithTooFewReplicasIsToldWhenANodeStarts() throws Exception {
    try (TestRedis master = TestRedis.own();
        Logged log = Logged.now();
        Heard node = Heard.start("a", master.options().waitReplicas(2))) {
      log.until("wait-replicas is 2, and 0 follow this server");
      assertEquals(0, node.tooFewReplicas.get());
    }
  }
}
