package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.StateStore;
import dev.roomcast.chat.User;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two applications, or two tenants of one, on one Redis. */
class NamespacesTest {

  private static final User ANN = new User("ann", "Ann");

  @Test
  void twoNamespacesOnOneRedisNeverMeet() throws Exception {
    try (TestRedis redis = TestRedis.any()) {
      RedisOptions options = redis.options();
      try (Heard ours = Heard.start("n", options);
          Heard theirs = Heard.start("n", options.namespace(options.namespace() + ":log"))) {
        get(ours.backend.broker().subscribe("r", HistoryQuery.position()));
        get(theirs.backend.broker().subscribe("r", HistoryQuery.position()));
        use(ours);
        assertEquals(2, ours.publications.size());
        nothingIsThere(theirs);
        // What is heard comes in order: nothing of ours was on its way to them.
        use(theirs);
        assertEquals(2, theirs.publications.size());
        assertEquals(1, theirs.changes.size());
        assertEquals(1, theirs.controls.size());
        get(theirs.backend.broker().destroy("r"));
        get(theirs.backend.rooms().reap("n"));
        get(theirs.backend.state().forget("n"));
        assertEquals(2, ours.log("r").size());
        assertEquals(1, get(ours.backend.rooms().count("r")));
        assertEquals(ANN, get(ours.backend.state().find("s", "hash")));
      }
    }
  }

  private static void use(Heard node) {
    get(node.backend.state().lease(Duration.ofMinutes(1)));
    assertTrue(get(node.backend.state().open("s", ANN, "hash")));
    assertTrue(get(node.backend.rooms().join("r", "s", ANN)).first());
    assertEquals(1, get(node.backend.broker().publish("r", draft("x", "k"))).position().offset());
    get(node.backend.broker().publish("r", draft("y")));
    get(node.backend.broker().announce("r", Json.of("e", 1)));
    get(node.backend.broker().tell("ann", Json.of("t", 1)));
    get(node.backend.broker().signal(Json.of("c", 1)));
    get(node.backend.state().post(Json.of("n", 1)));
    get(node.backend.state().impose(StateStore.Sanction.MUTE, "r", "bob", StateStore.FOREVER));
    Heard.until(
        () ->
            node.publications.size() == 2 && node.changes.size() == 1 && node.controls.size() == 1);
  }

  private static void nothingIsThere(Heard node) {
    assertEquals(List.of(), node.log("r"));
    assertEquals(0, get(node.backend.rooms().count("r")));
    assertEquals(List.of(), get(node.backend.rooms().rooms("", 10)).rooms());
    assertNull(get(node.backend.state().find("s", "hash")));
    assertEquals(List.of(), get(node.backend.state().sessions("ann")));
    assertEquals(List.of(), get(node.backend.state().liveNodes()));
    assertEquals(List.of(), get(node.backend.state().notices(0)).notices());
    assertNull(get(node.backend.state().sanctions("r", "bob")).muted());
    assertFalse(get(node.backend.broker().publish("other", draft("x", "k"))).duplicate());
    assertEquals(0, node.publications.size() + node.changes.size() + node.controls.size());
  }
}
