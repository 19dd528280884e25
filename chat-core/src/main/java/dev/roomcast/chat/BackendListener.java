package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;

/**
 * What a backend tells its node.
 *
 * <p>What was announced of a room is told one at a time, in the order in which it was announced; of
 * two rooms it may be told by two threads at once. How the way to the store does is told on any
 * thread. All methods must return quickly, must not block and must not throw; a backend logs and
 * counts what they throw and goes on.
 */
public interface BackendListener {

  /**
   * Publications of one room were announced: oldest first, offsets without a hole, one epoch. Whole
   * batches may be missing, repeated or out of order.
   */
  void onPublications(String room, List<Publication> publications);

  /** A frame that is not logged was announced. */
  void onEphemeral(String room, Json frame);

  /** A user's first session entered the room, or the last one left it. */
  void onPresence(String room, PresenceChange change);

  /**
   * Announcements of the room may have been lost: its log, and who is in it, have to be read again.
   */
  void onGap(String room);

  /**
   * Something was logged in a conversation of which a user has a connected session here: the same
   * as {@link #onPublications}, but without a subscription. It may come beside that, in any order.
   */
  default void onDirect(String room, List<Publication> publications) {}

  /** A frame for a user's connected sessions on this node, which is not logged. */
  default void onTold(String user, Json frame) {}

  /** What {@link #onDirect} should have told during the last so long may have been lost. */
  default void onDirectGap(Duration last) {}

  /** Something was announced that another release knows and this one does not: it is skipped. */
  default void onSkipped() {}

  /** A control message from a node of this namespace, also this one's own. */
  void onControl(Json control);

  /** A connection to the store was made, {@code true}, or lost. For figures only. */
  default void onConnection(boolean up) {}

  /** The store answered a request after so many nanoseconds. For figures only. */
  default void onRoundTrip(long nanos) {}

  /** So many frames were logged in one step. For figures only. */
  default void onBatch(int drafts) {}

  /**
   * So many frames were logged, but not acknowledged, because too few replicas of the store had
   * them in time. For figures only.
   */
  default void onTooFewReplicas(int drafts) {}
}
