package dev.roomcast.chat;

import org.jspecify.annotations.Nullable;

/**
 * A client that may connect, between the authentication and the upgrade.
 *
 * <p>Only {@link ChatNode#admit} makes one; a container hands it to {@link ChatNode#connect}.
 * Immutable.
 */
public final class Admission {

  private final Places.Place place;
  private final Credential credential;
  private final String remoteAddress;
  private final @Nullable String resumeSession;
  private final @Nullable String resumeHash;
  private final @Nullable String room;
  private final GuestNames.@Nullable Claim name;

  Admission(
      Places.Place place,
      Credential credential,
      String remoteAddress,
      @Nullable String resumeSession,
      @Nullable String resumeHash,
      @Nullable String room,
      GuestNames.@Nullable Claim name) {
    this.place = place;
    this.credential = credential;
    this.remoteAddress = remoteAddress;
    this.resumeSession = resumeSession;
    this.resumeHash = resumeHash;
    this.room = room;
    this.name = name;
  }

  /** Who it is. */
  public User user() {
    return credential.user();
  }

  /**
   * Notes that the client did not come: the container could not upgrade its connection. A container
   * that does not say so is believed after a while.
   */
  public void withdraw() {
    place.leave();
  }

  /** Its place among the node's connections, until the connection is over. */
  Places.Place place() {
    return place;
  }

  Credential credential() {
    return credential;
  }

  String remoteAddress() {
    return remoteAddress;
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

  /** The hold on its name, if it is a guest. */
  GuestNames.@Nullable Claim name() {
    return name;
  }

  Admission with(GuestNames.@Nullable Claim claim) {
    return new Admission(place, credential, remoteAddress, resumeSession, resumeHash, room, claim);
  }
}
