package dev.roomcast.chat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends a node's clients away, a few at a time, so that each is away for a moment only and the
 * nodes that take them in have no rush.
 *
 * <p>From the beginning nobody is let in any more. Then, slice by slice, connections get their
 * {@code closing} and are closed when what they asked for is answered and written; the others go on
 * as ever. All have been told before a margin at the end, in which slow readers get what is queued
 * for them. Who is still there then is cut by whoever ends the node.
 *
 * <p>{@code waiting} have not been told yet. Guarded by "this", which is not held while a session
 * is called.
 */
final class Drain {

  /** Every so often some are told; one at least, so that a few do not take the whole time. */
  static final Duration SLICE = Duration.ofMillis(50);

  /** The part of the time in which nobody has to be told any more, and the most of it. */
  private static final int MARGIN_PART = 5;

  private static final Duration MOST_MARGIN = Duration.ofSeconds(2);

  /** Clients come back at random within the slice, or at this rate when a slice is large. */
  private static final int COME_BACK_PER_MILLI = 1;

  private static final long MOST_MILLIS_AWAY = 3_000;

  private final ChatNode node;
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();
  private final ArrayDeque<ClientSession> waiting = new ArrayDeque<>();
  private long allToldAt = Long.MAX_VALUE;
  private volatile boolean begun;

  Drain(ChatNode node) {
    this.node = node;
  }

  /** Whether nobody is let in any more. */
  boolean begun() {
    return begun;
  }

  /**
   * Begins, or goes on with less time. The future says whether all were gone before the time was
   * over.
   */
  CompletableFuture<Boolean> start(Duration atMost) {
    Duration part = atMost.dividedBy(MARGIN_PART);
    Duration margin = part.compareTo(MOST_MARGIN) < 0 ? part : MOST_MARGIN;
    long told = node.clock().millis() + atMost.minus(margin).toMillis();
    boolean first;
    synchronized (this) {
      first = !begun;
      begun = true;
      allToldAt = Math.min(allToldAt, told);
    }
    if (first) {
      for (ClientSession session : node.sessions()) {
        if (!session.welcomed()) {
          continue; // it is told when it is
        }
        boolean slow = session.queuedBytes() > 0;
        synchronized (this) {
          if (slow) {
            waiting.addFirst(session); // it needs most of the time
          } else {
            waiting.addLast(session);
          }
        }
      }
    }
    look();
    ChatClock.Timer timeout = node.clock().schedule(atMost, () -> drained.complete(false));
    if (first) {
      slice();
    }
    return drained.whenComplete((flushed, failure) -> timeout.cancel());
  }

  /** Somebody who was let in just before has been welcomed. */
  void opened(ClientSession session) {
    if (begun) {
      session.goAway(awayMillis(1));
    }
  }

  /** Looks whether all are gone, those too who were let in and are on their way. */
  void look() {
    if (begun && node.isEmpty()) {
      drained.complete(true);
    }
  }

  private void slice() {
    List<ClientSession> now = new ArrayList<>();
    boolean more;
    synchronized (this) {
      waiting.removeIf(session -> !session.connected());
      long left = allToldAt - node.clock().millis();
      long slices = Math.max(1, left / SLICE.toMillis());
      long count = (waiting.size() + slices - 1) / slices;
      while (now.size() < count) {
        now.add(waiting.remove());
      }
      more = !waiting.isEmpty();
    }
    if (more) {
      node.clock().schedule(SLICE, () -> node.executor().execute(this::slice));
    }
    for (ClientSession session : now) {
      session.goAway(awayMillis(now.size()));
    }
  }

  private static long awayMillis(int together) {
    long most = Math.max(SLICE.toMillis(), together / COME_BACK_PER_MILLI);
    return ThreadLocalRandom.current().nextLong(Math.min(most, MOST_MILLIS_AWAY));
  }
}
