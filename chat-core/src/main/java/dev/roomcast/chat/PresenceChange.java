package dev.roomcast.chat;

import java.util.Objects;

/**
 * An edge of presence: a user's first session entered a room, or the last one left it.
 *
 * <p>Immutable.
 *
 * @param user who
 * @param present true for entered, false for left
 * @param count how many users are in the room after it, on all nodes
 */
public record PresenceChange(User user, boolean present, long count) {

  /** Checks that nothing is missing. */
  public PresenceChange {
    Objects.requireNonNull(user, "user");
  }
}
