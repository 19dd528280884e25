package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What was announced in a room while its log is being read. Confined to the thread that has the
 * room's turn.
 */
final class HeldBack {

  private static final int MOST = 4_096;

  private final List<Publication> held = new ArrayList<>(0);
  private boolean incomplete;

  /** The log is read from now on: it will have all that is not held here. */
  void reading() {
    incomplete = false;
  }

  /** Holds a batch; beyond a bound it drops all, and is incomplete. */
  void hold(List<Publication> batch) {
    if (held.size() + batch.size() > MOST) {
      // The log has them all: reading it again is cheaper than memory without bounds.
      held.clear();
      incomplete = true;
      return;
    }
    held.addAll(batch);
  }

  /** Announcements may have been lost. */
  void missed() {
    incomplete = true;
  }

  /** Whether something was announced, since the log is being read, that is not here. */
  boolean isIncomplete() {
    return incomplete;
  }

  /** Returns what is held, by offset, and holds nothing any more. */
  List<Publication> takeAll() {
    List<Publication> all = new ArrayList<>(held);
    held.clear();
    all.sort(Comparator.comparingLong(Publication::offset));
    return all;
  }

  void clear() {
    held.clear();
  }
}
