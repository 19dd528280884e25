package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When a worker is started again. */
class RestartsTest {

  private static final Duration SHORT = Duration.ofMillis(9_999);
  private static final Duration LONG = Duration.ofSeconds(10);

  private final Restarts restarts = new Restarts();

  @Test
  void theFirstStartDoesNotWait() {
    assertEquals(Duration.ZERO, restarts.pause());
  }

  @Test
  void workersThatListenAndDieAtOnceAreStartedEverMoreSeldomAndNeverGivenUp() {
    List<Long> pauses =
        IntStream.range(0, 12)
            .mapToObj(
                i -> {
                  restarts.ended(true, SHORT);
                  assertFalse(restarts.hopeless());
                  return restarts.pause().toMillis();
                })
            .toList();
    assertEquals(
        List.of(
            100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 12_800L, 25_600L, 25_600L, 25_600L,
            25_600L),
        pauses);
  }

  @Test
  void aWorkerThatLivedForTenSecondsIsStartedSoonAgain() {
    IntStream.range(0, 6).forEach(i -> restarts.ended(true, SHORT));
    restarts.ended(true, LONG);
    assertEquals(100, restarts.pause().toMillis());
  }

  @Test
  void aWorkerThatNeverGetsToListenIsGivenUp() {
    for (int i = 0; i < 4; i++) {
      restarts.ended(false, LONG);
      assertFalse(restarts.hopeless());
    }
    restarts.ended(true, SHORT);
    for (int i = 0; i < 4; i++) {
      restarts.ended(false, Duration.ZERO);
      assertFalse(restarts.hopeless());
    }
    restarts.ended(false, Duration.ZERO);
    assertTrue(restarts.hopeless());
  }
}
