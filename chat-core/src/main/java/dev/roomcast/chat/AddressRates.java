package dev.roomcast.chat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How often each address may do something in a second; as often at once.
 *
 * <p>Two maps take turns, a second or {@value #MAX_ADDRESSES} addresses each: whoever was not seen
 * for a whole turn has a full bucket anyway. Many addresses cannot fill the memory, at most they
 * make it forget how fast one of them comes. Guarded by "this".
 */
final class AddressRates {

  private static final int MAX_ADDRESSES = 10_000;
  private static final int TURN_MS = 1_000;

  private final int perSecond;
  private Map<String, TokenBucket> buckets = new HashMap<>();
  private Map<String, TokenBucket> earlier = new HashMap<>();
  private long turnedAt;

  /** {@code perSecond} 0 = as often as they like. */
  AddressRates(int perSecond) {
    this.perSecond = perSecond;
  }

  /**
   * Notes that an address does it; false when it does so too often.
   *
   * @param address as {@link ClientAddress#key} gives it; null may do it as often as it likes
   */
  synchronized boolean take(@Nullable String address, long now) {
    if (perSecond == 0 || address == null) {
      return true;
    }
    if (now - turnedAt >= TURN_MS || buckets.size() >= MAX_ADDRESSES) {
      earlier = buckets;
      buckets = new HashMap<>();
      turnedAt = now;
    }
    TokenBucket bucket =
        buckets.computeIfAbsent(
            address,
            key -> {
              TokenBucket before = earlier.get(key);
              return before == null ? new TokenBucket(perSecond, perSecond, now) : before;
            });
    return bucket.take(now) == 0;
  }

  /** Addresses that are remembered. */
  synchronized int size() {
    return buckets.size() + earlier.size();
  }
}
