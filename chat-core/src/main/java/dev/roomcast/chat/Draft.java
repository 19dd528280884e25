package dev.roomcast.chat;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A frame that wants to be logged.
 *
 * <p>Immutable.
 *
 * @param body the frame as a JSON object without {@code offset} and {@code epoch}
 * @param ts when it was published, in ms since 1970
 * @param key what makes it safe to publish again: within ten minutes the same room and key are
 *     logged once; null when a repetition is a new message. It has the user in it, so keys of two
 *     users never meet
 * @param author the id of the user whose message it is: it counts as unread for others, and moves
 *     this user's read mark; null for what is no message
 * @param audience of a conversation: the ids of its users, each with the user's name, or an empty
 *     one when it is not known here. Their nodes hear of it without a subscription, and they find
 *     the room among their {@link Broker#conversations}
 * @param trace its place in a trace, or null
 */
public record Draft(
    Json body,
    long ts,
    @Nullable String key,
    @Nullable String author,
    Map<String, String> audience,
    @Nullable TraceContext trace) {

  /** Copies the map. */
  public Draft {
    Objects.requireNonNull(body, "body");
    audience = Map.copyOf(audience);
  }

  /** Makes a draft of what is no message. */
  public Draft(Json body, long ts, @Nullable String key) {
    this(body, ts, key, null, Map.of(), null);
  }

  /** Returns the draft as a message of this user. */
  public Draft by(String user) {
    return new Draft(body, ts, key, user, audience, trace);
  }

  /** Returns the draft for a conversation of these users. */
  public Draft to(Map<String, String> users) {
    return new Draft(body, ts, key, author, users, trace);
  }

  /** Returns the draft with a place in a trace, or without one. */
  public Draft traced(@Nullable TraceContext place) {
    return new Draft(body, ts, key, author, audience, place);
  }
}
