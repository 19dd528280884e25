package dev.roomcast.examples.archive;

import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.PublicationSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/**
 * Writes publications to a database, each exactly once: a sink gets some of them twice, so the
 * place up to which a room has been written is moved in the transaction that writes, and what is at
 * or below it is skipped. A restart of Redis begins a new epoch; what comes again under it has the
 * offset and the time that it had before.
 *
 * <p>Throwing is enough when the database is away: the same publications come again. Thread-safe;
 * two nodes that write one room at a time wait for each other at the room's row.
 */
final class JdbcArchive implements PublicationSink {

  private final DataSource database;

  private JdbcArchive(DataSource database) {
    this.database = database;
  }

  /** Brings the tables up to date and returns the archive. */
  static JdbcArchive open(DataSource database) {
    Flyway.configure().dataSource(database).load().migrate();
    return new JdbcArchive(database);
  }

  @Override
  public void onPublications(List<Publication> publications) {
    if (publications.isEmpty()) {
      return;
    }
    String room = publications.get(0).room();
    inTransaction(
        connection -> {
          Position written = lock(connection, room);
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO publication (room, epoch, log_offset, ts, body)"
                      + " SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM publication"
                      + " WHERE room = ? AND log_offset = ? AND ts = ?)")) {
            for (Publication publication : publications) {
              if (publication.epoch().equals(written.epoch())
                  && publication.offset() <= written.offset()) {
                continue;
              }
              insert.setString(1, room);
              insert.setString(2, publication.epoch());
              insert.setLong(3, publication.offset());
              insert.setLong(4, publication.ts());
              insert.setString(5, publication.body().text());
              insert.setString(6, room);
              insert.setLong(7, publication.offset());
              insert.setLong(8, publication.ts());
              insert.addBatch();
            }
            insert.executeBatch();
          }
          Position last = publications.get(publications.size() - 1).position();
          if (!last.epoch().equals(written.epoch()) || last.offset() > written.offset()) {
            move(connection, room, last);
          }
        });
  }

  @Override
  public void onGap(String room, long from, Position at) {
    inTransaction(
        connection -> {
          lock(connection, room);
          if (from > at.offset()) {
            return; // a new epoch alone: nothing is missing, and what is another one is seen by its
            // time
          }
          try (PreparedStatement known =
              connection.prepareStatement(
                  "SELECT 1 FROM archive_gap WHERE room = ? AND epoch = ? AND from_offset = ?")) {
            key(known, room, at.epoch(), from);
            try (ResultSet row = known.executeQuery()) {
              if (row.next()) {
                return; // told once more
              }
            }
          }
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO archive_gap (room, epoch, from_offset, to_offset)"
                      + " VALUES (?, ?, ?, ?)")) {
            key(insert, room, at.epoch(), from);
            insert.setLong(4, at.offset());
            insert.executeUpdate();
          }
        });
  }

  private static void key(PreparedStatement statement, String room, String epoch, long offset)
      throws SQLException {
    statement.setString(1, room);
    statement.setString(2, epoch);
    statement.setLong(3, offset);
  }

  /** Locks the room's row until the transaction ends, and returns how far the room is written. */
  private static Position lock(Connection connection, String room) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT epoch, log_offset FROM archived WHERE room = ? FOR UPDATE")) {
      select.setString(1, room);
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          return new Position(row.getString(1), row.getLong(2));
        }
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO archived (room, epoch, log_offset) VALUES (?, '', 0)")) {
      insert.setString(1, room);
      insert.executeUpdate(); // somebody else's at this moment makes it fail: it comes again
    }
    return Position.NONE;
  }

  private static void move(Connection connection, String room, Position to) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE archived SET epoch = ?, log_offset = ? WHERE room = ?")) {
      update.setString(1, to.epoch());
      update.setLong(2, to.offset());
      update.setString(3, room);
      update.executeUpdate();
    }
  }

  private interface Work {
    void on(Connection connection) throws SQLException;
  }

  private void inTransaction(Work work) {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        work.on(connection);
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the database did not take it", e);
    }
  }
}
