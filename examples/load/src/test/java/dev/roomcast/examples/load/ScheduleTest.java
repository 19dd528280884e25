package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  private static final List<Fault.Kind> ALL = List.of(Fault.Kind.values());

  @Test
  void theSameSeedGivesTheSameSchedule() {
    assertEquals(Schedule.of(7, 60, 3, 200, ALL), Schedule.of(7, 60, 3, 200, ALL));
    assertNotEquals(Schedule.of(7, 60, 3, 200, ALL), Schedule.of(8, 60, 3, 200, ALL));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyKindComesAndOneNodeServes(long seed) {
    List<Fault> faults = Schedule.of(seed, 300, 2, 20, ALL).faults();
    assertEquals(
        EnumSet.allOf(Fault.Kind.class),
        faults.stream()
            .map(Fault::kind)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.Kind.class))));
    for (Fault one : faults) {
      assertTrue(one.at() + one.millis() < 300_000, one::toString);
      for (Fault other : faults) {
        boolean during = other.at() > one.at() && other.at() <= one.at() + one.millis();
        boolean clash =
            one.kind().ofNode() && other.kind().ofNode()
                || one.kind().ofRedis() && other.kind().ofRedis();
        assertTrue(!(during && clash), () -> one + " with " + other);
      }
    }
  }

  @Test
  void withoutKindsNothingHappens() {
    assertEquals(List.of(), Schedule.of(1, 60, 3, 200, List.of()).faults());
  }
}
