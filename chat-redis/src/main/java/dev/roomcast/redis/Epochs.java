package dev.roomcast.redis;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A source of epochs that nobody ever gave out: random for the process, and counted in it. The
 * script that gets one decides whether it is needed. Thread-safe.
 */
final class Epochs {

  private final String prefix;
  private final AtomicLong count = new AtomicLong();

  Epochs() {
    byte[] random = new byte[9];
    new SecureRandom().nextBytes(random);
    prefix = Base64.getUrlEncoder().withoutPadding().encodeToString(random) + ".";
  }

  String next() {
    return prefix + Long.toString(count.incrementAndGet(), Character.MAX_RADIX);
  }
}
