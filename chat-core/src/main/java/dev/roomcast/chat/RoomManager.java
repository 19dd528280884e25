package dev.roomcast.chat;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Which rooms exist, and who is in them on any node.
 *
 * <p>Presence is per user: a user with three sessions in a room enters it once and leaves it once,
 * on whichever nodes the sessions are. The edges are decided atomically and announced through
 * {@link BackendListener#onPresence} to every node that is subscribed to the room at the {@link
 * Broker}. Queries read the state; no node is ever asked.
 *
 * <p>Every stage ends exceptionally with a {@link ChatException}, {@code unavailable} when the
 * backend cannot be reached; all operations may then be repeated safely. Stages may complete on the
 * backend's delivery thread: what depends on them must not block. Thread-safe.
 */
public interface RoomManager {

  /**
   * Makes a session of this node a member of the room. The room begins to exist with it. Joining
   * again changes nothing.
   */
  CompletionStage<Membership> join(String room, String session, User user);

  /**
   * Ends the membership of a session that is with this node. Leaving again changes nothing.
   *
   * @return whether this was the user's last session in the room
   */
  CompletionStage<Boolean> leave(String room, String session, User user);

  /**
   * Moves a session's membership from another node to this one; nobody enters or leaves. When the
   * session is not a member on that node (it was removed meanwhile), it joins.
   */
  CompletionStage<Membership> move(String room, String session, User user, String fromNode);

  /** The users in the room in the order of their ids, those above {@code after}. */
  CompletionStage<MembersPage> members(String room, String after, int limit);

  /**
   * The rooms that have members or a log, in the order of their names (code points of UTF-8), those
   * above {@code after}.
   */
  CompletionStage<RoomsPage> rooms(String after, int limit);

  /** How many users are in the room, on all nodes. */
  CompletionStage<Long> count(String room);

  /**
   * Removes every membership that a dead node still holds; each user that is in no other way in a
   * room leaves it, once, however many survivors call this.
   *
   * @return how many memberships this call removed
   */
  CompletionStage<Long> reap(String node);

  /**
   * A session's membership, as the join found it.
   *
   * @param first whether this is the user's first session in the room
   * @param count users in the room, on all nodes
   * @param members the first of them in the order of their ids, at most 100
   */
  record Membership(boolean first, long count, List<User> members) {
    /** Copies the list. */
    public Membership {
      members = List.copyOf(members);
    }
  }

  /**
   * Some users of a room.
   *
   * @param members in the order of their ids
   * @param count how many there are in all
   * @param more whether there are more after the last one
   */
  record MembersPage(List<User> members, long count, boolean more) {
    /** Copies the list. */
    public MembersPage {
      members = List.copyOf(members);
    }
  }

  /**
   * Some rooms.
   *
   * @param rooms in the order of their names
   * @param more whether there are more after the last one
   */
  record RoomsPage(List<RoomInfo> rooms, boolean more) {
    /** Copies the list. */
    public RoomsPage {
      rooms = List.copyOf(rooms);
    }
  }

  /**
   * A room in a list.
   *
   * @param room its name
   * @param count users in it, on all nodes
   */
  record RoomInfo(String room, long count) {}
}
