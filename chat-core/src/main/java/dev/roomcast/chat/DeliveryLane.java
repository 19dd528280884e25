package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A line of announcements that are delivered in order, by one thread at a time.
 *
 * <p>{@code size} is what is in the queue and what is being delivered; one thread has the lane from
 * when it rises from 0 until it is 0 again. While {@code due} no thread has it yet: whoever takes
 * that away has. Thread-safe.
 */
final class DeliveryLane {

  private static final int ROUND = 1_024;

  /** A thread that also reads delivers so many rounds, then leaves the rest to the executor. */
  private static final int ROUNDS = 4;

  private final Delivery delivery;
  private final Executor executor;
  private final Queue<Delivery.Event> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicBoolean due = new AtomicBoolean();

  DeliveryLane(Delivery delivery, Executor executor) {
    this.delivery = delivery;
    this.executor = executor;
  }

  /** Adds an event that waits for no thread that reads. */
  void add(Delivery.Event event) {
    if (put(event) || takesDue()) {
      schedule();
    }
  }

  /**
   * Adds an event that the calling thread, or another one, delivers when it has read.
   *
   * @return whether it has to {@link #deliverIfDue}
   */
  boolean addLater(Delivery.Event event) {
    if (put(event)) {
      due.set(true);
      return true;
    }
    return due.get();
  }

  private boolean put(Delivery.Event event) {
    queue.add(event);
    return size.getAndIncrement() == 0;
  }

  private boolean takesDue() {
    return due.get() && due.compareAndSet(true, false);
  }

  /** Delivers what is there, unless another thread has the lane. */
  void deliverIfDue() {
    if (takesDue()) {
      for (int i = 0; i < ROUNDS; i++) {
        if (round()) {
          return;
        }
      }
      schedule();
    }
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

  /**
   * Returns whether that was all, and the lane is another thread's from now on. Below 0 it was too:
   * one was taken that its thread has not counted yet.
   */
  private boolean round() {
    int taken = size.get() == 1 ? one() : many();
    return size.addAndGet(-taken) <= 0;
  }

  /** What comes alone, as it does where little is said, needs no batches. */
  private int one() {
    delivery.deliver(queue.remove());
    return 1;
  }

  private int many() {
    Map<String, List<Publication>> batches = new LinkedHashMap<>();
    int taken = 0;
    Delivery.Event event;
    while (taken < ROUND && (event = queue.poll()) != null) {
      taken++;
      if (event instanceof Delivery.Published published) {
        batches
            .computeIfAbsent(published.publication().room(), room -> new ArrayList<>())
            .add(published.publication());
      } else {
        // Kinds keep their order within a room; simplest is to deliver what came before.
        flush(batches);
        delivery.deliver(event);
      }
    }
    flush(batches);
    return taken;
  }

  private void flush(Map<String, List<Publication>> batches) {
    batches.forEach(delivery::deliver);
    batches.clear();
  }
}
