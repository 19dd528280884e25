package dev.roomcast.examples.demo;

import java.time.Duration;

/**
 * Decides for one worker after which pause it is started again, and when that is hopeless. Confined
 * to the thread that looks after the worker.
 */
final class Restarts {

  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MS = 100;
  private static final int DOUBLINGS = 8;
  private static final Duration GOOD_LIFE = Duration.ofSeconds(10);

  private int startsThatFailed;
  private int shortLives;

  /** A worker ended, or could not even be started: then it never listened. */
  void ended(boolean listened, Duration lived) {
    startsThatFailed = listened ? 0 : startsThatFailed + 1;
    shortLives = listened && lived.compareTo(GOOD_LIFE) >= 0 ? 1 : shortLives + 1;
  }

  /** Whether it did not get to listen so often that it never will. */
  boolean hopeless() {
    return startsThatFailed >= ATTEMPTS;
  }

  /** How long to wait before the next start: it grows while workers do not live for ten seconds. */
  Duration pause() {
    return shortLives == 0
        ? Duration.ZERO
        : Duration.ofMillis(FIRST_PAUSE_MS << Math.min(shortLives - 1, DOUBLINGS));
  }
}
