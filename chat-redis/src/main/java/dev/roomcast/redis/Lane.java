package dev.roomcast.redis;

import dev.roomcast.redis.Batch.Waiting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A room's way to the log; it goes when nothing is on it.
 *
 * <p>While it {@code gathers}, a thread that reads is about to send what waits. Guarded by "this".
 */
final class Lane {

  private static final int BATCH = 256;
  private static final int BATCH_BYTES = 512 * 1024;

  final String room;
  final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  @Nullable Batch onItsWay;
  boolean gathers;
  boolean removed;

  Lane(String room) {
    this.room = room;
  }

  /** Takes what waits for the next batch, which is on its way then. Something must wait. */
  Batch next(long number) {
    List<Waiting> drafts = new ArrayList<>();
    int bytes = 0;
    Waiting next;
    while ((next = waiting.peek()) != null
        && drafts.size() < BATCH
        && (drafts.isEmpty() || bytes + next.bytes() <= BATCH_BYTES)) {
      drafts.add(waiting.remove());
      bytes += next.bytes();
    }
    Batch batch = new Batch(room, number, drafts, System.nanoTime());
    onItsWay = batch;
    gathers = false;
    return batch;
  }
}
