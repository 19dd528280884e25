package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenBucketTest {

  private static long taken(TokenBucket bucket, int times, long now) {
    return IntStream.range(0, times).filter(i -> bucket.take(now) == 0).count();
  }

  @Test
  void aBurstGoesThroughAtOnceAndNoMore() {
    assertEquals(300, taken(new TokenBucket(30, 300, 0), 1_000, 0));
  }

  @Test
  void theWaitItNamesIsExact() {
    for (int rate : new int[] {1, 3, 7, 30, 999, 1_000, 5_000}) {
      TokenBucket bucket = new TokenBucket(rate, 1, 0);
      long now = 0;
      assertEquals(0, bucket.take(now));
      long wait = bucket.take(now);
      assertTrue(wait >= 1, "rate " + rate);
      if (wait > 1) {
        assertTrue(bucket.take(now + wait - 1) > 0, "rate " + rate);
      }
      assertEquals(0, bucket.take(now + wait), "rate " + rate);
    }
  }

  @Test
  void forLongItLetsThroughItsRate() {
    TokenBucket bucket = new TokenBucket(30, 300, 0);
    long taken = 0;
    for (long now = 0; now < 100_000; now += 10) {
      taken += taken(bucket, 5, now);
    }
    assertTrue(Math.abs(300 + 30 * 100 - taken) <= 2, taken + " got through");
  }

  @Test
  void itHoldsNoMoreThanTheBurst() {
    TokenBucket bucket = new TokenBucket(30, 300, 0);
    assertEquals(300, taken(bucket, 1_000, 1_000_000_000L));
  }

  @Test
  void aClockThatGoesBackGivesNothing() {
    TokenBucket bucket = new TokenBucket(10, 1, 100_000);
    assertEquals(0, bucket.take(100_000));
    assertTrue(bucket.take(0) > 0);
    assertTrue(bucket.take(50) > 0, "time before the last look does not count twice");
  }

  @Test
  void aRateOfZeroIsNoBound() {
    assertEquals(100_000, taken(new TokenBucket(0, 0, 0), 100_000, 0));
  }
}
