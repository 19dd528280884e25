package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;

/**
 * A clock that stands still until the test moves it; due timers run in their order on the test's
 * thread. Views share the time and have timers of their own, as nodes do. Timers are guarded by the
 * shared queue, which is not held while they run.
 */
final class ManualClock implements ChatClock {

  /** What all views of one time share. Guarded by itself. */
  private static final class Time {
    final PriorityQueue<Task> timers = new PriorityQueue<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    long scheduled;
  }

  private record Task(Instant due, long number, ManualClock owner, Runnable run)
      implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int first = due.compareTo(other.due);
      return first == 0 ? Long.compare(number, other.number) : first;
    }
  }

  private final Time time;

  ManualClock() {
    this(new Time());
  }

  private ManualClock(Time time) {
    this.time = time;
  }

  /** Another clock that shows the same time; closing it ends its own timers only. */
  ManualClock view() {
    return new ManualClock(time);
  }

  /** Moves the time on, and runs what becomes due on the way. */
  void advance(Duration duration) {
    Instant until = instant().plus(duration);
    while (runNext(until)) {}
    synchronized (time) {
      time.now = until;
    }
  }

  void advanceSeconds(double seconds) {
    advance(Duration.ofMillis(Math.round(seconds * 1_000)));
  }

  /** Moves on to the next timer that is due by then and runs it; false when there is none. */
  boolean runNext(Instant until) {
    Task next;
    synchronized (time) {
      next = time.timers.peek();
      if (next == null || next.due().isAfter(until)) {
        return false;
      }
      time.timers.remove();
      if (next.due().isAfter(time.now)) {
        time.now = next.due();
      }
    }
    next.run().run();
    return true;
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    synchronized (time) {
      Task timer = new Task(time.now.plus(delay), time.scheduled++, this, task);
      time.timers.add(timer);
      return () -> {
        synchronized (time) {
          time.timers.remove(timer);
        }
      };
    }
  }

  /** Timers of this view that have not run. */
  int timers() {
    synchronized (time) {
      return (int) time.timers.stream().filter(task -> task.owner() == this).count();
    }
  }

  @Override
  public Instant instant() {
    synchronized (time) {
      return time.now;
    }
  }

  @Override
  public void close() {
    synchronized (time) {
      time.timers.removeIf(task -> task.owner() == this);
    }
  }
}
