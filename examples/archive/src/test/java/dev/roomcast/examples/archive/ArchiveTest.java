package dev.roomcast.examples.archive;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.redis.TestRedis;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is published, and what is in the database afterwards, whatever is restarted meanwhile. */
class ArchiveTest {

  @TempDir Path folder;

  private final JdbcDataSource database = new JdbcDataSource();
  private Server server;
  private TestRedis redis;
  private RedisOptions options;
  private Backend backend;
  private ChatNode publisher;

  @BeforeEach
  void start() throws Exception {
    server = database("0");
    database.setURL("jdbc:h2:tcp://127.0.0.1:" + server.getPort() + "/./archive");
    redis = TestRedis.own("--appendonly", "yes", "--appendfsync", "always");
    options = redis.options();
    backend = RedisBackend.connect(options);
    publisher = ChatNode.builder(backend).start();
    await().until(publisher::ready);
  }

  private Server database(String port) throws SQLException {
    return Server.createTcpServer("-tcpPort", port, "-baseDir", folder.toString(), "-ifNotExists")
        .start();
  }

  @AfterEach
  void close() throws Exception {
    publisher.close();
    backend.close();
    redis.close();
    server.stop();
  }

  private List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    return rows;
  }

  /** Publishes until it is acknowledged: the same key makes it safe to send again. */
  private Publication publish(int i) {
    List<Publication> acknowledged = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              try {
                acknowledged.add(
                    publisher
                        .room("orders")
                        .publish("order", Json.of("number", i), "key" + i)
                        .toCompletableFuture()
                        .join());
                return true;
              } catch (CompletionException e) {
                return false; // Redis is away at this moment
              }
            });
    return acknowledged.get(0);
  }

  private List<String> publish(int from, int to) {
    List<String> published = new ArrayList<>();
    for (int i = from; i < to; i++) {
      published.add(Long.toString(publish(i).offset()));
    }
    return published;
  }

  @Test
  void everyPublicationIsInTheDatabaseOnceThoughAllIsRestarted() throws Exception {
    List<String> published = new ArrayList<>(publish(0, 20));
    Archive archive = Archive.start(options, database, List.of("orders"));
    await().until(() -> rows("SELECT 1 FROM publication").size() == 20);

    int port = server.getPort();
    server.stop();
    published.addAll(publish(20, 40));
    server = database(Integer.toString(port));
    await().until(() -> rows("SELECT 1 FROM publication").size() == 40);

    redis.kill();
    redis.start();
    published.addAll(publish(40, 60));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> rows("SELECT 1 FROM publication").size() == 60);

    archive.close();
    published.addAll(publish(60, 80));
    archive = Archive.start(options, database, List.of("orders"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> rows("SELECT 1 FROM publication").size() == 80);
    archive.close();

    assertEquals(published, rows("SELECT log_offset FROM publication ORDER BY log_offset, epoch"));
    assertEquals(List.of("80"), rows("SELECT COUNT(DISTINCT body) FROM publication"), "each once");
    assertTrue(
        rows("SELECT body FROM publication ORDER BY log_offset")
            .get(79)
            .contains("\"data\":{\"number\":79}"));
  }

  @Test
  void whatComesTwiceIsWrittenOnce() throws Exception {
    List<Publication> publications = List.of(publish(0), publish(1), publish(2));
    JdbcArchive archive = JdbcArchive.open(database);
    archive.onPublications(publications.subList(0, 2));
    archive.onPublications(publications);
    archive.onPublications(publications.subList(0, 1));
    assertEquals(
        List.of("1", "2", "3"), rows("SELECT log_offset FROM publication ORDER BY log_offset"));
    assertEquals(List.of("3"), rows("SELECT log_offset FROM archived"));
    archive.onGap("orders", 2, publications.get(2).position());
    archive.onGap("orders", 2, publications.get(2).position());
    assertEquals(List.of("2"), rows("SELECT from_offset FROM archive_gap"));
  }

  @Test
  void whatComesAgainUnderAnotherEpochIsWrittenOnceAndWhatIsAnotherIsKept() throws Exception {
    List<Publication> publications = List.of(publish(0), publish(1), publish(2), publish(3));
    JdbcArchive archive = JdbcArchive.open(database);
    archive.onPublications(publications);
    List<Publication> again =
        publications.stream()
            .map(
                one ->
                    new Publication(
                        one.room(), new Position("later", one.offset()), one.ts(), one.body()))
            .toList();
    archive.onGap("orders", 5, new Position("later", 4));
    assertEquals(List.of(), rows("SELECT from_offset FROM archive_gap"), "nothing is missing");
    archive.onPublications(again.subList(1, 3)); // a page that does not reach the end
    archive.onPublications(again.subList(3, 4));
    assertEquals(List.of("4"), rows("SELECT COUNT(*) FROM publication"));
    Position last = new Position("latest", 4); // the log lost its end
    archive.onGap("orders", 4, new Position("latest", 3));
    archive.onPublications(
        List.of(new Publication("orders", last, publications.get(3).ts() + 1, Json.of("n", 4))));
    assertEquals(List.of("5"), rows("SELECT COUNT(*) FROM publication"));
    assertEquals(List.of(), rows("SELECT from_offset FROM archive_gap"));
  }
}
