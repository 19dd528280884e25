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

  /**
   * A session of this node ended, and in a room of which it was a member something had been logged
   * that was not written to its client: once for each such room, after {@link #onLeave}. For
   * instance to send the user a notification by another way.
   *
   * <p>A session ends when its client does not come back within {@link Limits#resumeTtl} after its
   * connection was lost, whatever the reason was, or when it was closed with a code after which it
   * cannot come back. Nothing is told of a session that goes on, here or on another node, of one
   * whose client said goodbye (1000) or had left the room, and of sessions whose node died. When
   * this node is closed, those that did not go on elsewhere during the drain are told as they are
   * then: such a session may still be resumed, and get it after all.
   */
  default void onUndelivered(Undelivered undelivered) {}
}
