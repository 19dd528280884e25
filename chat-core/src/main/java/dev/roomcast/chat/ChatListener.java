package dev.roomcast.chat;

/**
 * Told what happens on this node.
 *
 * <p>Called on the application's executor, in order per session, never while a lock is held; what
 * it throws is logged. Implementations are thread-safe and override what they need.
 */
public interface ChatListener {

  /** A session was opened, or resumed on this node. */
  default void onConnect(ClientSession session) {}

  /**
   * A session lost its connection.
   *
   * @param code the WebSocket close code, 1006 when there was none
   */
  default void onDisconnect(ClientSession session, int code) {}

  /** A session of this node became a member of a room. */
  default void onJoin(ClientSession session, String room) {}

  /** A session of this node is no longer a member of a room. */
  default void onLeave(ClientSession session, String room) {}
}
