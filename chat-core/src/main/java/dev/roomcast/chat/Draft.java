package dev.roomcast.chat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A frame that wants to be logged.
 *
 * <p>Immutable.
 *
 * @param body the frame as a JSON object without {@code offset} and {@code epoch}
 * @param ts when it was published, in ms since 1970
 * @param key what makes it safe to publish again: within ten minutes the same room and key are
 *     logged once; null when a repetition is a new message. It has the user in it, so keys of two
 *     users never meet
 * @param trace its place in a trace, or null
 */
public record Draft(Json body, long ts, @Nullable String key, @Nullable TraceContext trace) {

  /** Checks that nothing is missing. */
  public Draft {
    Objects.requireNonNull(body, "body");
  }

  /** Creates a draft without a trace. */
  public Draft(Json body, long ts, @Nullable String key) {
    this(body, ts, key, null);
  }
}
