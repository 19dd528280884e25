package dev.roomcast.chat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a room did not get because its session ended: all that was logged there after
 * {@code last}.
 *
 * <p>Immutable.
 *
 * @param session the session that is over, with its user; another session of the user may have got
 *     everything
 * @param last the position after the last frame of the room that was handed to the operating system
 *     for this client, or that the client named when it joined. What was written to a connection
 *     that was broken already counts as got. Null when that is not known here: the session was
 *     resumed from another node and ended before the client claimed the room
 * @param newest the position after the newest publication of the room when the session ended; of
 *     another epoch than {@code last} when the log was lost meanwhile
 * @param code how the session's last connection ended, as {@link ChatListener#onDisconnect} was
 *     told: 4013 it did not read fast enough, 1001 its node went, 4003 the application disconnected
 *     its user; for most others it was lost and the client did not come back in time
 */
public record Undelivered(
    ClientSession session, String room, @Nullable Position last, Position newest, int code) {

  /** Checks the values. */
  public Undelivered {
    Objects.requireNonNull(session, "session");
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(newest, "newest");
  }
}
