package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tells a deaf subscriber: canaries that do not come back. Its connection is replaced then.
 * One may be late because this node is busy; a replacement would only add to that. Thread-safe.
 */
final class Canary {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int MOST_LATE = 2;

  private final RedisLink link;
  private final Commands commands;
  private final Duration timeout;
  private final ScheduledExecutorService timer;
  private final Map<String, Flight> awaited = new ConcurrentHashMap<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicInteger late = new AtomicInteger();

  /** A canary on its way; {@code at} is when it was sent last. */
  private static final class Flight {
    final String token;
    final CompletableFuture<Duration> probe = new CompletableFuture<>();
    volatile long at;

    Flight(String token) {
      this.token = token;
    }
  }

  /**
   * Creates what tells whether {@code link} hears.
   *
   * @param commands the way by which canaries are published
   */
  Canary(RedisLink link, Commands commands, Duration timeout, ScheduledExecutorService timer) {
    this.link = link;
    this.commands = commands;
    this.timeout = timeout;
    this.timer = timer;
  }

  /**
   * Sends one on the channel of canaries, and again when that is subscribed to meanwhile: right
   * after a start or a loss it may not be yet.
   */
  CompletableFuture<Duration> probe(String channel) {
    Flight flight = new Flight(Long.toString(sent.incrementAndGet()));
    CompletableFuture<Duration> probe = flight.probe;
    awaited.put(flight.token, flight);
    probe.whenComplete((took, failure) -> awaited.remove(flight.token));
    announce(channel, flight);
    boolean listening = link.isUp();
    try {
      timer.schedule(() -> end(probe, listening), timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      probe.completeExceptionally(new ChatException(ErrorCode.UNAVAILABLE, "closed"));
    }
    return probe;
  }

  /** The channel is heard from now on: what was sent before went unheard. */
  void subscribed(String channel) {
    awaited.values().forEach(flight -> announce(channel, flight));
  }

  private void announce(String channel, Flight flight) {
    flight.at = System.nanoTime();
    commands
        .announce(channel, flight.token.getBytes(StandardCharsets.US_ASCII))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                flight.probe.completeExceptionally(ChatException.of(failure));
              }
            });
  }

  /** One has come back. */
  void heard(byte[] payload) {
    Flight flight = awaited.remove(new String(payload, StandardCharsets.UTF_8));
    if (flight != null) {
      flight.probe.complete(Duration.ofNanos(System.nanoTime() - flight.at));
    }
  }

  private void end(CompletableFuture<Duration> probe, boolean listening) {
    boolean isLate =
        probe.completeExceptionally(
            new ChatException(ErrorCode.UNAVAILABLE, "what is announced does not arrive here"));
    if (!isLate) {
      late.set(0);
    } else if (listening && late.incrementAndGet() >= MOST_LATE) {
      late.set(0);
      log.warn(
          "what is announced does not arrive here, though Redis answers. The connection is replaced, and"
              + " rooms read their logs then, so nothing is lost; if this repeats, look at the load of"
              + " this process and of Redis");
      link.replaceConnection();
    }
  }
}
