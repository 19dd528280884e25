package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * What waits in all outboxes of a node together, and its bound: above it the connections with the
 * largest outboxes are closed, until an eighth is free again.
 *
 * <p>An outbox tells when it grew or shrank by a whole {@value #STEP} bytes, so that a client that
 * keeps up costs nothing; the sums are exact once a second, when the node looks after its
 * connections. Thread-safe.
 */
final class OutboxMemory {

  static final int STEP = 4_096;

  private final ChatNode node;
  private final long most;
  private final LongAdder steps = new LongAdder();
  private final AtomicBoolean shedding = new AtomicBoolean();

  OutboxMemory(ChatNode node) {
    this.node = node;
    this.most = node.limits().outboxTotalBytes();
  }

  /** One outbox has so many steps more, or fewer. Its lock may be held. */
  void changed(int by) {
    steps.add(by);
    if (by > 0 && most > 0 && steps.sum() * STEP > most) {
      shed();
    }
  }

  /** All outboxes together have exactly so many bytes. */
  void exactly(long bytes) {
    if (most > 0 && bytes > most) {
      shed();
    }
  }

  private void shed() {
    if (shedding.compareAndSet(false, true)) {
      node.executor()
          .execute(
              () -> {
                try {
                  closeLargest();
                } finally {
                  shedding.set(false);
                }
              });
    }
  }

  /** A connection with its size of this moment, which must not change while they are sorted. */
  private record Sized(Connection connection, int bytes) {}

  private void closeLargest() {
    List<Sized> all = new ArrayList<>();
    long bytes = 0;
    for (ClientSession session : node.sessions()) {
      int waiting = session.queuedBytes();
      if (waiting > 0 && session.connected()) {
        all.add(new Sized(session.connection(), waiting));
        bytes += waiting;
      }
    }
    if (bytes <= most) {
      return;
    }
    all.sort(Comparator.comparingInt(Sized::bytes).reversed());
    for (Sized largest : all) {
      if (bytes <= most - most / 8) {
        return;
      }
      largest.connection().tooSlow(LimitHit.OUTBOX_TOTAL_BYTES);
      bytes -= largest.bytes();
    }
  }
}
