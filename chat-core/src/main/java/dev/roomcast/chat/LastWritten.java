package dev.roomcast.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Up to where the rooms of one session were written to its client, since it has no connection: what
 * a room had sent it, less what its outbox dropped.
 *
 * <p>Guarded by "this"; nothing is called while it is held.
 */
final class LastWritten {

  private Map<String, Left> rooms = Map.of(); // most leave their rooms only at the end

  /** A room that has ended to send, once {@code sent} has, and what it sent by. */
  private record Left(CompletionStage<Position> sent, Connection by) {}

  /** Notes that a room does not send by this connection any more, once {@code sent} ends. */
  synchronized void left(String room, CompletionStage<Position> sent, Connection by) {
    writable().put(room, new Left(sent, by));
  }

  /** Must be called with "this" held. */
  private Map<String, Left> writable() {
    if (rooms.isEmpty()) {
      rooms = new HashMap<>(2);
    }
    return rooms;
  }

  /** Takes over what an earlier connection of the session left in these rooms. */
  void goOnFrom(LastWritten earlier, Set<String> memberships) {
    Map<String, Left> before;
    synchronized (earlier) {
      before = Map.copyOf(earlier.rooms);
    }
    synchronized (this) {
      before.forEach(
          (room, left) -> {
            if (memberships.contains(room)) {
              writable().putIfAbsent(room, left);
            }
          });
    }
  }

  /** The position in a room, when the connection is closed; null when it is not known here. */
  CompletionStage<@Nullable Position> of(String room) {
    Left left;
    synchronized (this) {
      left = rooms.get(room);
    }
    return left == null
        ? CompletableFuture.<@Nullable Position>completedFuture(null)
        : left.sent().thenApply(all -> written(room, left.by(), all));
  }

  private static @Nullable Position written(String room, Connection by, Position all) {
    Position before = by.before(room);
    return before == null ? all : before;
  }
}
