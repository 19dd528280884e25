package dev.roomcast.chat;

/**
 * Says what a user may do in a room.
 *
 * <pre>{@code
 * Authorizer rules =
 *     (user, action, room) -> room.startsWith("public:") || acl.allows(user.id(), action, room);
 * }</pre>
 *
 * <p>Called on the application's executor before every command, so it may block; the session's
 * following commands wait. Implementations are thread-safe.
 */
@FunctionalInterface
public interface Authorizer {

  /** Allows everything to everybody. It is recognised, and costs nothing. */
  Authorizer ALLOW_ALL = (user, action, room) -> true;

  /**
   * Whether the user may do this in the room. Anything thrown other than a {@link ChatException}
   * gives the client {@code internal} and the log the cause.
   */
  boolean allows(User user, Action action, String room);

  /** An authorizer that is told what the user is in the room; see {@link RoomAccess}. */
  interface Informed extends Authorizer {

    /** Whether the user, who is this in the room, may do this there. */
    boolean allows(User user, Action action, String room, RoomManager.Role role);

    /** Whether a user of whom nothing is known may do this. */
    @Override
    default boolean allows(User user, Action action, String room) {
      return allows(user, action, room, RoomManager.Role.NONE);
    }
  }

  /** What somebody may want to do in a room. */
  enum Action {
    /** Become a member and get what is said. */
    JOIN,
    /** Send messages, and show that one is typing. */
    PUBLISH,
    /** Send events of the application. */
    EVENT,
    /** Read what was said. */
    HISTORY,
    /** See who is in the room. */
    PRESENCE,
    /** Change or delete one's own messages. */
    EDIT,
    /** React to messages. */
    REACT,
    /** Send direct messages; the room is the conversation. */
    DIRECT,
    /** Create a room. */
    CREATE,
    /** Invite users to a private room, and take invitations back. */
    INVITE,
    /** End a room, change its settings, appoint its moderators: what only its owner may. */
    DESTROY,
    /** Remove, mute and ban others, and delete their messages. */
    MODERATE
  }
}
