package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimelineTest {

  private static final long START = Long.MAX_VALUE - 5; // nanoTime may overflow

  private final Timeline timeline = new Timeline(START);

  private Timeline.Step at(double seconds) {
    return timeline.at(START + (long) (seconds * 1e9));
  }

  @Test
  void eachSecondHasAStepAndQuietOnesAreThereToo() {
    at(0).sent++;
    at(0.999).sent++;
    at(3).sent++;
    at(-5).sent++;
    assertEquals(1, timeline.seconds());
    assertEquals(
        java.util.List.of(3L, 0L, 0L, 1L),
        timeline.steps().stream().map(step -> step.sent).toList());
  }

  @Test
  void aLongRunHasLongerStepsAndLosesNothing() {
    int seconds = 5 * Timeline.MOST_STEPS + 1;
    for (int i = 0; i < seconds; i++) {
      at(i).delivered++;
      at(i).toMember.add(TimeUnit.MILLISECONDS.toNanos(i));
    }
    assertEquals(8, timeline.seconds());
    assertTrue(timeline.steps().size() <= Timeline.MOST_STEPS);
    assertEquals(8, timeline.steps().get(0).delivered);
    assertEquals(TimeUnit.MILLISECONDS.toNanos(7), timeline.steps().get(0).toMember.max());
    assertEquals(seconds, timeline.steps().stream().mapToLong(step -> step.delivered).sum());
    assertEquals(seconds, timeline.steps().stream().mapToLong(step -> step.toMember.count()).sum());
  }
}
