package dev.roomcast.chat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Unguessable ids and secrets, from the JVM's secure source. Stateless. */
final class Ids {

  private Ids() {}

  /** Returns {@code bytes} random bytes, in URL-safe base 64. */
  static String random(int bytes) {
    byte[] value = new byte[bytes];
    // A new instance is cheap: all share the JVM's seeded generator.
    new SecureRandom().nextBytes(value);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(value);
  }

  /** Returns the SHA-256 of a secret, in hex: this is what is stored. */
  static String hash(String secret) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
