package dev.roomcast.chat;

import org.jspecify.annotations.Nullable;

/**
 * A client that may connect, between the authentication and the upgrade.
 *
 * <p>Only {@link ChatNode#admit} makes one; a container hands it to {@link ChatNode#connect}.
 * Immutable.
 */
public final class Admission {

  private final User user;
  private final @Nullable String resumeSession;
  private final @Nullable String resumeHash;
  private final @Nullable String room;

  Admission(
      User user,
      @Nullable String resumeSession,
      @Nullable String resumeHash,
      @Nullable String room) {
    this.user = user;
    this.resumeSession = resumeSession;
    this.resumeHash = resumeHash;
    this.room = room;
  }

  /** Who it is. */
  public User user() {
    return user;
  }

  @Nullable String resumeSession() {
    return resumeSession;
  }

  @Nullable String resumeHash() {
    return resumeHash;
  }

  @Nullable String room() {
    return room;
  }
}
