package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of announcements to one node's listener: those of a room in order, one at a time, and
 * what gathered for a room while the listener worked comes to it as one batch.
 *
 * <p>Rooms are spread over {@value LANES} {@linkplain DeliveryLane lanes}, so that two threads may
 * tell the listener of two rooms at once. Conversations and what is of no room share one.
 *
 * <p>Whoever adds to an empty lane has the executor deliver. A thread that {@link #reads} does it
 * itself when it has read all: so a message that finds nothing to do wakes no other thread, and
 * those of one read leave together. What several threads read for one lane is delivered by the
 * first of them that is done; and when anybody else adds to it, who might wait for them otherwise,
 * by the executor.
 *
 * <p>{@code reading} is of a thread that reads now or has read. Thread-safe.
 */
final class Delivery {

  private static final Logger log = LoggerFactory.getLogger(Delivery.class);

  /** Many more than threads, so that two of them seldom meet in one; a bit of a long for each. */
  private static final int LANES = Long.SIZE;

  private final BackendListener listener;
  private final List<DeliveryLane> lanes = new ArrayList<>(LANES);
  private final ThreadLocal<Reading> reading = ThreadLocal.withInitial(Reading::new);
  private volatile boolean closed;

  Delivery(Executor executor, BackendListener listener) {
    this.listener = listener;
    for (int i = 0; i < LANES; i++) {
      lanes.add(new DeliveryLane(this, executor));
    }
  }

  /** Whether a thread reads, and the lanes that it may have to deliver. Confined to it. */
  private static final class Reading {
    boolean now;
    long lanes;
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
    int lane = lane(event);
    Reading mine = reading.get();
    if (!mine.now) {
      lanes.get(lane).add(event);
    } else if (lanes.get(lane).addLater(event)) {
      mine.lanes |= 1L << lane;
    }
  }

  private static int lane(Event event) {
    if (event instanceof Published published) {
      return lane(published.publication().room());
    } else if (event instanceof Ephemeral ephemeral) {
      return lane(ephemeral.room());
    } else if (event instanceof Presence presence) {
      return lane(presence.room());
    }
    return 0;
  }

  private static int lane(String room) {
    if (Conversation.is(room)) {
      return 0; // a marker comes after what was told of it
    }
    int hash = room.hashCode();
    return Math.floorMod(hash ^ hash >>> 16, LANES);
  }

  /** Runs what reads and publishes; what it published has been delivered, or is about to be. */
  void reads(Runnable read) {
    Reading mine = reading.get();
    if (mine.now) {
      read.run(); // a part of what this thread reads already
      return;
    }
    mine.now = true;
    try {
      read.run();
    } finally {
      mine.now = false;
      long due = mine.lanes;
      mine.lanes = 0;
      for (; due != 0; due &= due - 1) {
        lanes.get(Long.numberOfTrailingZeros(due)).deliverIfDue();
      }
    }
  }

  /** Tells of a room's publications, oldest first. */
  void deliver(String room, List<Publication> publications) {
    guarded(() -> listener.onPublications(room, publications));
  }

  /** Tells of anything else. */
  void deliver(Event event) {
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
    } catch (RuntimeException | Error e) {
      log.error(
          "an announcement could not be delivered. Rooms read their logs when an offset is missing; this is a fault, report it",
          e);
    }
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
  }
}
