package dev.roomcast.chat;

import java.util.Objects;

/**
 * A place in a room's log: the epoch of the log and the offset of the last frame before that place.
 *
 * <p>Offsets count from 1 without holes; offset 0 is the place before the first frame. The epoch is
 * an opaque string that changes when the log was lost or reset, so offsets of two epochs must not
 * be compared. The empty epoch belongs to a log that does not exist yet. Immutable.
 *
 * @param epoch identity of the log, at most 64 characters; empty when the room has no log yet
 * @param offset offset of the last frame before this place, 0 or more
 * @see <a href="https://github.com/roomcast/roomcast/blob/main/chat-core/PROTOCOL.md">Positions in
 *     the protocol</a>
 */
public record Position(String epoch, long offset) {

  /** The place before the first frame of a log that does not exist yet. */
  public static final Position NONE = new Position("", 0);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when {@code offset} is negative
   */
  public Position {
    Objects.requireNonNull(epoch, "epoch");
    if (offset < 0) {
      throw new IllegalArgumentException("offset must not be negative: " + offset);
    }
  }

  /** Returns the place in the same log after {@code count} more frames. */
  public Position plus(long count) {
    return new Position(epoch, offset + count);
  }

  /** Returns the place in the same log at {@code newOffset}. */
  public Position at(long newOffset) {
    return new Position(epoch, newOffset);
  }
}
