package dev.roomcast.chat;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The sessions of this node that have no connection and wait to be resumed. Beyond a number the one
 * that waits longest is ended, those without a room first: so who connects and goes in a storm ends
 * sessions of its own kind before those of members.
 *
 * <p>Guarded by "this", which is not held while a session is ended.
 */
final class WaitingSessions {

  private final int most;
  private final LimitHits hits;
  private final Set<ClientSession> outside = new LinkedHashSet<>();
  private final Set<ClientSession> members = new LinkedHashSet<>();

  WaitingSessions(Limits limits, LimitHits hits) {
    this.most = limits.waitingSessions();
    this.hits = hits;
  }

  /** Adds a session, which is in a room or not; another one may end by it, or this one. */
  void add(ClientSession session, boolean member) {
    ClientSession over = null;
    synchronized (this) {
      (member ? members : outside).add(session);
      if (outside.size() + members.size() > most) {
        Set<ClientSession> from = outside.isEmpty() ? members : outside;
        over = from.iterator().next();
        from.remove(over);
      }
    }
    if (over != null) {
      hits.add(LimitHit.WAITING_SESSIONS);
      over.end();
    }
  }

  /** A session was resumed, or is over. */
  synchronized void remove(ClientSession session) {
    if (!outside.remove(session)) {
      members.remove(session);
    }
  }

  synchronized int size() {
    return outside.size() + members.size();
  }
}
