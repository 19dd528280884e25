package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A line of announcements that are delivered in order, by one thread at a time.
 *
 * <p>{@code busy} is from when something comes into the empty lane until all is delivered: one
 * thread has the lane then. While {@code due} no thread has it yet: whoever takes that away has.
 * {@code most} is how many waited at most, since the queue is the one it is. Guarded by "this",
 * which is never held while anything is delivered.
 */
final class DeliveryLane {

  private static final int ROUND = 1_024;

  /** A thread that also reads delivers so many rounds, then leaves the rest to the executor. */
  private static final int ROUNDS = 4;

  /** So many batches are looked at for one of the same room, the last first; another is as well. */
  private static final int LOOK_BACK = 8;

  private final Delivery delivery;
  private final Executor executor;
  private ArrayDeque<Delivery.Event> queue = new ArrayDeque<>();
  private int most;
  private boolean busy;
  private boolean due;

  DeliveryLane(Delivery delivery, Executor executor) {
    this.delivery = delivery;
    this.executor = executor;
  }

  /** Adds an event that waits for no thread that reads. */
  void add(Delivery.Event event) {
    synchronized (this) {
      put(event);
      if (busy && !due) {
        return;
      }
      busy = true;
      due = false;
    }
    schedule();
  }

  /**
   * Adds an event that the calling thread, or another one, delivers when it has read.
   *
   * @return whether it has to {@link #deliverIfDue}
   */
  synchronized boolean addLater(Delivery.Event event) {
    put(event);
    due |= !busy;
    busy = true;
    return due;
  }

  /** Must be called with "this" held. */
  private void put(Delivery.Event event) {
    queue.add(event);
    most = Math.max(most, queue.size());
  }

  /** Delivers what is there, unless another thread has the lane. */
  void deliverIfDue() {
    synchronized (this) {
      if (!due) {
        return;
      }
      due = false;
    }
    for (int i = 0; i < ROUNDS; i++) {
      if (round()) {
        return;
      }
    }
    schedule();
  }

  private void schedule() {
    try {
      executor.execute(
          () -> {
            if (!round()) {
              schedule(); // behind the other lanes that wait there
            }
          });
    } catch (RejectedExecutionException e) {
      if (!delivery.isClosed()) {
        throw e;
      }
    }
  }

  /** Returns whether that was all, and the lane is another thread's from now on. */
  private boolean round() {
    deliver(take());
    synchronized (this) {
      busy = !queue.isEmpty();
      if (!busy && most > ROUND) {
        queue = new ArrayDeque<>(); // one that has been long stays so
        most = 0;
      }
      return !busy;
    }
  }

  private synchronized List<Delivery.Event> take() {
    List<Delivery.Event> taken = new ArrayList<>(Math.min(ROUND, queue.size()));
    while (taken.size() < ROUND && !queue.isEmpty()) {
      taken.add(queue.remove());
    }
    return taken;
  }

  private void deliver(List<Delivery.Event> events) {
    List<List<Publication>> batches = new ArrayList<>();
    for (Delivery.Event event : events) {
      if (event instanceof Delivery.Published published) {
        batch(batches, published.publication().room()).add(published.publication());
      } else {
        // Kinds keep their order within a room; simplest is to deliver what came before.
        flush(batches);
        delivery.deliver(event);
      }
    }
    flush(batches);
  }

  private static List<Publication> batch(List<List<Publication>> batches, String room) {
    int last = batches.size() - 1;
    for (int i = last; i >= 0 && i > last - LOOK_BACK; i--) {
      List<Publication> batch = batches.get(i);
      if (batch.get(0).room().equals(room)) {
        return batch;
      }
    }
    List<Publication> batch = new ArrayList<>();
    batches.add(batch);
    return batch;
  }

  private void flush(List<List<Publication>> batches) {
    for (List<Publication> batch : batches) {
      delivery.deliver(batch.get(0).room(), batch);
    }
    batches.clear();
  }
}
