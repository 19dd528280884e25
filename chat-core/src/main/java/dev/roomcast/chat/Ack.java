package dev.roomcast.chat;

import java.util.Objects;

/**
 * The answer to a publish: the frame is in the log.
 *
 * <p>Immutable.
 *
 * @param position where the frame is in the log
 * @param ts the time stamp it has there, in ms since 1970
 * @param duplicate whether it had been logged before under the same key; position and time are
 *     those of the first time
 */
public record Ack(Position position, long ts, boolean duplicate) {

  /** Checks that nothing is missing. */
  public Ack {
    Objects.requireNonNull(position, "position");
  }
}
