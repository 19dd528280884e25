package dev.roomcast.chat;

import java.util.Objects;

/**
 * A change of something that is in a room's log already: it keeps its offset and gets another body,
 * provided that it still has the one that the change was made from.
 *
 * <p>Immutable.
 *
 * @param offset where it is in the log
 * @param expected the body that it has as far as is known
 * @param replacement the body that it is to have
 */
public record Revision(long offset, Json expected, Json replacement) {

  /** Checks that nothing is missing. */
  public Revision {
    Objects.requireNonNull(expected, "expected");
    Objects.requireNonNull(replacement, "replacement");
  }
}
