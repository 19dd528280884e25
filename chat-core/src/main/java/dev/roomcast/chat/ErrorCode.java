package dev.roomcast.chat;

import java.util.Locale;

/**
 * Why something was refused: the error codes of the wire protocol, and the HTTP status that says
 * the same. Immutable.
 */
public enum ErrorCode {
  /** The frame is not a JSON object. */
  BAD_JSON(400),
  /** A field is missing, of the wrong type, or out of range; the message names it. */
  BAD_REQUEST(400),
  /** The frame's type is not known to this server. */
  UNKNOWN_TYPE(400),
  /** No valid credentials: before the upgrade, or in a client's {@code auth}. */
  UNAUTHORIZED(401),
  /** The session is not a member of the room. */
  NOT_IN_ROOM(403),
  /** There is no such room. */
  NO_SUCH_ROOM(404),
  /** There is no such user. */
  NO_SUCH_USER(404),
  /** The target message does not exist or is not retained any more. */
  NO_SUCH_MESSAGE(404),
  /** The room exists already. */
  ROOM_EXISTS(409),
  /** The user may not do this. */
  FORBIDDEN(403),
  /** The user is muted in the room. */
  MUTED(403),
  /** The user is banned from the room. */
  BANNED(403),
  /** Too many commands; wait for {@code retryAfter}. */
  RATE_LIMITED(429),
  /** The value is larger than the limit allows. */
  TOO_LARGE(413),
  /** The session is in as many rooms as it may be. */
  TOO_MANY_ROOMS(429),
  /**
   * The backend cannot be reached, or is not sure to keep it. Nobody knows whether a message was
   * logged: send again with the same key.
   */
  UNAVAILABLE(503),
  /** A fault of the server; the log has the cause. */
  INTERNAL(500);

  private final int httpStatus;
  private final String wire;

  ErrorCode(int httpStatus) {
    this.httpStatus = httpStatus;
    this.wire = name().toLowerCase(Locale.ROOT);
  }

  /** The code as the protocol spells it, for example {@code not_in_room}. */
  public String wire() {
    return wire;
  }

  /** The HTTP status that says the same, for example 403. */
  public int httpStatus() {
    return httpStatus;
  }
}
