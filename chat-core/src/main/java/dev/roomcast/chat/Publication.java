package dev.roomcast.chat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
 * @param trace its place in a trace, or null; no client gets it
 */
public record Publication(
    String room, Position position, long ts, Json body, @Nullable TraceContext trace) {

  /** Checks that nothing is missing. */
  public Publication {
    Objects.requireNonNull(room, "room");
    Objects.requireNonNull(position, "position");
    Objects.requireNonNull(body, "body");
  }

  /** Creates a publication without a trace. */
  public Publication(String room, Position position, long ts, Json body) {
    this(room, position, ts, body, null);
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
