package dev.roomcast.examples.load;

import java.util.Arrays;

/**
 * Counts durations in buckets that are at most 1/32 wide, so percentiles are right to 3 %. Confined
 * to one thread.
 */
final class Histogram {

  private static final int PARTS = 32;

  private long[] buckets = {};
  private long count;
  private long max;

  void add(long nanos) {
    long value = Math.max(0, nanos);
    int bucket = bucket(value);
    reach(bucket + 1);
    buckets[bucket]++;
    count++;
    max = Math.max(max, value);
  }

  /** Adds all that another one has counted. */
  void add(Histogram other) {
    reach(other.buckets.length);
    for (int i = 0; i < other.buckets.length; i++) {
      buckets[i] += other.buckets[i];
    }
    count += other.count;
    max = Math.max(max, other.max);
  }

  private void reach(int length) {
    if (buckets.length < length) {
      buckets = Arrays.copyOf(buckets, (length + PARTS - 1) / PARTS * PARTS);
    }
  }

  private static int bucket(long value) {
    if (value < PARTS) {
      return (int) value;
    }
    int shift = 58 - Long.numberOfLeadingZeros(value);
    return (shift + 1) * PARTS + (int) (value >>> shift) - PARTS;
  }

  private static long upperEnd(int bucket) {
    if (bucket < PARTS) {
      return bucket;
    }
    int shift = bucket / PARTS - 1;
    return ((long) (bucket % PARTS + PARTS + 1) << shift) - 1;
  }

  /** Forgets everything. */
  void clear() {
    Arrays.fill(buckets, 0);
    count = 0;
    max = 0;
  }

  long count() {
    return count;
  }

  /** The value that so many per cent do not exceed; 0 when there is none. */
  long percentile(double percent) {
    long rank = (long) Math.ceil(count * percent / 100);
    long seen = 0;
    for (int i = 0; i < buckets.length; i++) {
      seen += buckets[i];
      if (seen >= rank && seen > 0) {
        return Math.min(max, upperEnd(i));
      }
    }
    return max;
  }

  long max() {
    return max;
  }

  /** For people: the percentiles in milliseconds. */
  @Override
  public String toString() {
    return String.format(
        java.util.Locale.ROOT,
        "p50 %.1f ms, p99 %.1f ms, max %.1f ms (%,d)",
        percentile(50) / 1e6,
        percentile(99) / 1e6,
        max / 1e6,
        count);
  }
}
