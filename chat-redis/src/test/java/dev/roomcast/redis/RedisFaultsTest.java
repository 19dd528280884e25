package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.texts;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.Revision;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is kept when Redis, or the way to it, fails. */
class RedisFaultsTest {

  private static final Duration TIMEOUT = Duration.ofMillis(500);
  private static final User ANN = new User("ann", "Ann");

  private static ErrorCode failure(java.util.concurrent.CompletionStage<?> stage) {
    return assertThrows(ChatException.class, () -> get(stage)).code();
  }

  /** Publishes without pause, without keys, and remembers what was acknowledged where. */
  private static final class Load {
    final Map<String, Position> acked = new ConcurrentHashMap<>();
    final AtomicInteger failed = new AtomicInteger();
    final AtomicLong sent = new AtomicLong();
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final Semaphore window = new Semaphore(200);
    private final Thread thread;

    Load(Heard node, String prefix, String... rooms) {
      thread =
          new Thread(
              () -> {
                while (running.get()) {
                  window.acquireUninterruptibly();
                  long i = sent.getAndIncrement();
                  String text = prefix + i;
                  node.backend
                      .broker()
                      .publish(rooms[(int) (i % rooms.length)], draft(text))
                      .whenComplete((ack, failure) -> done(text, ack, failure));
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    private void done(
        String text,
        @org.jspecify.annotations.Nullable Ack ack,
        @org.jspecify.annotations.Nullable Throwable failure) {
      if (ack != null && failure == null) {
        acked.put(text, ack.position());
      } else {
        failed.incrementAndGet();
      }
      window.release();
    }

    void untilAcked(int more) {
      int before = acked.size();
      until(() -> acked.size() >= before + more);
    }

    void finish() {
      running.set(false);
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      window.acquireUninterruptibly(200);
    }
  }

  /** Every acknowledged text is in the log at its offset, none twice, each publisher's in order. */
  private static void assertLogHas(Heard reader, Map<String, Position> acked, String... rooms) {
    Map<String, Long> logged = new HashMap<>();
    for (String room : rooms) {
      List<Publication> log = reader.log(room);
      long expected = 1;
      Map<Character, Long> last = new HashMap<>();
      for (Publication publication : log) {
        assertEquals(expected++, publication.offset(), "no holes in " + room);
        String text = texts(List.of(publication)).get(0);
        assertEquals(null, logged.put(text, publication.offset()), text + " is there twice");
        long number = Long.parseLong(text.substring(1));
        Long before = last.put(text.charAt(0), number);
        assertTrue(before == null || before < number, text + " is out of order");
      }
    }
    acked.forEach(
        (text, position) -> assertEquals(position.offset(), logged.get(text), text + " is lost"));
  }

  @Test
  void nothingAcknowledgedIsLostWhenRedisIsKilledUnderLoad() throws Exception {
    try (TestRedis redis = TestRedis.own("--appendonly", "yes", "--appendfsync", "always")) {
      RedisOptions options = redis.options().timeout(TIMEOUT);
      try (Heard a = Heard.start("a", options);
          Heard b = Heard.start("b", options)) {
        String[] rooms = {"one", "two", "three"};
        for (String room : rooms) {
          get(b.backend.broker().subscribe(room, HistoryQuery.position()));
        }
        Load loadA = new Load(a, "a", rooms);
        Load loadB = new Load(b, "b", rooms);
        for (int i = 0; i < 3; i++) {
          loadA.untilAcked(200);
          redis.kill();
          redis.start();
        }
        loadA.untilAcked(200);
        loadB.untilAcked(200);
        loadA.finish();
        loadB.finish();
        assertEquals(0, loadA.failed.get() + loadB.failed.get(), "it was away for a moment only");
        Map<String, Position> acked = new ConcurrentHashMap<>(loadA.acked);
        acked.putAll(loadB.acked);
        assertLogHas(a, acked, rooms);
        until(() -> new HashSet<>(b.gaps).equals(Set.of(rooms)));
      }
    }
  }

  @Test
  void aBatchWhoseAnswerWasLostIsNotAppliedTwice() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options().timeout(TIMEOUT);
      try (Heard a = Heard.start("a", options)) {
        Load load = new Load(a, "a", "one", "two");
        for (int i = 0; i < 12; i++) {
          load.untilAcked(100);
          redis.cli("CLIENT", "KILL", "TYPE", i % 3 == 0 ? "pubsub" : "normal");
        }
        load.untilAcked(100);
        load.finish();
        assertEquals(0, load.failed.get());
        assertEquals(load.sent.get(), load.acked.size());
        a.untilReady();
        assertLogHas(a, load.acked, "one", "two");
        assertEquals(load.sent.get(), a.log("one").size() + a.log("two").size());
      }
    }
  }

  @Test
  void aChangeWhoseAnswerWasLostIsNotMadeTwiceAndIsNoConflictWithItself() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(TIMEOUT))) {
        int changes = 300;
        get(a.backend.broker().publish("r", draft("0")));
        AtomicInteger done = new AtomicInteger();
        Thread killer =
            new Thread(
                () -> {
                  while (done.get() < changes) {
                    int before = done.get();
                    try {
                      redis.cli("CLIENT", "KILL", "TYPE", "normal");
                    } catch (Exception e) {
                      return;
                    }
                    Heard.until(() -> done.get() >= Math.min(changes, before + 20));
                  }
                });
        killer.start();
        for (int i = 0; i < changes; i++) {
          Revision revision =
              new Revision(1, Json.of("text", "" + i), Json.of("text", "" + (i + 1)));
          Ack ack = get(a.backend.broker().revise("r", draft("c" + i), List.of(revision)));
          assertEquals(i + 2, ack.position().offset());
          done.incrementAndGet();
        }
        killer.join();
        List<Publication> log = a.log("r");
        assertEquals(changes + 1, log.size());
        assertEquals("" + changes, texts(log).get(0));
      }
    }
  }

  @Test
  void whatAStoppedRedisHadInItsSocketsIsNotAppliedTwice() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options().timeout(Duration.ofMillis(200));
      try (Heard a = Heard.start("a", options)) {
        Load load = new Load(a, "a", "one", "two");
        load.untilAcked(100);
        RedisBackend silent = a.backend;
        redis.pause();
        until(() -> failure(silent.rooms().count("one")) == ErrorCode.UNAVAILABLE);
        until(() -> failure(silent.rooms().count("one")) == ErrorCode.UNAVAILABLE);
        redis.resume();
        load.untilAcked(100);
        load.finish();
        assertEquals(0, load.failed.get());
        a.untilReady();
        assertLogHas(a, load.acked, "one", "two");
        assertEquals(load.sent.get(), a.log("one").size() + a.log("two").size());
      }
    }
  }

  @Test
  void aNodeThatStartsWithoutRedisWorksAsSoonAsItIsThere() throws Exception {
    try (TestRedis redis = TestRedis.down()) {
      try (Heard a = Heard.startAnyway("a", redis.options().timeout(TIMEOUT))) {
        RedisBackend backend = a.backend;
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.broker().publish("r", draft("x"))));
        assertEquals(
            ErrorCode.UNAVAILABLE,
            failure(backend.broker().subscribe("r", HistoryQuery.position())));
        assertEquals(
            ErrorCode.UNAVAILABLE, failure(backend.broker().history("r", HistoryQuery.position())));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.broker().announce("r", Json.NULL)));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.broker().probe()));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.rooms().join("r", "s", ANN)));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.rooms().rooms("", 10)));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.rooms().reap("other")));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.state().lease(Duration.ofSeconds(1))));
        assertEquals(ErrorCode.UNAVAILABLE, failure(backend.state().open("s", ANN, "hash")));
        redis.start();
        a.untilReady();
        get(backend.broker().subscribe("r", HistoryQuery.position()));
        assertEquals(1, get(backend.broker().publish("r", draft("x"))).position().offset());
        until(() -> a.publications.size() == 1);
      }
    }
  }

  @Test
  void whatIsPublishedForTooLongWithoutRedisEndsUnavailable() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(TIMEOUT))) {
        get(a.backend.broker().publish("r", draft("x")));
        redis.kill();
        long before = System.nanoTime();
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().publish("r", draft("x"))));
        long waited = (System.nanoTime() - before) / 1_000_000;
        assertTrue(waited < Publisher.PATIENCE_MS + 2_000, waited + " ms");
        before = System.nanoTime();
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().publish("r", draft("x"))));
        waited = (System.nanoTime() - before) / 1_000_000;
        assertTrue(waited < 1_000, "nobody waits for what has been away for long: " + waited);
      }
    }
  }

  @Test
  void aCanarySentWhileNothingIsHeardComesBackAsSoonAsItIs() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(Duration.ofSeconds(10)))) {
        a.untilCanarySentWhileDeafIsBack(() -> redis.cli("CLIENT", "KILL", "TYPE", "pubsub"));
      }
    }
  }

  @Test
  void allRoomsAreListenedToAgainAndToldToHaveAGap() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(TIMEOUT))) {
        List<String> rooms = IntStream.range(0, 1_000).mapToObj(i -> "room" + i).toList();
        rooms.stream()
            .map(room -> a.backend.broker().subscribe(room, HistoryQuery.position()))
            .toList()
            .forEach(Heard::get);
        a.backend.broker().unsubscribe("room999");
        redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
        until(() -> a.gaps.size() >= 999);
        assertEquals(999, a.gaps.size());
        assertEquals(new HashSet<>(rooms.subList(0, 999)), new HashSet<>(a.gaps));
        for (String room : List.of("room0", "room999", "room998")) {
          get(a.backend.broker().publish(room, draft(room)));
        }
        until(() -> a.publications.size() == 2);
        assertEquals(List.of("room0", "room998"), texts(a.publications));
        get(a.backend.broker().signal(Json.of("x", 1)));
        until(() -> a.controls.size() == 1);
      }
    }
  }

  @Test
  void aRedisThatComesBackEmptyGivesANewEpoch() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(TIMEOUT))) {
        get(a.backend.broker().subscribe("r", HistoryQuery.position()));
        Position last = get(a.backend.broker().publish("r", draft("x"))).position();
        redis.kill();
        redis.start();
        a.untilReady();
        until(() -> a.gaps.equals(List.of("r")));
        History history = get(a.backend.broker().history("r", new HistoryQuery.Since(last, 10)));
        assertEquals(0, history.sure());
        Position next = get(a.backend.broker().publish("r", draft("y"))).position();
        assertEquals(1, next.offset());
        assertNotEquals(last.epoch(), next.epoch());
      }
    }
  }

  @Test
  void aRedisThatComesBackWithOlderDataTellsWhatIsSure() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(TIMEOUT))) {
        List<Position> positions = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
          positions.add(get(a.backend.broker().publish("r", draft("m" + i, "k" + i))).position());
        }
        assertEquals("OK", redis.cli("SAVE"));
        for (int i = 11; i <= 15; i++) {
          positions.add(get(a.backend.broker().publish("r", draft("m" + i, "k" + i))).position());
        }
        redis.kill();
        redis.start();
        a.untilReady();
        Position known = positions.get(14);
        Ack next = get(a.backend.broker().publish("r", draft("other")));
        assertEquals(11, next.position().offset());
        assertNotEquals(known.epoch(), next.position().epoch());
        History lost = get(a.backend.broker().history("r", new HistoryQuery.Since(known, 100)));
        assertEquals(10, lost.sure());
        assertEquals(List.of("other"), texts(lost.publications()));
        Position early = positions.get(7);
        History kept = get(a.backend.broker().history("r", new HistoryQuery.Since(early, 100)));
        assertEquals(8, kept.sure());
        assertEquals(List.of("m9", "m10", "other"), texts(kept.publications()));
        assertFalse(kept.recovers(early), "the epoch is another one");
        // Who was not acknowledged for sure sends again: what was lost is logged, what was kept is
        // not.
        assertFalse(get(a.backend.broker().publish("r", draft("m15", "k15"))).duplicate());
        Ack again = get(a.backend.broker().publish("r", draft("m3", "k3")));
        assertTrue(again.duplicate());
        assertEquals(positions.get(2), again.position());
      }
    }
  }

  @Test
  void aDeafSubscriberIsNoticedAndReplaced() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options().timeout(Duration.ofMillis(300));
      try (Heard a = Heard.start("a", options)) {
        get(a.backend.broker().subscribe("r", HistoryQuery.position()));
        // Connections stay and PING is answered, but nothing may be subscribed to any more.
        redis.cli("ACL", "SETUSER", "default", "resetchannels", "&other");
        redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
        until(() -> get(a.backend.rooms().count("r")) == 0);
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().probe()));
        redis.cli("ACL", "SETUSER", "default", "allchannels");
        a.untilReady();
        until(() -> !a.gaps.isEmpty());
        get(a.backend.broker().publish("r", draft("x")));
        until(() -> texts(a.publications).contains("x"));
      }
    }
  }

  @Test
  void whatANewerReleaseAnnouncesIsSkippedAndCounted() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      try (Heard a = Heard.start("a", options)) {
        get(a.backend.broker().subscribe("r", HistoryQuery.position()));
        String channel = new Keys(options.namespace()).channel("r");
        redis.cli("PUBLISH", channel, "1Xof a kind to come");
        redis.cli("PUBLISH", channel, "2Pof a format to come");
        redis.cli("PUBLISH", channel, "");
        get(a.backend.broker().publish("r", draft("x")));
        until(() -> texts(a.publications).equals(List.of("x")));
        assertEquals(3, a.skipped.get());
      }
    }
  }

  @Test
  void aKeyIsKnownForTenMinutesAtLeastAndNotForEver() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options)) {
        Draft once = new Draft(Json.of("text", "x"), 1, "once");
        get(a.backend.broker().publish("r", once));
        windowBegan(redis, keys, Duration.ofMinutes(11));
        get(a.backend.broker().publish("r", new Draft(Json.of("text", "y"), 1, "other")));
        assertTrue(get(a.backend.broker().publish("r", once)).duplicate());
        long left = Long.parseLong(redis.cli("PTTL", keys.olderKeys("r")));
        assertTrue(left > Duration.ofMinutes(10).toMillis(), () -> "left: " + left);
        assertTrue(left <= Duration.ofMinutes(20).toMillis(), () -> "left: " + left);
        windowBegan(redis, keys, Duration.ofMinutes(11));
        assertFalse(get(a.backend.broker().publish("r", once)).duplicate());
      }
    }
  }

  private static void windowBegan(TestRedis redis, Keys keys, Duration ago) throws IOException {
    String began = Long.toString(System.currentTimeMillis() - ago.toMillis());
    redis.cli("HSET", keys.meta("r"), "keys", began);
  }

  @Test
  void aServerThatForgotTheScriptsIsGivenThemAgain() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options())) {
        redis.cli("SCRIPT", "FLUSH");
        assertEquals(1, get(a.backend.broker().publish("r", draft("x"))).position().offset());
        assertTrue(get(a.backend.rooms().join("r", "s", ANN)).first());
        assertEquals(1, a.log("r").size());
      }
    }
  }

  @Test
  void refusalsOfRedisAreUnavailableAndServiceComesBack() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      try (Heard a = Heard.start("a", redis.options().timeout(TIMEOUT))) {
        get(a.backend.broker().publish("r", draft("x")));
        redis.cli("CONFIG", "SET", "maxmemory", "1");
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().publish("r", draft("y"))));
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.rooms().join("r", "s", ANN)));
        redis.cli("CONFIG", "SET", "maxmemory", "0");
        assertEquals(2, get(a.backend.broker().publish("r", draft("z"))).position().offset());
        assertEquals(List.of("x", "z"), texts(a.log("r")));

        String meta = new Keys(a.backend.description().replaceAll(".*\\((.*)\\)", "$1")).meta("w");
        redis.cli("SET", meta, "not ours");
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().publish("w", draft("y"))));
        redis.cli("DEL", meta);
        assertEquals(1, get(a.backend.broker().publish("w", draft("y"))).position().offset());

        redis.cli("REPLICAOF", "127.0.0.1", "1");
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().publish("r", draft("y"))));
        redis.cli("REPLICAOF", "NO", "ONE");
        a.untilReady();
        assertEquals(3, get(a.backend.broker().publish("r", draft("y"))).position().offset());
      }
    }
  }

  @Test
  void aRedisThatCannotSaveIsUnavailableUntilItCan() throws Exception {
    try (TestRedis redis = TestRedis.own("--dbfilename", "taken.rdb")) {
      try (Heard a = Heard.start("a", redis.options())) {
        Path taken = Files.createDirectory(redis.folder().resolve("taken.rdb"));
        redis.cli("CONFIG", "SET", "save", "3600 1");
        save(redis, "err");
        assertEquals(ErrorCode.UNAVAILABLE, failure(a.backend.broker().publish("r", draft("x"))));
        Files.delete(taken);
        save(redis, "ok");
        assertEquals(1, get(a.backend.broker().publish("r", draft("x"))).position().offset());
      }
    }
  }

  private static void save(TestRedis redis, String expected) throws Exception {
    redis.cli("BGSAVE");
    until(() -> redis.cli("INFO", "persistence").contains("rdb_last_bgsave_status:" + expected));
  }

  @Test
  void nothingStaysInRedisButWhatIsSupposedTo() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      try (Heard a = Heard.start("a", options);
          Heard b = Heard.start("b", options)) {
        get(a.backend.state().lease(Duration.ZERO));
        for (int i = 0; i < 300; i++) {
          String session = "s" + i;
          get(a.backend.state().open(session, ANN, "hash"));
          get(a.backend.rooms().join("room" + i % 7, session, new User("u" + i, "U")));
          get(a.backend.state().entered(session, "room" + i % 7));
        }
        get(a.backend.broker().publish("room1", draft("x", "key")));
        get(b.backend.state().takeOver("s0", "hash", "new"));
        get(b.backend.rooms().move("room0", "s0", new User("u0", "U"), "a"));
        assertEquals(299, get(b.backend.rooms().reap("a")));
        get(b.backend.state().forget("a"));
        get(b.backend.rooms().leave("room0", "s0", new User("u0", "U")));
        get(b.backend.state().close("s0"));
        get(b.backend.rooms().rooms("", 100));
        Set<String> lasting = new HashSet<>();
        for (String key : redis.cli("KEYS", "*").split("\n")) {
          if (redis.cli("TTL", key).equals("-1")) {
            lasting.add(key);
          }
        }
        assertEquals(Set.of(new Keys(options.namespace()).rooms()), lasting);
        assertEquals(
            "room1", redis.cli("ZRANGE", new Keys(options.namespace()).rooms(), "0", "-1"));
      }
    }
  }
}
