package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Broker;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Guests who came, said something and went do not fill Redis. */
class RedisMarksTest {

  private static final String FILL =
      "for i = 1, 10000 do redis.call('HSET', KEYS[1], 'guest ' .. i, ARGV[1]) end";

  private static Draft by(String author) {
    return new Draft(Json.of("text", "x"), 1, null).by(author);
  }

  @Test
  void theOldestOfTheMarksInARoomGoWhenThereAreTooMany() throws Exception {
    try (TestRedis redis = TestRedis.any()) {
      marksAreBounded(redis, redis.options());
    }
  }

  private static void marksAreBounded(TestRedis redis, RedisOptions options) throws Exception {
    try (Heard node = Heard.start("n", options)) {
      Broker broker = node.backend.broker();
      get(broker.subscribe("r", HistoryQuery.position()));
      get(broker.publish("r", by("ann")));
      String marks = new Keys(options.namespace()).marks("r");
      redis.cli("EVAL", FILL, "1", marks, redis.cli("HGET", marks, "ann"));
      assertEquals("10001", redis.cli("HLEN", marks));

      get(broker.publish("r", by("bob")));
      assertEquals("10000", redis.cli("HLEN", marks));
      assertEquals(2, get(broker.markRead("r", "cid", 2)));
      assertEquals("10000", redis.cli("HLEN", marks));
      assertTrue(get(broker.unread("bob", List.of("r"))).get(0).marked());
      assertTrue(get(broker.unread("cid", List.of("r"))).get(0).marked());
    }
  }
}
