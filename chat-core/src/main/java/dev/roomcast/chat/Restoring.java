package dev.roomcast.chat;

import java.util.LinkedHashSet;

/**
 * Stores sessions of this node again, some at a time: after a failover every node does so for all
 * of its sessions, and the store has others to serve. Guarded by "this", which is not held while
 * the store is called.
 */
final class Restoring {

  static final int AT_ONCE = 32;

  private final LinkedHashSet<ClientSession> waiting = new LinkedHashSet<>();
  private int onTheirWay;
  private boolean pumping;

  /** Stores it when it is its turn, if it is still here then; once, however often it is asked. */
  void add(ClientSession session) {
    synchronized (this) {
      waiting.add(session);
    }
    pump();
  }

  private void pump() {
    while (true) {
      ClientSession next;
      synchronized (this) {
        if (pumping || onTheirWay >= AT_ONCE || waiting.isEmpty()) {
          return; // whoever pumps sees what is new; and what is answered at once does not nest
        }
        next = waiting.iterator().next();
        waiting.remove(next);
        onTheirWay++;
        pumping = true;
      }
      next.store().whenComplete((done, failure) -> answered());
      synchronized (this) {
        pumping = false;
      }
    }
  }

  private void answered() {
    synchronized (this) {
      onTheirWay--;
    }
    pump();
  }
}
