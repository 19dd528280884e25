package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sketch of the busiest rooms promises, against exact counts. */
class SpaceSavingTest {

  @Test
  void whatFitsIsCountedExactly() {
    SpaceSaving sketch = new SpaceSaving(4);
    sketch.add("b", 2);
    sketch.add("a", 2);
    sketch.add("c", 5);
    sketch.add("b", 1);
    assertEquals(
        List.of(
            new SpaceSaving.Estimate("c", 5, 0),
            new SpaceSaving.Estimate("b", 3, 0),
            new SpaceSaving.Estimate("a", 2, 0)),
        sketch.top(10));
    assertEquals(List.of("c", "b"), names(sketch.top(2)));
    sketch.clear();
    assertEquals(List.of(), sketch.top(10));
    assertEquals(0, sketch.total());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void noCountIsTooLowNorTooHighByMoreThanItsShareOfAll(long seed) {
    Random random = new Random(seed);
    int capacity = 1 + random.nextInt(60);
    SpaceSaving sketch = new SpaceSaving(capacity);
    Map<String, Long> exact = new HashMap<>();
    int names = 1 + random.nextInt(2_000);
    for (int i = 0; i < 20_000; i++) {
      // Some names are far more frequent than others, and new ones come all the time.
      String name = "room" + (int) (names * Math.pow(random.nextDouble(), 1 + (double) (seed % 7)));
      long times = 1L + random.nextInt(4);
      sketch.add(name, times);
      exact.merge(name, times, Long::sum);
    }
    long total = exact.values().stream().mapToLong(Long::longValue).sum();
    assertEquals(total, sketch.total());
    List<SpaceSaving.Estimate> all = sketch.top(Integer.MAX_VALUE);
    assertEquals(Math.min(capacity, exact.size()), all.size(), "memory is bounded");
    for (SpaceSaving.Estimate estimate : all) {
      long truly = exact.getOrDefault(estimate.name(), 0L);
      assertTrue(truly <= estimate.count(), "never too low");
      assertTrue(estimate.count() - estimate.error() <= truly, "too high by its error at most");
      assertTrue(estimate.error() <= total / capacity, "and that is bounded");
    }
    Map<String, Long> counted =
        all.stream()
            .collect(Collectors.toMap(SpaceSaving.Estimate::name, SpaceSaving.Estimate::count));
    exact.forEach(
        (name, count) -> {
          if (count > total / capacity) {
            assertTrue(counted.containsKey(name), "whoever has more than that is there");
          }
        });
  }

  private static List<String> names(List<SpaceSaving.Estimate> estimates) {
    return estimates.stream().map(SpaceSaving.Estimate::name).toList();
  }
}
