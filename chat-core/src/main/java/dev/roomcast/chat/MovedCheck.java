package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks for sessions that went on at another node while this one could not be told: after
 * announcements were lost the store is asked about each connected session once, a part of them a
 * second.
 *
 * <p>{@code unsure} is confined to the sweep; the rest is thread-safe.
 */
final class MovedCheck {

  private static final int ASKED_PER_SECOND = 1_000;

  private final ChatNode node;
  private final ArrayDeque<ClientSession> unsure = new ArrayDeque<>(0);
  private final AtomicBoolean missed = new AtomicBoolean();

  MovedCheck(ChatNode node) {
    this.node = node;
  }

  /** Announcements were lost, and what other nodes say with them. */
  void missed() {
    missed.set(true);
  }

  /** Asks about the next ones; called once a second. */
  void sweep() {
    if (missed.getAndSet(false)) {
      unsure.clear();
      node.sessions().forEach(unsure::add);
    }
    for (int i = 0; i < ASKED_PER_SECOND && !unsure.isEmpty(); i++) {
      ClientSession session = unsure.remove();
      if (session.connected()) {
        session.confirm();
      }
    }
  }
}
