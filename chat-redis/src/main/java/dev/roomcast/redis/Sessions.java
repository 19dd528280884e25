package dev.roomcast.redis;

import dev.roomcast.chat.StateStore.SessionRecord;
import dev.roomcast.chat.StateStore.UserSession;
import dev.roomcast.chat.User;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The records of sessions, and what leads to them from their users and nodes. Thread-safe. */
interface Sessions {

  CompletableFuture<Boolean> open(String session, User user, String secretHash);

  CompletableFuture<@Nullable SessionRecord> takeOver(
      String session, String secretHash, String newSecretHash);

  /** Ends a session that is with a node after so many ms, 0 = now. */
  CompletableFuture<Void> end(String session, String ofNode, long ms);

  CompletableFuture<List<UserSession>> sessions(String user);

  /** Notes a room of a session, or takes the note back. */
  CompletableFuture<Void> note(String session, String room, boolean in);

  /** Some of the sessions that a node stored. */
  CompletableFuture<List<String>> ofNode(String ofNode, int count);

  /** Reads a record that was taken over: its user, the node that had it, and its rooms. */
  static SessionRecord record(String session, List<String> parts) {
    return new SessionRecord(
        session,
        new User(parts.get(0), parts.get(1)),
        parts.get(2),
        new HashSet<>(parts.subList(3, parts.size())));
  }
}
