package dev.roomcast.examples.archive;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Retention;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.redis.TestRedis;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A real PostgreSQL and a real Redis that both crash while somebody publishes. */
class PostgresTest {

  private static final List<String> ROOMS = List.of("orders", "stock");
  private static final int EACH = 1_500;

  /** By room and offset, what was acknowledged. */
  private final Map<String, Integer> published = new ConcurrentHashMap<>();

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50)).until(condition);
  }

  private static List<String> rows(TestPostgres postgres, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = postgres.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    return rows;
  }

  /** Publishes one after the other, each until it is acknowledged: its key makes that safe. */
  private void publish(ChatNode node, String room) {
    for (int i = 0; i < EACH; i++) {
      int number = i;
      if (!attempt(node, room, number)) {
        eventually(() -> attempt(node, room, number));
      }
    }
  }

  private boolean attempt(ChatNode node, String room, int number) {
    try {
      long offset =
          node.room(room)
              .publish("order", Json.of("number", number), "key" + number)
              .toCompletableFuture()
              .join()
              .offset();
      published.put(room + " " + offset, number);
      return true;
    } catch (CompletionException e) {
      ChatException.of(e); // Redis is away at this moment
      return false;
    }
  }

  private void awaitPublished(int count) {
    eventually(() -> published.size() >= count);
  }

  @Test
  void everyPublicationIsThereOnceThoughDatabaseAndRedisCrashWhilePublishing() throws Exception {
    long begun = System.nanoTime();
    ExecutorService publishers = Executors.newFixedThreadPool(ROOMS.size());
    try (TestPostgres postgres = TestPostgres.start();
        TestRedis redis = TestRedis.own("--appendonly", "yes", "--appendfsync", "always")) {
      RedisOptions options = redis.options();
      Archive archive = Archive.start(options, postgres.dataSource(), ROOMS);
      try (Backend backend = RedisBackend.connect(options);
          ChatNode node = ChatNode.builder(backend).start()) {
        eventually(node::ready);
        List<Future<?>> publishing = new ArrayList<>();
        for (String room : ROOMS) {
          // The archive may be away for as long as a lease: so long the log has to keep all.
          Retention enough = new Retention(2 * EACH, Duration.ofHours(1), 16 << 20);
          node.room(room).retain(enough).toCompletableFuture().join();
          publishing.add(publishers.submit(() -> publish(node, room)));
        }
        int all = ROOMS.size() * EACH;
        awaitPublished(all / 6);
        postgres.crash();
        awaitPublished(all / 6 * 2);
        postgres.goOn();
        awaitPublished(all / 6 * 3);
        redis.kill();
        redis.start();
        awaitPublished(all / 6 * 4);
        redis.kill();
        postgres.crash();
        redis.start();
        postgres.goOn();
        archive.close();
        awaitPublished(all / 6 * 5);
        archive = Archive.start(options, postgres.dataSource(), ROOMS);
        for (Future<?> each : publishing) {
          each.get();
        }
        String written = "SELECT COUNT(*) FROM publication";
        eventually(() -> Long.parseLong(rows(postgres, written).get(0)) >= all);
      } finally {
        archive.close();
        publishers.shutdownNow();
      }
      for (String room : ROOMS) {
        List<String> expected =
            published.keySet().stream().filter(key -> key.startsWith(room + " ")).toList();
        assertEquals(EACH, expected.size(), "acknowledged at one offset each");
        String offsets =
            "SELECT log_offset FROM publication WHERE room = '" + room + "' ORDER BY log_offset";
        List<String> found = rows(postgres, offsets);
        List<String> once = IntStream.rangeClosed(1, EACH).mapToObj(Integer::toString).toList();
        assertEquals(once, found, room);
      }
      for (String row :
          rows(
              postgres,
              "SELECT room || ' ' || log_offset || ' ' || (body::json -> 'data' ->> 'number') FROM"
                  + " publication")) {
        int end = row.lastIndexOf(' ');
        assertEquals(
            published.get(row.substring(0, end)), Integer.valueOf(row.substring(end + 1)), row);
      }
      assertEquals(List.of("0"), rows(postgres, "SELECT COUNT(*) FROM archive_gap"));
      System.out.printf(
          "%,d publications of %d rooms, each once, in %d epochs, %.1f s%n",
          published.size(),
          ROOMS.size(),
          rows(postgres, "SELECT DISTINCT epoch FROM publication").size(),
          (System.nanoTime() - begun) / 1e9);
    }
  }
}
