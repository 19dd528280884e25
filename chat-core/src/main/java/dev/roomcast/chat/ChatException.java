package dev.roomcast.chat;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Roomcast: a code for programs and a message for people.
 *
 * <p>The message goes to clients as it is, so it must not have secrets in it. Effectively
 * immutable.
 */
public final class ChatException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final Duration retryAfter;
  private final boolean unrecognized;

  /** Creates an exception that a client sees as {@code code} and {@code message}. */
  public ChatException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** Creates an exception with the cause for the log; the client does not see the cause. */
  public ChatException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, cause, Duration.ZERO, false);
  }

  private ChatException(
      ErrorCode code,
      String message,
      @Nullable Throwable cause,
      Duration retryAfter,
      boolean unrecognized) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
    this.retryAfter = retryAfter;
    this.unrecognized = unrecognized;
  }

  /** Returns an exception that also tells the client how long to wait before it tries again. */
  public static ChatException retryLater(ErrorCode code, String message, Duration retryAfter) {
    return new ChatException(code, message, null, retryAfter, false);
  }

  /**
   * Returns what an {@link Authenticator} throws when there is no credential, or one of a kind that
   * it cannot judge. The client sees {@code unauthorized}, unless another authenticator of a {@link
   * Authenticator#chain} knows the credential.
   */
  public static ChatException unrecognized(String message) {
    return new ChatException(ErrorCode.UNAUTHORIZED, message, null, Duration.ZERO, true);
  }

  /**
   * Returns what a client may be told about {@code failure}: itself when it is a {@code
   * ChatException} (also inside the wrappers of futures), {@code internal} otherwise.
   */
  public static ChatException of(Throwable failure) {
    Throwable t = failure;
    while ((t instanceof CompletionException || t instanceof ExecutionException)
        && t.getCause() != null) {
      t = t.getCause();
    }
    return t instanceof ChatException chat
        ? chat
        : new ChatException(ErrorCode.INTERNAL, "internal error", t);
  }

  /** The code of the protocol. */
  public ErrorCode code() {
    return code;
  }

  /** How long to wait before trying again; zero when there is nothing to say. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** Whether an authenticator did not know this kind of credential, see {@link #unrecognized}. */
  public boolean isUnrecognized() {
    return unrecognized;
  }
}
