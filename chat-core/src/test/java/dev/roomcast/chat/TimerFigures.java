package dev.roomcast.chat;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What a timer costs on the wheel and in an executor's heap, while many are set; run by hand.
 * Stateless.
 */
final class TimerFigures {

  private static final int ROUNDS = 8;
  private static final int PAIRS = 200_000;
  private static final Duration FAR = Duration.ofSeconds(60);

  private TimerFigures() {}

  /** Schedules so many timers and never cancels them. */
  private interface Subject {
    Runnable schedule(Duration delay);

    void end();
  }

  public static void main(String[] args) {
    int set = args.length == 0 ? 100_000 : Integer.parseInt(args[0]);
    figures("wheel   ", wheel(), set);
    figures("executor", executor(), set);
  }

  private static Subject wheel() {
    SystemClock clock = new SystemClock("figures");
    return new Subject() {
      @Override
      public Runnable schedule(Duration delay) {
        return clock.schedule(delay, () -> {})::cancel;
      }

      @Override
      public void end() {
        clock.close();
      }
    };
  }

  private static Subject executor() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    timer.setRemoveOnCancelPolicy(true);
    return new Subject() {
      @Override
      public Runnable schedule(Duration delay) {
        Future<?> future = timer.schedule(() -> {}, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
      }

      @Override
      public void end() {
        timer.shutdownNow();
      }
    };
  }

  private static void figures(String name, Subject subject, int set) {
    long before = used();
    for (int i = 0; i < set; i++) {
      subject.schedule(FAR.plusMillis(i % 10_000));
    }
    long bytes = (used() - before) / set;
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < PAIRS; i++) {
        subject.schedule(Duration.ofMillis(6_000 + i % 1_000)).run();
      }
      best = Math.min(best, (System.nanoTime() - start) / (double) PAIRS);
    }
    System.out.printf(
        Locale.ROOT,
        "%s  %,d set: %.0f ns to schedule and cancel one more, %d bytes each%n",
        name,
        set,
        best,
        bytes);
    subject.end();
  }

  private static long used() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
