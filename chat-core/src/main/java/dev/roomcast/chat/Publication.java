package dev.roomcast.chat;

import java.util.Objects;

/**
 * A frame in a room's log.
 *
 * <p>The body is the frame as the protocol describes it, without {@code offset} and {@code epoch}:
 * those are the position, which only the log knows. Immutable.
 *
 * @param room the room whose log has it
 * @param position the log's epoch and the offset of this frame, 1 or more
 * @param ts when it was published, in ms since 1970
 * @param body a JSON object, for example {@code {"type":"message","room":"general",...}}
 */
public record Publication(String room, Position position, long ts, Json body) {

  /** Checks that nothing is missing. */
  public Publication {
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(position, "position");
    Objects.requireNonNull(body, "body");
  }

  /** The offset in the log, 1 or more. */
  public long offset() {
    return position.offset();
  }

  /** The epoch of the log. */
  public String epoch() {
    return position.epoch();
  }
}
