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

  /** What was held: of the epoch that was asked for, by offset, and whether there was another. */
  record Taken(List<Publication> ofEpoch, boolean others) {}

  /** Returns what is held, and holds nothing any more. */
  Taken takeAll(String epoch) {
    List<Publication> ofEpoch = new ArrayList<>(held);
    held.clear();
    boolean others = ofEpoch.removeIf(publication -> !publication.epoch().equals(epoch));
    ofEpoch.sort(Comparator.comparingLong(Publication::offset));
    return new Taken(ofEpoch, others);
  }

  void clear() {
    held.clear();
  }
}
