package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HistogramTest {

  @Test
  void percentilesAreRightToThreePerCent() {
    Histogram histogram = new Histogram();
    for (int i = 1; i <= 10_000; i++) {
      histogram.add(i * 1_000L);
    }
    for (double percent : new double[] {1, 50, 99, 99.9}) {
      double exact = percent * 100_000;
      double found = histogram.percentile(percent);
      assertTrue(found >= exact && found <= exact * 1.032, percent + ": " + found);
    }
    assertEquals(10_000_000, histogram.max());
    assertEquals(10_000_000, histogram.percentile(100));
    assertEquals(10_000, histogram.count());
  }

  @Test
  void theSumOfTwoIsWhatOneWouldHaveCounted() {
    Histogram small = new Histogram();
    Histogram large = new Histogram();
    Histogram all = new Histogram();
    for (int i = 0; i < 1_000; i++) {
      small.add(i);
      large.add(i * 1_000_000L);
      all.add(i);
      all.add(i * 1_000_000L);
    }
    small.add(large);
    small.add(new Histogram());
    for (double percent : new double[] {1, 50, 75, 99, 100}) {
      assertEquals(all.percentile(percent), small.percentile(percent));
    }
    assertEquals(2_000, small.count());
  }

  @Test
  void smallAndHugeValuesHaveAPlace() {
    Histogram histogram = new Histogram();
    histogram.add(-1);
    histogram.add(0);
    histogram.add(Long.MAX_VALUE);
    assertEquals(0, histogram.percentile(50));
    assertEquals(Long.MAX_VALUE, histogram.percentile(100));
    assertEquals(0, new Histogram().percentile(50));
  }
}
