package dev.roomcast.chat;

/**
 * Why a connection was closed by the server: the WebSocket close codes of the protocol. Immutable.
 */
public enum CloseCode {
  /** The client said goodbye, or the server has nothing more to say. */
  NORMAL(1000, true),
  /** The server is going away; a {@code closing} frame came before. */
  GOING_AWAY(1001, true),
  /** A binary frame was received; the protocol is text only. */
  UNSUPPORTED_DATA(1003, false),
  /** A text frame was not valid UTF-8. */
  NOT_UTF8(1007, false),
  /** The client does not stop to abuse the protocol. */
  POLICY_VIOLATION(1008, false),
  /** A frame was over the size limit. */
  TOO_BIG(1009, false),
  /** The credentials expired and were not renewed. */
  EXPIRED(4001, true),
  /** The application disconnected the user, or the user was banned. */
  DISCONNECTED(4003, false),
  /** No sign of life from the client within the heartbeat time. */
  NO_HEARTBEAT(4008, true),
  /** The session was resumed on another connection. */
  RESUMED_ELSEWHERE(4009, false),
  /** The client does not read fast enough; it can resume from its position. */
  TOO_SLOW(4013, true);

  private final int code;
  private final boolean reconnect;

  CloseCode(int code, boolean reconnect) {
    this.code = code;
    this.reconnect = reconnect;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** Whether reconnecting makes sense for the client. */
  public boolean reconnect() {
    return reconnect;
  }
}
