package dev.roomcast.chat;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Hands {@link Buckets} over to a histogram of Micrometer, from time to time.
 *
 * <p>Recording into one costs many times what an addition does, and so is not done where messages
 * pass. Each value is handed over as the mean of its bucket's news: the buckets and the sum come
 * out right. Confined to the thread that hands over.
 */
final class Distribution {

  private final Buckets from;
  private final LongConsumer to;
  private final long[] bounds;
  private final long[] counts;
  private final long[] sums;

  private Distribution(Buckets from, LongConsumer to) {
    this.from = from;
    this.to = to;
    bounds = from.bounds();
    counts = new long[from.size()];
    sums = new long[from.size()];
  }

  static Distribution ofTimes(
      MeterRegistry registry, String name, String description, Tags tags, Buckets from) {
    Timer timer =
        Timer.builder(name)
            .description(description)
            .tags(tags)
            .serviceLevelObjectives(
                Arrays.stream(from.bounds()).mapToObj(Duration::ofNanos).toArray(Duration[]::new))
            .register(registry);
    return new Distribution(from, nanos -> timer.record(nanos, TimeUnit.NANOSECONDS));
  }

  static Distribution ofSizes(
      MeterRegistry registry, String name, String description, Buckets from) {
    DistributionSummary summary =
        DistributionSummary.builder(name)
            .description(description)
            .baseUnit("messages")
            .serviceLevelObjectives(Arrays.stream(from.bounds()).asDoubleStream().toArray())
            .register(registry);
    return new Distribution(from, summary::record);
  }

  /** Hands over what was measured since the last time. */
  void handOver() {
    for (int i = 0; i < counts.length; i++) {
      long news = from.count(i) - counts[i];
      if (news > 0) {
        counts[i] += news;
        // A value may have been counted but not added yet: what is missing comes the next time.
        long mean = within(i, (from.sum(i) - sums[i]) / news);
        sums[i] += mean * news;
        for (long n = 0; n < news; n++) {
          to.accept(mean);
        }
      }
    }
  }

  private long within(int bucket, long value) {
    long above = Math.max(value, bucket == 0 ? 0 : bounds[bucket - 1] + 1);
    return bucket == bounds.length ? above : Math.min(above, bounds[bucket]);
  }
}
