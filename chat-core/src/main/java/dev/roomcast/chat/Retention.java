package dev.roomcast.chat;

import java.time.Duration;
import java.util.Objects;

/**
 * How much of a room's log is kept: whatever is over one of the three is removed, oldest first.
 *
 * <p>A backend may keep up to a quarter more than {@code count} and {@code bytes} before it trims.
 * Immutable.
 *
 * @param count publications, 1 or more
 * @param age age of a publication, more than zero
 * @param bytes bytes of all bodies together, 1 or more
 */
public record Retention(int count, Duration age, long bytes) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when one is not positive
   */
  public Retention {
    Objects.requireNonNull(age, "age");
    if (count < 1 || bytes < 1 || age.isNegative() || age.isZero()) {
      throw new IllegalArgumentException(
          "retention must be positive: count " + count + ", age " + age + ", bytes " + bytes);
    }
  }
}
