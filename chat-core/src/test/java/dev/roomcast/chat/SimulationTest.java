package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The promises of the protocol, for many seeds. {@code -Droomcast.seed=N} plays one seed and prints
 * what happened, {@code -Droomcast.seeds=N} plays so many.
 */
class SimulationTest {

  private static final long SEEDS = Long.getLong("roomcast.seeds", 1_000);

  @Test
  void whatIsPromisedIsKeptWhateverHappens() {
    Long one = Long.getLong("roomcast.seed");
    if (one != null) {
      show(one);
      return;
    }
    List<String> broken = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      String problem = new Simulation(seed, false).play();
      if (problem != null) {
        broken.add("-Droomcast.seed=" + seed + " shows: " + problem);
      }
    }
    assertEquals(List.of(), broken.stream().limit(10).toList(), broken.size() + " seeds");
  }

  private static void show(long seed) {
    Simulation simulation = new Simulation(seed, true);
    String problem = simulation.play();
    simulation.trace().forEach(System.out::println);
    assertNull(problem);
  }

  @Test
  void aSeedIsTheSameRunEachTime() {
    List<String> first = run(7);
    assertEquals(first, run(7));
  }

  private static List<String> run(long seed) {
    Simulation simulation = new Simulation(seed, true);
    simulation.play();
    return simulation.trace();
  }
}
