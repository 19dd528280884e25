package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Limits;
import dev.roomcast.chat.Retention;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * How long the keys of a room live: not for ever, and never shorter than what is in them has to,
 * though not every batch says so again. Has no state.
 */
class KeyLifetimesTest {

  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long AGE = Heard.LIMITS.historyAge().toMillis();

  private static long now(TestRedis redis) throws IOException {
    String[] time = redis.cli("TIME").split("\n");
    return Long.parseLong(time[0].strip()) * 1_000 + Long.parseLong(time[1].strip()) / 1_000 + 1;
  }

  /** When a key goes, or a little later. */
  private static long end(TestRedis redis, String key) throws IOException {
    long left = Long.parseLong(redis.cli("PTTL", key));
    assertTrue(left > 0, () -> key + " lives " + left);
    return now(redis) + left;
  }

  private static long due(TestRedis redis, Keys keys) throws IOException {
    return Long.parseLong(redis.cli("HGET", keys.meta("r"), "due"));
  }

  /** Whatever is logged before it is said again how long they live finds that they live enough. */
  private static void assertTheyLive(TestRedis redis, Keys keys, long age) throws IOException {
    long due = due(redis, keys);
    assertTrue(due >= now(redis) - 1_000 && due <= now(redis) + age, () -> "due: " + due);
    long meta = Math.max(2 * age, HOUR);
    assertTrue(end(redis, keys.log("r")) >= due + age, "log");
    assertTrue(end(redis, keys.meta("r")) >= due + meta, "meta");
    assertTrue(end(redis, keys.marks("r")) >= due + meta, "marks");
    assertTrue(end(redis, keys.batches("r")) >= due + Duration.ofMinutes(10).toMillis(), "batches");
  }

  @Test
  void theyLiveLongEnoughForWhateverIsLoggedUntilItIsSaidAgain() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options)) {
        get(a.backend.broker().publish("r", draft("x").by("ann")));
        assertTheyLive(redis, keys, AGE);
        long first = due(redis, keys);
        get(a.backend.broker().publish("r", draft("y").by("ann")));
        assertEquals(first, due(redis, keys), "not every batch says it again");
        // It is time, and all that was put by is used up.
        redis.cli("HSET", keys.meta("r"), "due", Long.toString(now(redis) - 1));
        for (String key : List.of(keys.log("r"), keys.meta("r"), keys.marks("r"))) {
          redis.cli("PEXPIRE", key, "60000");
        }
        redis.cli("PEXPIRE", keys.batches("r"), "60000");
        get(a.backend.broker().publish("r", draft("z").by("ann")));
        assertTheyLive(redis, keys, AGE);
      }
    }
  }

  @Test
  void whoReadsTheLogOrMarksItAsReadDoesNotShortenThem() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options)) {
        get(a.backend.broker().publish("r", draft("x").by("ann")));
        a.log("r");
        get(a.backend.broker().markRead("r", "bob", 1));
        assertTheyLive(redis, keys, AGE);
      }
    }
  }

  @Test
  void aLongerTimeOfTheRoomOrOfAnotherNodeCountsAtOnce() throws Exception {
    Limits longer = Heard.LIMITS.toBuilder().historyAge(Duration.ofMillis(3 * AGE)).build();
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options);
          Heard b = Heard.start("b", options, longer)) {
        get(a.backend.broker().publish("r", draft("x").by("ann")));
        get(b.backend.broker().publish("r", draft("y").by("ann")));
        assertTheyLive(redis, keys, 3 * AGE);
        get(a.backend.broker().retain("r", new Retention(10, Duration.ofMillis(9 * AGE), 1_000)));
        get(a.backend.broker().publish("r", draft("z").by("ann")));
        assertTheyLive(redis, keys, 9 * AGE);
      }
    }
  }

  @Test
  void whoReadsOrMarksByAShorterTimeDoesNotShortenThoseOfWhatComesNext() throws Exception {
    Limits longer = Heard.LIMITS.toBuilder().historyAge(Duration.ofMillis(3 * AGE)).build();
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options);
          Heard b = Heard.start("b", options, longer)) {
        get(b.backend.broker().publish("r", draft("x").by("ann")));
        a.log("r");
        get(b.backend.broker().publish("r", draft("y").by("ann")));
        assertTheyLive(redis, keys, 3 * AGE);
        get(a.backend.broker().markRead("r", "bob", 1));
        get(b.backend.broker().publish("r", draft("z").by("ann")));
        assertTheyLive(redis, keys, 3 * AGE);
      }
    }
  }

  @Test
  void whatComesLaterGoesToo() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options)) {
        get(a.backend.broker().publish("r", draft("no message")));
        redis.cli("DEL", keys.batches("r"));
        get(a.backend.broker().publish("r", draft("x").by("ann")));
        assertTheyLive(redis, keys, AGE);
        get(a.backend.broker().destroy("r"));
        get(a.backend.broker().publish("r", draft("y", "key").by("ann")));
        assertTheyLive(redis, keys, AGE);
        end(redis, keys.keys("r"));
      }
    }
  }

  @Test
  void whatIsTooOldGoesWhenItIsSaidAgain() throws Exception {
    try (TestRedis redis = TestRedis.own()) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      try (Heard a = Heard.start("a", options)) {
        get(a.backend.broker().publish("r", draft("old").by("ann")));
        String entry = redis.cli("LINDEX", keys.log("r"), "0");
        redis.cli("LSET", keys.log("r"), "0", "1000" + entry.substring(entry.indexOf(' ')));
        get(a.backend.broker().publish("r", draft("new").by("ann")));
        redis.cli("HSET", keys.meta("r"), "due", "0");
        get(a.backend.broker().publish("r", draft("newer").by("ann")));
        assertEquals("2", redis.cli("LLEN", keys.log("r")));
        assertEquals(List.of("new", "newer"), Heard.texts(a.log("r")));
        long bytes = a.log("r").stream().mapToLong(p -> p.body().utf8Length()).sum();
        assertEquals(Long.toString(bytes), redis.cli("HGET", keys.meta("r"), "bytes"));
      }
    }
  }
}
