package dev.roomcast.chat;

/** A token bucket: so many at once, so many a second for long. Guarded by its owner. */
final class TokenBucket {

  private final double perMilli;
  private final double size;
  private double tokens;
  private long filledAt;

  /** Makes a full bucket; {@code perSecond} 0 = no bound. */
  TokenBucket(int perSecond, int burst, long now) {
    perMilli = perSecond / 1_000.0;
    size = burst;
    tokens = burst;
    filledAt = now;
  }

  /** Takes a token and returns 0, or returns in how many ms there will be one. */
  long take(long now) {
    if (perMilli == 0) {
      return 0;
    }
    tokens = Math.min(size, tokens + Math.max(0, now - filledAt) * perMilli);
    filledAt = now;
    if (tokens >= 1) {
      tokens--;
      return 0;
    }
    return Math.max(1, (long) Math.ceil((1 - tokens) / perMilli));
  }
}
