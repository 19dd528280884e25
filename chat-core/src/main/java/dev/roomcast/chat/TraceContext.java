package dev.roomcast.chat;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place of a publication in a distributed trace: a W3C {@code traceparent}.
 *
 * <p>It goes with a publication through the log to every node, and to whoever reads it there; no
 * client gets it. It says nothing about a user. Immutable.
 *
 * @param traceparent {@code 00-<32 hex digits>-<16 hex digits>-<2 hex digits>}, in lower case
 */
public record TraceContext(String traceparent) {

  private static final int LENGTH = 55;
  private static final Pattern FORM =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");

  /**
   * Checks the form.
   *
   * @throws IllegalArgumentException when it is another
   */
  public TraceContext {
    if (!FORM.matcher(Objects.requireNonNull(traceparent, "traceparent")).matches()) {
      throw new IllegalArgumentException("traceparent is not of the W3C's form");
    }
  }

  /**
   * Reads the header {@code traceparent}. As the W3C asks, one that is not valid counts as none,
   * and of a later version what this one knows.
   *
   * @return null when there is none
   */
  public static @Nullable TraceContext read(@Nullable String header) {
    if (header == null || header.length() < LENGTH) {
      return null;
    }
    boolean longer = header.length() > LENGTH;
    if (longer && (header.startsWith("00") || header.charAt(LENGTH) != '-')) {
      return null;
    }
    String known = header.substring(0, LENGTH);
    return FORM.matcher(known).matches() ? new TraceContext(known) : null;
  }

  private Matcher parts() {
    Matcher matcher = FORM.matcher(traceparent);
    if (!matcher.matches()) {
      throw new IllegalStateException(traceparent);
    }
    return matcher;
  }

  /** The trace, 32 hex digits. */
  public String traceId() {
    return parts().group(1);
  }

  /** The span that published, 16 hex digits. */
  public String parentId() {
    return parts().group(2);
  }

  /** Whether the trace is recorded. */
  public boolean sampled() {
    return (Integer.parseInt(parts().group(3), 16) & 1) == 1;
  }

  @Override
  public String toString() {
    return traceparent;
  }
}
