package dev.roomcast.chat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Unguessable ids and secrets, from the JVM's secure source, which owns what state there is. */
final class Ids {

  /** Thread-safe. One for all: looking up its provider costs more than the bytes. */
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /** Returns {@code bytes} random bytes, in URL-safe base 64. */
  static String random(int bytes) {
    byte[] value = new byte[bytes];
    RANDOM.nextBytes(value);
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
