package dev.roomcast.tyrus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The keys of applications that may use the writing HTTP API; only their SHA-256 is kept.
 *
 * <p>Immutable.
 */
public final class ApiKeys {

  private static final String BEARER = "bearer ";
  private static final String DIGEST = "sha256:";
  private static final int MIN_LENGTH = 16;

  private final List<byte[]> digests;

  private ApiKeys(List<byte[]> digests) {
    this.digests = List.copyOf(digests);
  }

  /**
   * Reads a file with a key a line, or {@code sha256:} and its digest in hex. Empty lines and those
   * that begin with {@code #} are skipped.
   *
   * @throws IOException when it cannot be read
   * @throws IllegalArgumentException when it has no key, or a bad one; the message tells the line,
   *     not what is in it
   */
  public static ApiKeys read(Path file) throws IOException {
    List<byte[]> digests = new ArrayList<>();
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        digests.add(digest(line, i + 1));
      }
    }
    if (digests.isEmpty()) {
      throw new IllegalArgumentException(
          "a key, or sha256: and its digest in hex, a line expected");
    }
    return new ApiKeys(digests);
  }

  private static byte[] digest(String line, int number) {
    if (!line.startsWith(DIGEST)) {
      if (line.length() < MIN_LENGTH) {
        throw new IllegalArgumentException(
            "line " + number + ": a key of at least " + MIN_LENGTH + " characters expected");
      }
      return sha256(line);
    }
    String hex = line.substring(DIGEST.length()).strip();
    if (!hex.matches("[0-9a-fA-F]{64}")) {
      throw new IllegalArgumentException("line " + number + ": sha256: and 64 hex digits expected");
    }
    return HexFormat.of().parseHex(hex);
  }

  /** Whether a header {@code Authorization} has one of the keys. */
  boolean allowsHeader(@Nullable String authorization) {
    return authorization != null
        && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)
        && allows(authorization.substring(BEARER.length()).strip());
  }

  /** Whether this is one of the keys. How long that takes says nothing about them. */
  boolean allows(String key) {
    byte[] digest = sha256(key);
    boolean found = false;
    for (byte[] known : digests) {
      found |= MessageDigest.isEqual(known, digest);
    }
    return found;
  }

  private static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
