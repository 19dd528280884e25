package dev.roomcast.examples.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What a master does under load, played with simple costs: 100 µs a script, of which 80 once. */
class MasterQueueTest {

  private static final CostModel COSTS =
      new CostModel(80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  @Test
  void aMasterThatHasTimeAnswersAfterItsWorkAndTheWay() {
    MasterQueue.Result result = MasterQueue.play(COSTS, 1_000, 0, 100, 10_000);
    assertEquals(0.01, result.used(), 0.001);
    assertEquals(1, result.batch(), 0.01);
    assertEquals((100 + 2 * MasterQueue.WAY_MICROS) / 1e3, result.p50Millis(), 0.001);
  }

  @Test
  void whatIsSaidMeanwhileIsOneBatchSoThatMoreThanOneByOneIsCarried() {
    // One by one 10,000 a second are all that a master can do.
    MasterQueue.Result result = MasterQueue.play(COSTS, 100, 0, 20_000, 100_000);
    assertTrue(result.batch() > 1.5, result::toString);
    assertEquals(20_000, result.perSecond(), 500);
    assertTrue(result.used() > 0.9, result::toString);
  }

  @Test
  void aHalfUsedMasterWaitsAsTheoryOfQueuesSays() {
    // One room a message: no batches, so this is M/D/1, whose mean wait is u/(2(1-u)) of the work.
    MasterQueue.Result result = MasterQueue.play(COSTS, 1_000_000, 0, 5_000, 200_000);
    assertEquals(0.5, result.used(), 0.01);
    // Half of them wait for nobody, and the median of the others is within one piece of work.
    assertTrue(result.p50Millis() < 0.4, result::toString);
    assertEquals(0.1 + 0.2 + 0.25, result.p99Millis(), 0.1);
  }

  @Test
  void theSameIsPlayedTheSameWay() {
    assertEquals(
        MasterQueue.play(COSTS, 10, 3, 9_000, 10_000),
        MasterQueue.play(COSTS, 10, 3, 9_000, 10_000));
  }
}
