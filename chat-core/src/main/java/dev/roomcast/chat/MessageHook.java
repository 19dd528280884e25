package dev.roomcast.chat;

import org.jspecify.annotations.Nullable;

/**
 * Sees every message before it is logged, whichever way it came, and may change or refuse it.
 *
 * <pre>{@code
 * MessageHook politeness =
 *     (user, room, content) -> content.withText(words.soften(content.text()));
 * }</pre>
 *
 * <p>Called on the application's executor, so it may block; the session's following commands wait.
 * A {@link ChatException} is the answer of the client; anything else thrown gives it {@code
 * internal} and the log the cause. Implementations are thread-safe.
 */
@FunctionalInterface
public interface MessageHook {

  /** Lets every message through as it is. It is recognised, and costs nothing. */
  MessageHook NONE = (user, room, content) -> content;

  /**
   * Returns what is to be logged; an edit comes here too, without data, and only its text counts.
   */
  Content beforeLogged(User user, String room, Content content);

  /**
   * What a message says.
   *
   * <p>Immutable.
   *
   * @param text not empty
   * @param data any JSON, or null
   */
  record Content(String text, @Nullable Json data) {

    /** Refuses an empty text. */
    public Content {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("text must not be empty");
      }
    }

    /** Returns the content with another text. */
    public Content withText(String other) {
      return new Content(other, data);
    }

    /** Returns the content with other data. */
    public Content withData(@Nullable Json other) {
      return new Content(text, other);
    }
  }
}
