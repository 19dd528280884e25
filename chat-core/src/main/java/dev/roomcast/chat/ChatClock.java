package dev.roomcast.chat;

import java.time.Duration;
import java.time.InstantSource;

/**
 * Time and timers of a node, in one place so that tests own both.
 *
 * <p>Thread-safe.
 */
interface ChatClock extends InstantSource {

  /**
   * Runs {@code task} once, never before {@code delay} is over and not long after it, on the timer
   * thread: it must not block.
   */
  Timer schedule(Duration delay, Runnable task);

  /** Ends the timers: what has not run by now does not run. */
  void close();

  /** A scheduled task. */
  interface Timer {
    /** Prevents the task from running, if it has not begun. */
    void cancel();
  }
}
