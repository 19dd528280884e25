package dev.roomcast.chat;

/**
 * The limits of {@link Limits} that refuse something or close a connection when they are reached,
 * as {@link ChatStats#limitHits} counts them. Immutable.
 */
public enum LimitHit {
  /** A command was refused: its connection sends too many. */
  COMMANDS_PER_SECOND("commandsPerSecond"),
  /** A command was refused: its connection sends too many bytes. */
  BYTES_PER_SECOND("bytesPerSecond"),
  /** A command was refused: its user sends too many, over all connections. */
  USER_COMMANDS_PER_SECOND("userCommandsPerSecond"),
  /** A connection was closed with 1008: it sent too many pings or pongs. */
  CONTROL_FRAMES_PER_SECOND("controlFramesPerSecond"),
  /** A client was refused: its user has as many sessions as may be. */
  SESSIONS_PER_USER("sessionsPerUser"),
  /** A client was refused: the node has as many connections as it takes. */
  CONNECTIONS("connections"),
  /** A client was refused: its address has as many connections as it may have. */
  CONNECTIONS_PER_ADDRESS("connectionsPerAddress"),
  /** A client was refused: its address connects too often. */
  HANDSHAKES_PER_SECOND_PER_ADDRESS("handshakesPerSecondPerAddress"),
  /** A request to read over HTTP was refused: its address sends too many. */
  REQUESTS_PER_SECOND_PER_ADDRESS("requestsPerSecondPerAddress"),
  /** A connection was refused or cut: too many have not come through their handshake. */
  PENDING_HANDSHAKES("pendingHandshakes"),
  /** A connection was cut: its request took too long. */
  HANDSHAKE_TIMEOUT("handshakeTimeout"),
  /** A room was not joined: the session is in as many as it may be. */
  ROOMS_PER_SESSION("roomsPerSession"),
  /** A room was not created: its user has created as many as may be. */
  ROOMS_PER_USER("roomsPerUser"),
  /** A user was not invited: the room has as many invitations as it may have. */
  INVITATIONS_PER_ROOM("invitationsPerRoom"),
  /** A session that waited to be resumed was ended: too many did. */
  WAITING_SESSIONS("waitingSessions"),
  /** A connection was closed with 4013: its outbox was full. */
  OUTBOX_BYTES("outboxBytes"),
  /**
   * A connection was closed with 4013: the outboxes together were too large, its own among them.
   */
  OUTBOX_TOTAL_BYTES("outboxTotalBytes"),
  /** A connection was closed with 4013: a write to it took too long. */
  WRITE_TIMEOUT("writeTimeout");

  private final String limit;

  LimitHit(String limit) {
    this.limit = limit;
  }

  /** The name of the limit in {@link Limits}, for example {@code commandsPerSecond}. */
  public String limit() {
    return limit;
  }
}
