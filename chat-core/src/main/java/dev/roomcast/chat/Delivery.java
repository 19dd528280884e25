package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of announcements to one node's listener: in order, one at a time, and what gathered for a
 * room while the listener worked comes to it as one batch. Thread-safe.
 */
final class Delivery {

  private static final Logger log = LoggerFactory.getLogger(Delivery.class);
  private static final int ROUND = 1_024;

  private final Executor executor;
  private final BackendListener listener;
  private final Queue<Event> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
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
    if (size.getAndIncrement() == 0) {
      schedule();
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
    if (size.addAndGet(-taken) > 0) {
      schedule();
    }
  }

  private void flush(Map<String, List<Publication>> batches) {
    batches.forEach(
        (room, publications) -> guarded(() -> listener.onPublications(room, publications)));
    batches.clear();
  }

  private void deliver(Event event) {
    if (event instanceof Ephemeral e) {
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
