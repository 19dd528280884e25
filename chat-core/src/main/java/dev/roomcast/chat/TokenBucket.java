package dev.roomcast.chat;

/** A token bucket: so many at once, so many a second for long. Guarded by its owner. */
final class TokenBucket {

  private final double perMilli;
  private final double size;
  private double tokens;
  private long filledAt;

  /** Makes a full bucket; {@code perSecond} 0 = no bound. */
  TokenBucket(double perSecond, double burst, long now) {
    perMilli = perSecond / 1_000.0;
    size = burst;
    tokens = burst;
    filledAt = now;
  }

  /** Takes a token and returns 0, or returns in how many ms there will be one. */
  long take(long now) {
    return take(1, now);
  }

  /** Takes so many tokens and returns 0, or returns in how many ms there will be so many. */
  long take(int count, long now) {
    if (perMilli == 0) {
      return 0;
    }
    fill(now);
    if (tokens >= count) {
      tokens -= count;
      return 0;
    }
    return Math.max(1, (long) Math.ceil((count - tokens) / perMilli));
  }

  /** Puts tokens back that were taken for nothing. */
  void giveBack(int count) {
    tokens = Math.min(size, tokens + count);
  }

  /** Whether nothing is missing, so that it is like a new one. */
  boolean isFull(long now) {
    fill(now);
    return tokens == size;
  }

  private void fill(long now) {
    tokens = Math.min(size, tokens + Math.max(0, now - filledAt) * perMilli);
    filledAt = Math.max(filledAt, now);
  }
}
