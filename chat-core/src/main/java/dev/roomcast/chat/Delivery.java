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
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of announcements to one node's listener: in order, one at a time, and what gathered for a
 * room while the listener worked comes to it as one batch.
 *
 * <p>Whoever adds to an empty queue has the executor deliver. The one thread that {@link #reads}
 * does it itself when it has read all: so a message that finds nothing to do wakes no other thread,
 * and those of one read leave together. Its {@code debt} passes to the executor as soon as anybody
 * else adds something, who might wait for it otherwise.
 *
 * <p>{@code size} is what is in the queue and what is being delivered; one thread delivers from
 * when it rises from 0 until it is 0 again. {@code reader} is set and reset by that thread alone.
 * Thread-safe.
 */
final class Delivery {

  private static final Logger log = LoggerFactory.getLogger(Delivery.class);
  private static final int ROUND = 1_024;

  private final Executor executor;
  private final BackendListener listener;
  private final Queue<Event> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicReference<@Nullable Thread> reader = new AtomicReference<>();
  private final AtomicBoolean debt = new AtomicBoolean();
  private volatile boolean closed;

  Delivery(Executor executor, BackendListener listener) {
    this.executor = executor;
    this.listener = listener;
  }

  /** Something announced. Immutable. */
  sealed interface Event {}

  record Published(Publication publication) implements Event {}

  record Ephemeral(String room, Json frame) implements Event {}

  record Presence(String room, PresenceChange change) implements Event {}

  record Direct(Publication publication) implements Event {}

  record Told(String user, Json frame) implements Event {}

  record Control(Json control) implements Event {}

  record Marker(Runnable arrived) implements Event {}

  void add(Event event) {
    queue.add(event);
    boolean first = size.getAndIncrement() == 0;
    if (reader.get() == Thread.currentThread()) {
      if (first) {
        debt.set(true);
      }
    } else if (first || takesDebt()) {
      schedule();
    }
  }

  private boolean takesDebt() {
    return debt.get() && debt.compareAndSet(true, false);
  }

  /** Runs what reads and publishes; what it published has been delivered, or is about to be. */
  void reads(Runnable read) {
    if (!reader.compareAndSet(null, Thread.currentThread())) {
      read.run();
      return;
    }
    try {
      read.run();
    } finally {
      reader.set(null);
      if (takesDebt()) {
        round();
      }
    }
  }

  private void schedule() {
    try {
      executor.execute(this::round);
    } catch (RejectedExecutionException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  private void round() {
    int taken = size.get() == 1 ? one() : many();
    if (size.addAndGet(-taken) > 0) {
      schedule();
    }
  }

  /** What comes alone, as it does where little is said, needs no batches. */
  private int one() {
    deliver(queue.remove());
    return 1;
  }

  private int many() {
    Map<String, List<Publication>> batches = new LinkedHashMap<>();
    int taken = 0;
    Event event;
    while (taken < ROUND && (event = queue.poll()) != null) {
      taken++;
      if (event instanceof Published published) {
        batches
            .computeIfAbsent(published.publication().room(), room -> new ArrayList<>())
            .add(published.publication());
      } else {
        // Kinds keep their order within a room; simplest is to deliver what came before.
        flush(batches);
        deliver(event);
      }
    }
    flush(batches);
    return taken;
  }

  private void flush(Map<String, List<Publication>> batches) {
    batches.forEach(
        (room, publications) -> guarded(() -> listener.onPublications(room, publications)));
    batches.clear();
  }

  private void deliver(Event event) {
    if (event instanceof Published p) {
      Publication publication = p.publication();
      guarded(() -> listener.onPublications(publication.room(), List.of(publication)));
    } else if (event instanceof Ephemeral e) {
      guarded(() -> listener.onEphemeral(e.room(), e.frame()));
    } else if (event instanceof Presence p) {
      guarded(() -> listener.onPresence(p.room(), p.change()));
    } else if (event instanceof Direct d) {
      Publication publication = d.publication();
      guarded(() -> listener.onDirect(publication.room(), List.of(publication)));
    } else if (event instanceof Told t) {
      guarded(() -> listener.onTold(t.user(), t.frame()));
    } else if (event instanceof Control c) {
      guarded(() -> listener.onControl(c.control()));
    } else if (event instanceof Marker marker) {
      marker.arrived().run();
    }
  }

  private void guarded(Runnable call) {
    if (closed) {
      return;
    }
    try {
      call.run();
    } catch (RuntimeException e) {
      log.error(
          "an announcement could not be delivered. Rooms read their logs when an offset is missing; this is a fault, report it",
          e);
    }
  }

  void close() {
    closed = true;
  }
}
