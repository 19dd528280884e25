package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A hashed timer wheel: tasks by the tick in which they are due, in a ring of buckets.
 *
 * <p>To schedule and to cancel is to link and to unlink, whatever the number of timers; one that is
 * cancelled is gone at once, with all that it holds. A timer further away than one turn, {@value
 * #SLOTS} ticks, is passed by once a turn until its own comes. What a tick is, its owner knows.
 *
 * <p>Any thread may schedule and cancel; {@link #take} and {@link #next} belong to one. Each bucket
 * is guarded by its own monitor, under which nothing is called.
 */
final class TimerWheel {

  static final int SLOTS = 1_024;

  private final Bucket[] buckets = new Bucket[SLOTS];
  private volatile long taken;

  /** Tick 0 is over, the first one to be taken is 1. */
  TimerWheel() {
    for (int i = 0; i < SLOTS; i++) {
      buckets[i] = new Bucket();
    }
    buckets[0].taken = 0;
  }

  /** The timers of a slot, a ring around {@code head}; {@code taken} is its newest tick. */
  private static final class Bucket {
    final Entry head = new Entry(this, 0, null);
    long taken = -1;

    Bucket() {
      head.before = head;
      head.after = head;
    }
  }

  /** A scheduled task; guarded by its bucket's monitor, with null links when it is in no ring. */
  static final class Entry implements ChatClock.Timer {
    private final Bucket bucket;
    private final long tick;
    private @Nullable Runnable task;
    private @Nullable Entry before;
    private @Nullable Entry after;

    private Entry(Bucket bucket, long tick, @Nullable Runnable task) {
      this.bucket = bucket;
      this.tick = tick;
      this.task = task;
    }

    /** The tick with which it is taken. */
    long tick() {
      return tick;
    }

    @Override
    public void cancel() {
      synchronized (bucket) {
        unlink();
      }
    }

    private void link() {
      Entry head = bucket.head;
      Entry last = head.before;
      before = last;
      after = head;
      head.before = this;
      if (last != null) {
        last.after = this;
      }
    }

    private @Nullable Runnable unlink() {
      if (before == null || after == null) {
        return null;
      }
      before.after = after;
      after.before = before;
      before = null;
      after = null;
      Runnable found = task;
      task = null; // whoever keeps the timer does not keep what it was for
      return found;
    }
  }

  /** Schedules a task for a tick, or for the next one that is still to be taken. */
  Entry add(long tick, Runnable task) {
    for (long at = tick; ; at = Math.max(at + 1, taken + 1)) {
      Bucket bucket = bucket(at);
      synchronized (bucket) {
        if (at > bucket.taken) {
          Entry entry = new Entry(bucket, at, task);
          entry.link();
          return entry;
        }
      }
    }
  }

  /** Takes out what is due by this tick, in the order of ticks and within each as scheduled. */
  List<Runnable> take(long until) {
    List<Runnable> due = new ArrayList<>();
    for (long tick = taken + 1; tick <= until; tick++) {
      take(bucket(tick), tick, due);
      taken = tick;
    }
    return due;
  }

  private static void take(Bucket bucket, long tick, List<Runnable> due) {
    synchronized (bucket) {
      bucket.taken = tick;
      Entry entry = bucket.head.after;
      while (entry != null && entry != bucket.head) {
        Entry next = entry.after;
        if (entry.tick <= tick) {
          Runnable task = entry.unlink();
          if (task != null) {
            due.add(task);
          }
        }
        entry = next;
      }
    }
  }

  /** The next tick that has a timer in its bucket, or the last one looked at. */
  long next(int ticks) {
    long last = taken + ticks;
    for (long tick = taken + 1; tick < last; tick++) {
      Bucket bucket = bucket(tick);
      synchronized (bucket) {
        if (bucket.head.after != bucket.head) {
          return tick;
        }
      }
    }
    return last;
  }

  /** Timers that have neither run nor been cancelled. */
  int size() {
    int size = 0;
    for (Bucket bucket : buckets) {
      synchronized (bucket) {
        for (Entry entry = bucket.head.after;
            entry != null && entry != bucket.head;
            entry = entry.after) {
          size++;
        }
      }
    }
    return size;
  }

  private Bucket bucket(long tick) {
    return buckets[(int) (tick & (SLOTS - 1))];
  }
}
