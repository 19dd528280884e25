package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClusterContract;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Nodes that share a Redis whose connections are cut. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClusterTest extends ClusterContract {

  private TestRedis redis;
  private RedisOptions options;

  @BeforeAll
  void start() throws IOException, InterruptedException {
    redis = TestRedis.own("--appendonly", "yes", "--appendfsync", "always");
    options = redis.options();
  }

  @BeforeEach
  void useFreshNamespace() {
    options = redis.options();
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  @Override
  protected Backend newBackend() {
    return RedisBackend.connect(options);
  }

  @Override
  protected void disturb() throws Exception {
    redis.cli("CLIENT", "KILL", "TYPE", "pubsub");
    redis.cli("CLIENT", "KILL", "TYPE", "normal");
  }

  @Override
  protected void outage(Runnable during) throws Exception {
    redis.kill();
    during.run();
    redis.start();
  }

  @Test
  void theUsersOfADeadNodeLeaveOnceAndItsSessionsEnd() {
    Limits limits =
        Limits.DEFAULTS.toBuilder()
            .nodeLease(Duration.ofMillis(600))
            .resumeTtl(Duration.ofMillis(400))
            .build();
    Heard dead = Heard.start("dead", options);
    Heard.get(dead.backend.state().lease(Duration.ofMillis(600)));
    for (int i = 0; i < 30; i++) {
      User user = new User("u" + i / 3, "U");
      Heard.get(dead.backend.state().open("s" + i, user, "hash"));
      Heard.get(dead.backend.rooms().join("room", "s" + i, user));
    }
    try (Heard watcher = Heard.start("watcher", options);
        Backend one = newBackend();
        Backend two = newBackend();
        ChatNode survivor = ChatNode.builder(one).limits(limits).start();
        ChatNode other = ChatNode.builder(two).limits(limits).start()) {
      Heard.get(watcher.backend.broker().subscribe("room", HistoryQuery.position()));
      dead.close();
      Heard.until(() -> watcher.changes.size() >= 10);
      Heard.until(() -> survivor.stats().reaped() + other.stats().reaped() == 30);
      List<PresenceChange> changes =
          watcher.changes.stream().sorted(RedisClusterTest::byCount).toList();
      assertEquals(
          IntStream.iterate(9, i -> i >= 0, i -> i - 1).mapToObj(i -> (long) i).toList(),
          changes.stream().map(PresenceChange::count).toList());
      assertEquals(10, changes.stream().map(change -> change.user().id()).distinct().count());
      Heard.until(() -> Heard.get(watcher.backend.state().find("s1", "hash")) == null);
      assertNull(Heard.get(watcher.backend.state().takeOver("s1", "hash", "new")));
    }
  }

  private static int byCount(PresenceChange a, PresenceChange b) {
    return Long.compare(b.count(), a.count());
  }
}
