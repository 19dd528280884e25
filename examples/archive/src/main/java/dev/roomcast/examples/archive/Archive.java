package dev.roomcast.examples.archive;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that archives rooms of a chat on Redis: a node without clients. */
final class Archive implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Archive.class);

  private final Backend backend;
  private final ChatNode node;

  private Archive(Backend backend, JdbcArchive archive, List<String> rooms) {
    this.backend = backend;
    node = ChatNode.builder(backend).start();
    for (String room : rooms) {
      node.room(room).sink("archive", archive);
    }
  }

  /** Starts to archive the rooms; several processes may do the same, one of them writes. */
  static Archive start(RedisOptions redis, DataSource database, List<String> rooms) {
    return new Archive(RedisBackend.connect(redis), JdbcArchive.open(database), rooms);
  }

  @Override
  public void close() {
    node.close();
    backend.close();
  }

  /** Archives rooms to PostgreSQL. */
  public static void main(String[] args) throws InterruptedException {
    if (args.length < 4) {
      System.err.println("expected: REDIS_URL NAMESPACE JDBC_URL ROOM...");
      System.exit(2);
    }
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(args[2]);
    List<String> rooms = List.of(args).subList(3, args.length);
    Archive archive = start(RedisOptions.of(args[0]).namespace(args[1]), database, rooms);
    Runtime.getRuntime().addShutdownHook(new Thread(archive::close, "shutdown"));
    log.info("archiving {} rooms", rooms.size());
    new CountDownLatch(1).await();
  }
}
