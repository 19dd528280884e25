package dev.roomcast.chat;

/**
 * Which part of a room's log is asked for.
 *
 * <p>Immutable.
 */
public sealed interface HistoryQuery {

  /** The most publications to return, 0 or more; a reply may have fewer and say {@code more}. */
  int limit();

  /** Only the position after the newest publication. */
  static HistoryQuery position() {
    return new Newest(0);
  }

  /** The newest publications. */
  record Newest(int limit) implements HistoryQuery {
    /** Checks the values. */
    public Newest {
      checkLimit(limit);
    }
  }

  /** The publications directly after an offset of the present epoch. */
  record After(long offset, int limit) implements HistoryQuery {
    /** Checks the values. */
    public After {
      checkLimit(limit);
    }
  }

  /** The publications directly before an offset of the present epoch. */
  record Before(long offset, int limit) implements HistoryQuery {
    /** Checks the values. */
    public Before {
      checkLimit(limit);
    }
  }

  /**
   * What somebody misses who has handled everything up to a position, which may be of an earlier
   * epoch or not retained any more; see {@link History#sure}.
   */
  record Since(Position position, int limit) implements HistoryQuery {
    /** Checks the values. */
    public Since {
      checkLimit(limit);
    }
  }

  private static void checkLimit(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit must not be negative: " + limit);
    }
  }
}
