package dev.roomcast.chat;

import java.util.List;
import java.util.Objects;

/**
 * A part of a room's log, in one piece.
 *
 * <p>Immutable.
 *
 * @param top the position after the newest publication of the log at the moment of reading; {@link
 *     Position#NONE} when the room has no log
 * @param sure for {@link HistoryQuery.Since} up to which offset the asker's log and this one are
 *     certainly the same: the offset asked about when the epoch is the same and the log has reached
 *     it; the end of the asker's epoch when that is known and lower; 0 when the epoch is unknown.
 *     For other queries 0
 * @param publications oldest first, offsets without a hole, all of the epoch of {@code top}. For
 *     {@link HistoryQuery.Since} the first one is the oldest retained one above {@code sure}
 * @param more whether the log has more in the direction asked
 */
public record History(Position top, long sure, List<Publication> publications, boolean more) {

  /** Checks that nothing is missing. */
  public History {
    Objects.requireNonNull(top, "top");
    publications = List.copyOf(publications);
  }

  /**
   * Whether this is exactly what somebody misses who has handled everything up to {@code since}:
   * the same epoch, no hole before the first publication, and nothing after the last.
   */
  public boolean recovers(Position since) {
    if (more || !top.epoch().equals(since.epoch()) || sure != since.offset()) {
      return false;
    }
    return publications.isEmpty()
        ? top.offset() == since.offset()
        : publications.get(0).offset() == since.offset() + 1;
  }
}
