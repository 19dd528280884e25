package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Limits;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the measurements have in common. Stateless. */
final class Nodes {

  /** Nobody is limited, nobody is silent for too long. */
  static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .bytesPerSecond(0)
          .userCommandsPerSecond(0)
          .connections(0)
          .connectionsPerAddress(0)
          .handshakesPerSecondPerAddress(0)
          .pendingHandshakes(0)
          .sessionsPerUser(0)
          .heartbeat(Duration.ofMinutes(10))
          .build();

  private static final long PATIENCE_SECONDS = 60;

  private Nodes() {}

  static RedisBackend connect(String redis) {
    return RedisBackend.connect(RedisOptions.of(redis).namespace("bench:costs"));
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not reached in time: " + what);
      }
      TimeUnit.MICROSECONDS.sleep(100);
    }
  }

  /** Bytes of the heap that are in use after a collection. */
  static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
