package dev.roomcast.chat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The buckets of users in memory, which may be in debt. Guarded by "this". */
final class InMemoryTokens {

  private final Map<String, Bucket> buckets = new HashMap<>();

  /** So many tokens at a time; full again, and like none at all, at another. */
  private record Bucket(double tokens, long at, long fullAt) {}

  synchronized StateStore.Tokens take(
      long now, String user, int used, int wanted, int perSecond, int burst) {
    Bucket before = buckets.get(user);
    double tokens = burst;
    if (before != null) {
      double gained = Math.max(0, now - before.at()) * (perSecond / 1_000.0);
      tokens = Math.min(burst, before.tokens() + gained);
    }
    tokens = Math.max(-burst, tokens - used);
    int taken = (int) Math.max(0, Math.min(wanted, Math.floor(tokens)));
    tokens -= taken;
    long fullAt = now + millis(burst - tokens, perSecond);
    buckets.put(user, new Bucket(tokens, now, fullAt));
    long wait = taken > 0 ? 0 : Math.max(1, millis(Math.max(1, wanted / 2.0) - tokens, perSecond));
    return new StateStore.Tokens(taken, Duration.ofMillis(wait));
  }

  private static long millis(double tokens, int perSecond) {
    return (long) Math.ceil(tokens * 1_000 / perSecond);
  }

  /** Forgets the full ones. */
  synchronized void sweep(long now) {
    buckets.values().removeIf(bucket -> bucket.fullAt() <= now);
  }
}
