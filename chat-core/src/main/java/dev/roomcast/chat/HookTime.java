package dev.roomcast.chat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the application's code: how long a call may take, and how many there may be at a time.
 *
 * <p>One timer looks after all calls, set for the first that will be late; there is none while
 * nothing runs. Calls that were given up and go on all the same count until they return. So code
 * that never returns makes others be refused in the end, and costs no more threads. Thread-safe.
 */
final class HookTime {

  private static final Logger log = LoggerFactory.getLogger(HookTime.class);
  private static final int MAX_CALLS = 10_000;
  private static final long LEAST_MILLIS = 10;
  private static final long QUIET_MILLIS = 1_000;
  private static final Duration SOON = Duration.ofSeconds(1);

  private final ChatClock clock;
  private final Duration limit;
  private final LongAdder late;
  private final Map<HookCall<?>, Long> open = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicLong warned = new AtomicLong();
  private final AtomicBoolean watching = new AtomicBoolean();

  HookTime(ChatClock clock, Duration limit, LongAdder late) {
    this.clock = clock;
    this.limit = limit;
    this.late = late;
  }

  /** Has the call made; the stage ends with its answer, or when its time is over. */
  <T extends @Nullable Object> CompletionStage<T> limited(Executor executor, HookCall<T> call) {
    long end = clock.millis() + limit.toMillis();
    execute(executor, call);
    if (!call.result().isDone()) {
      open.put(call, end);
      call.result().whenComplete((value, failure) -> open.remove(call));
      if (watching.compareAndSet(false, true)) {
        clock.schedule(limit, this::watch);
      }
    }
    return call.result();
  }

  /** Has the call made, however long it takes. */
  <T extends @Nullable Object> CompletionStage<T> unlimited(Executor executor, HookCall<T> call) {
    execute(executor, call);
    return call.result();
  }

  private void execute(Executor executor, HookCall<?> call) {
    if (calls.incrementAndGet() > MAX_CALLS) {
      calls.decrementAndGet();
      tooBusy(call, null);
      return;
    }
    try {
      executor.execute(
          () -> {
            try {
              call.run();
            } finally {
              calls.decrementAndGet();
            }
          });
    } catch (RejectedExecutionException e) {
      calls.decrementAndGet();
      tooBusy(call, e);
    }
  }

  private static void tooBusy(HookCall<?> call, @Nullable RejectedExecutionException e) {
    log.debug("a call of the {} was refused, too many are under way", call.hook(), e);
    call.end(ChatException.retryLater(ErrorCode.UNAVAILABLE, "the server is too busy", SOON));
  }

  private void watch() {
    long now = clock.millis();
    long next = Long.MAX_VALUE;
    for (Map.Entry<HookCall<?>, Long> entry : open.entrySet()) {
      if (entry.getValue() > now) {
        next = Math.min(next, entry.getValue());
      } else {
        giveUp(entry.getKey());
      }
    }
    if (next < Long.MAX_VALUE) {
      clock.schedule(Duration.ofMillis(Math.max(LEAST_MILLIS, next - now)), this::watch);
      return;
    }
    watching.set(false);
    if (!open.isEmpty() && watching.compareAndSet(false, true)) {
      clock.schedule(limit, this::watch); // one came just now
    }
  }

  private void giveUp(HookCall<?> call) {
    open.remove(call);
    if (call.end(
        ChatException.retryLater(ErrorCode.UNAVAILABLE, "the server takes too long", SOON))) {
      late.increment();
      long now = clock.millis();
      if (now - warned.getAndUpdate(last -> now - last < QUIET_MILLIS ? last : now)
          < QUIET_MILLIS) {
        return;
      }
      log.warn(
          "the {} took longer than {} ms: whoever waited is told \"unavailable\", its thread is "
              + "interrupted; look at what it waits for, or raise the limit hook-timeout",
          call.hook(),
          limit.toMillis());
    }
  }
}
