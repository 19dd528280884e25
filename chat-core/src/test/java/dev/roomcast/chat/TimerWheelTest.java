package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The wheel on its own, tick by tick, and under threads; then with the thread that turns it. */
class TimerWheelTest {

  private final TimerWheel wheel = new TimerWheel();
  private final List<String> ran = new ArrayList<>();

  private void at(long tick, String name) {
    wheel.add(tick, () -> ran.add(name));
  }

  private void turnTo(long tick) {
    wheel.take(tick).forEach(Runnable::run);
  }

  @Test
  void tasksRunWithTheirTickInOrderAndOnce() {
    at(3, "c");
    at(1, "a");
    at(3, "d");
    at(2, "b");
    turnTo(0);
    assertEquals(List.of(), ran);
    turnTo(2);
    assertEquals(List.of("a", "b"), ran);
    turnTo(10);
    turnTo(TimerWheel.SLOTS + 10);
    assertEquals(List.of("a", "b", "c", "d"), ran);
    assertEquals(0, wheel.size());
  }

  @Test
  void whatIsTurnsAwayWaitsForItsTurn() {
    at(5 + 3L * TimerWheel.SLOTS, "far");
    at(5, "near");
    turnTo(5 + 3L * TimerWheel.SLOTS - 1);
    assertEquals(List.of("near"), ran);
    turnTo(5 + 3L * TimerWheel.SLOTS);
    assertEquals(List.of("near", "far"), ran);
  }

  @Test
  void whatIsScheduledForATickThatIsOverRunsWithTheNext() {
    at(0, "first");
    turnTo(1);
    assertEquals(List.of("first"), ran);
    ran.clear();
    turnTo(7);
    at(7, "late");
    at(2, "later");
    turnTo(8);
    assertEquals(List.of("late", "later"), ran);
  }

  @Test
  void aCancelledTimerIsGoneAtOnceWithWhatItHeld() {
    List<Object> payload = new ArrayList<>(List.of(new Object()));
    WeakReference<Object> held = new WeakReference<>(payload.get(0));
    ChatClock.Timer timer = scheduleWith(payload.remove(0));
    timer.cancel();
    timer.cancel();
    assertEquals(0, wheel.size());
    await()
        .until(
            () -> {
              System.gc();
              return held.get() == null;
            });
    turnTo(200);
    assertEquals(List.of(), ran);
  }

  private ChatClock.Timer scheduleWith(Object payload) {
    return wheel.add(100, () -> ran.add(payload.toString()));
  }

  @Test
  void theNextTickWithATimerIsFoundOrTheEndOfTheLook() {
    at(30, "x");
    assertEquals(30, wheel.next(50));
    assertEquals(20, wheel.next(20));
    turnTo(30);
    assertEquals(80, wheel.next(50));
  }

  @Test
  void threadsThatScheduleAndCancelWhileItTurnsLoseNothingAndRunNothingTwice() throws Exception {
    int threads = 4;
    int each = 50_000;
    AtomicInteger[] runs = new AtomicInteger[threads * each];
    boolean[] cancelled = new boolean[threads * each];
    AtomicLong now = new AtomicLong();
    CountDownLatch done = new CountDownLatch(threads);
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    for (int t = 0; t < threads; t++) {
      int from = t * each;
      new Thread(
              () -> {
                try {
                  Random random = new Random(from);
                  for (int i = from; i < from + each; i++) {
                    AtomicInteger count = new AtomicInteger();
                    runs[i] = count;
                    // Also for ticks that are just being taken, or were.
                    ChatClock.Timer timer =
                        wheel.add(now.get() + random.nextInt(6) - 2, count::incrementAndGet);
                    if (random.nextInt(3) == 0) {
                      timer.cancel();
                      cancelled[i] = true;
                    }
                  }
                } catch (RuntimeException | Error e) {
                  failures.add(e);
                } finally {
                  done.countDown();
                }
              })
          .start();
    }
    while (done.getCount() > 0) {
      turnTo(now.incrementAndGet());
    }
    turnTo(now.get() + 10);
    assertTrue(failures.isEmpty(), failures::toString);
    assertEquals(0, wheel.size());
    int ranAlthoughCancelled = 0;
    for (int i = 0; i < runs.length; i++) {
      int count = runs[i].get();
      assertTrue(cancelled[i] ? count <= 1 : count == 1, "timer " + i + " ran " + count);
      ranAlthoughCancelled += cancelled[i] ? count : 0;
    }
    // Cancelling may come too late, but not as a rule.
    assertTrue(
        ranAlthoughCancelled < runs.length / 6, "cancelled in vain: " + ranAlthoughCancelled);
  }

  @Test
  void theClockRunsTasksAfterTheirTimeNeverBeforeAndSurvivesWhatTheyThrow() throws Exception {
    SystemClock clock = new SystemClock("test");
    try {
      int timers = 400;
      CountDownLatch left = new CountDownLatch(timers);
      AtomicInteger early = new AtomicInteger();
      Random random = new Random(1);
      clock.schedule(
          Duration.ZERO,
          () -> {
            throw new StackOverflowError("thrown by the test");
          });
      for (int i = 0; i < timers; i++) {
        long delay = TimeUnit.MICROSECONDS.toNanos(random.nextInt(300_000));
        long due = System.nanoTime() + delay;
        clock.schedule(
            Duration.ofNanos(delay),
            () -> {
              if (System.nanoTime() - due < 0) {
                early.incrementAndGet();
              }
              left.countDown();
            });
      }
      assertTrue(left.await(20, TimeUnit.SECONDS), "timers are lost");
      assertEquals(0, early.get());
      assertEquals(0, clock.timers());
    } finally {
      clock.close();
    }
  }

  @Test
  void aTimerThatIsSetWhileTheThreadSleepsWakesIt() throws Exception {
    SystemClock clock = new SystemClock("test");
    try {
      for (int i = 0; i < 20; i++) {
        CountDownLatch ran = new CountDownLatch(1);
        long began = System.nanoTime();
        clock.schedule(Duration.ofMillis(5), ran::countDown);
        assertTrue(ran.await(20, TimeUnit.SECONDS));
        if (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(500)) {
          return; // the thread slept for a second at a time, had it not been woken
        }
      }
      throw new AssertionError("the thread is not woken");
    } finally {
      clock.close();
    }
  }

  @Test
  void aClosedClockRunsNothingMore() throws Exception {
    SystemClock clock = new SystemClock("test");
    CountDownLatch closed = new CountDownLatch(1);
    AtomicInteger ranAfter = new AtomicInteger();
    clock.schedule(
        Duration.ZERO,
        () -> {
          clock.close();
          closed.countDown();
        });
    clock.schedule(Duration.ofMillis(60), ranAfter::incrementAndGet);
    assertTrue(closed.await(20, TimeUnit.SECONDS));
    clock.schedule(Duration.ZERO, ranAfter::incrementAndGet).cancel();
    await().pollDelay(Duration.ofMillis(150)).until(() -> ranAfter.get() == 0);
  }
}
