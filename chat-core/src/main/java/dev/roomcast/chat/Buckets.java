package dev.roomcast.chat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Counts values by their size: how many there were up to each bound, and what they add up to.
 *
 * <p>A value costs two additions, and a batch of values that are alike no more than one value.
 * Whoever shows them reads each bucket's count and sum, which only grow. Thread-safe.
 */
final class Buckets {

  /** In nanoseconds, from half a millisecond to ten seconds. */
  private static final long[] TIMES =
      Stream.of(500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000)
          .mapToLong(TimeUnit.MICROSECONDS::toNanos)
          .toArray();

  private static final long[] LONG_TIMES =
      Stream.of(1_000, 2_500, 5_000, 10_000).mapToLong(TimeUnit.MILLISECONDS::toNanos).toArray();

  private static final long[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256};

  private final long[] bounds;
  private final LongAdder[] counts;
  private final LongAdder[] sums;

  private Buckets(long[] bounds) {
    this.bounds = bounds;
    this.counts =
        Stream.generate(LongAdder::new).limit(bounds.length + 1L).toArray(LongAdder[]::new);
    this.sums = Stream.generate(LongAdder::new).limit(bounds.length + 1L).toArray(LongAdder[]::new);
  }

  /** For times in nanoseconds. */
  static Buckets ofTimes() {
    long[] all = Arrays.copyOf(TIMES, TIMES.length + LONG_TIMES.length);
    System.arraycopy(LONG_TIMES, 0, all, TIMES.length, LONG_TIMES.length);
    return new Buckets(all);
  }

  /** For numbers of things in a batch. */
  static Buckets ofSizes() {
    return new Buckets(SIZES);
  }

  void add(long value) {
    add(bucket(value), 1, value);
  }

  /** Counts how old each publication is; a publication from the future is not old at all. */
  void addAges(List<Publication> publications, long nowMillis) {
    int bucket = 0;
    long count = 0;
    long sum = 0;
    for (int i = 0; i < publications.size(); i++) {
      long age = TimeUnit.MILLISECONDS.toNanos(Math.max(0, nowMillis - publications.get(i).ts()));
      int its = bucket(age);
      if (its != bucket && count > 0) {
        add(bucket, count, sum);
        count = 0;
        sum = 0;
      }
      bucket = its;
      count++;
      sum += age;
    }
    if (count > 0) {
      add(bucket, count, sum);
    }
  }

  private void add(int bucket, long count, long sum) {
    counts[bucket].add(count);
    sums[bucket].add(sum);
  }

  private int bucket(long value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** How many buckets there are: one for each bound, and one for what is above the last. */
  int size() {
    return counts.length;
  }

  /** The largest value of each bucket but the last. */
  long[] bounds() {
    return bounds.clone();
  }

  /** How many values fell into a bucket so far. */
  long count(int bucket) {
    return counts[bucket].sum();
  }

  /** What the values of a bucket add up to so far. */
  long sum(int bucket) {
    return sums[bucket].sum();
  }

  /** How many values there were. */
  long count() {
    return Arrays.stream(counts).mapToLong(LongAdder::sum).sum();
  }
}
