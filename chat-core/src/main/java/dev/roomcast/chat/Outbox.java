package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bounded queue of frames that wait to be written to one connection.
 *
 * <p>An empty outbox hands a frame straight to the transport, on the calling thread; while a write
 * is in flight frames gather, and leave together in the next one. The bytes that wait, the write in
 * flight included, never exceed the bound, but for a single frame that finds the outbox empty.
 *
 * <p>State: {@code writing} is true from before {@link Transport#write} until it is over, so there
 * is never a second write; {@code queue} is empty unless {@code writing}, and null until something
 * had to wait; {@code waitingSince} is {@code AT_ONCE} while nobody knows whether the write will
 * have to wait, for most are over at once and need no look at the clock; {@code dropped} is what a
 * closed outbox did not write of rooms' logs, if anybody wants to know. Guarded by "this", which is
 * never held while the transport is called.
 */
final class Outbox implements Transport.WriteListener {

  private static final long AT_ONCE = -1;

  private volatile Transport transport;
  private final int maxBytes;
  private final ChatClock clock;
  private final OutboxMemory memory;
  private @Nullable ArrayDeque<Frame> queue;
  private int bytes;
  private long sent;
  private final @Nullable Map<String, Position> dropped;
  private @Nullable Frame flying;
  private int inFlight;
  private int steps;
  private boolean writing;
  private boolean closed;
  private long waitingSince = AT_ONCE;
  private @Nullable Runnable onEmpty;

  /**
   * Makes an empty one.
   *
   * @param accounts whether to know, when it is closed, what the client has not got
   */
  Outbox(
      Transport transport, int maxBytes, ChatClock clock, OutboxMemory memory, boolean accounts) {
    this.transport = transport;
    this.maxBytes = maxBytes;
    this.clock = clock;
    this.memory = memory;
    this.dropped = accounts ? new HashMap<>(0) : null;
  }

  /**
   * Sends the frame, now or after those that wait. Never blocks.
   *
   * @return false when it does not fit any more; nothing is queued then. True also when the
   *     connection is closed: there is nobody left to send it to
   */
  boolean offer(Frame frame) {
    synchronized (this) {
      if (closed) {
        dropped(frame);
        return true;
      }
      if (writing) {
        if (bytes + (long) frame.size() > maxBytes) {
          dropped(frame);
          return false;
        }
        bytes += frame.size();
        if (queue == null) {
          queue = new ArrayDeque<>(2);
        }
        queue.add(frame);
        note();
        return true;
      }
      writing = true;
      fly(frame);
      inFlight = frame.size();
      sent += inFlight;
      bytes = inFlight;
      waitingSince = AT_ONCE;
    }
    if (transport.write(frame, this)) {
      writeNext();
    } else {
      waits();
    }
    return true;
  }

  /** The write in flight is not over at once, or it was not and is by now. */
  private synchronized void waits() {
    if (waitingSince == AT_ONCE) {
      waitingSince = clock.millis();
    }
  }

  /**
   * Reads what the next {@link #offer} will need, see {@link Transport#lookAhead}; without "this",
   * for what it reads may be old.
   */
  int lookAhead() {
    return bytes + transport.lookAhead();
  }

  @Override
  public void written(boolean ok) {
    if (ok) {
      writeNext();
    } else {
      close();
    }
  }

  /** Writes what gathered meanwhile; a loop, because a write may be over at once. */
  private void writeNext() {
    while (true) {
      Frame next;
      Runnable empty = null;
      synchronized (this) {
        bytes -= inFlight;
        inFlight = 0;
        fly(null);
        note();
        if (closed || queue == null || queue.isEmpty()) {
          writing = false;
          empty = onEmpty;
          onEmpty = null;
          next = null;
        } else {
          next = takeAll(queue);
          fly(next);
          inFlight = next.size();
          sent += inFlight;
          waitingSince = AT_ONCE;
        }
      }
      if (next == null) {
        if (empty != null) {
          empty.run();
        }
        return;
      }
      if (!transport.write(next, this)) {
        waits();
        return;
      }
    }
  }

  /** Must be called with "this" held and what is not empty. */
  private static Frame takeAll(ArrayDeque<Frame> queue) {
    Frame all = Frame.join(queue);
    queue.clear();
    return all;
  }

  /**
   * Notes the frame in flight, if anybody wants to know: an old object that is given a new one with
   * every write is a place that G1 has to look at each time. Must be called with "this" held.
   */
  private void fly(@Nullable Frame frame) {
    if (dropped != null) {
      flying = frame;
    }
  }

  /** Tells how much waits, in whole steps. Must be called with "this" held. */
  private void note() {
    int now = bytes / OutboxMemory.STEP;
    if (now != steps) {
      memory.changed(now - steps);
      steps = now;
    }
  }

  /** Notes what the client does not get. Must be called with "this" held. */
  private void dropped(@Nullable Frame frame) {
    if (dropped == null || frame == null) {
      return;
    }
    for (Frame part : frame.parts()) {
      Frame.Before before = part.before();
      if (before != null) {
        dropped.merge(before.room(), before.position(), Outbox::earlier);
      }
    }
  }

  private static Position earlier(Position noted, Position now) {
    return now.epoch().equals(noted.epoch()) && now.offset() < noted.offset() ? now : noted;
  }

  /**
   * The position in a room's log up to which all was handed to the operating system, once the
   * outbox is closed; null when that is all that was offered.
   */
  synchronized @Nullable Position before(String room) {
    return dropped == null ? null : dropped.get(room);
  }

  /** Drops what waits and takes no more. */
  void close() {
    Runnable empty;
    synchronized (this) {
      if (!closed) {
        dropped(flying);
        if (queue != null) {
          queue.forEach(this::dropped);
        }
      }
      closed = true;
      flying = null;
      transport = NoTransport.INSTANCE;
      queue = null;
      bytes = inFlight;
      note();
      empty = onEmpty;
      onEmpty = null;
    }
    if (empty != null) {
      empty.run();
    }
  }

  /** Runs {@code action} once everything offered so far is written, or the outbox is closed. */
  void whenEmpty(Runnable action) {
    synchronized (this) {
      if (writing && !closed) {
        onEmpty = action;
        return;
      }
    }
    action.run();
  }

  /** How long the write in flight has been going on, in ms; 0 when there is none. */
  synchronized long writingMillis() {
    return writing && waitingSince != AT_ONCE ? Math.max(0, clock.millis() - waitingSince) : 0;
  }

  /** Bytes that were handed to the transport so far. */
  synchronized long sent() {
    return sent;
  }

  /** Bytes that wait, the write in flight included. */
  synchronized int bytes() {
    return bytes;
  }
}
