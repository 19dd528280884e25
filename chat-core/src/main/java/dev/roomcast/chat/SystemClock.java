package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real time, and all timers of a node on one wheel that one thread turns.
 *
 * <p>A task runs never before its time and up to a tick, {@value #TICK_MILLIS} ms, after it, if the
 * tasks before it do not hold it up. The thread sleeps until the next tick that has a timer.
 * Thread-safe.
 */
final class SystemClock implements ChatClock {

  static final int TICK_MILLIS = 20;

  private static final Logger log = LoggerFactory.getLogger(SystemClock.class);
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);

  /** So far the thread looks ahead, and so long it sleeps at most: about a second. */
  private static final int LOOK_AHEAD = 50;

  private final long start = System.nanoTime();
  private final TimerWheel wheel = new TimerWheel();
  private final Thread thread;
  private volatile long wakeAt = Long.MAX_VALUE;
  private volatile boolean closed;

  SystemClock(String node) {
    thread = new Thread(this::turn, "roomcast-timer-" + node);
    thread.setDaemon(true);
    thread.start();
  }

  private void turn() {
    while (!closed) {
      for (Runnable task : wheel.take((System.nanoTime() - start) / TICK)) {
        if (!closed) {
          run(task);
        }
      }
      // Whoever schedules while this thread looks has to wake it: it may have looked there.
      wakeAt = Long.MAX_VALUE;
      long next = wheel.next(LOOK_AHEAD);
      wakeAt = next;
      long wait = start + next * TICK - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(this, wait);
      }
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.error("a timer task failed; this is a fault of Roomcast or of a hook", e);
    }
  }

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public long millis() {
    return System.currentTimeMillis();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    if (closed) {
      return () -> {};
    }
    long due = System.nanoTime() - start + Math.max(0, nanos(delay));
    TimerWheel.Entry timer = wheel.add((due + TICK - 1) / TICK, task);
    if (timer.tick() < wakeAt) {
      LockSupport.unpark(thread);
    }
    return timer;
  }

  /** At most a hundred years, so that sums stay positive. */
  private static long nanos(Duration delay) {
    return TimeUnit.NANOSECONDS.convert(
        delay.compareTo(Duration.ofDays(36_500)) < 0 ? delay : Duration.ofDays(36_500));
  }

  /** Timers that are set. */
  int timers() {
    return wheel.size();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
