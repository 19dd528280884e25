package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

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
   * The rooms that have members or a log or were created, in the order of their names (code points
   * of UTF-8), those above {@code after}.
   */
  default CompletionStage<RoomsPage> rooms(String after, int limit) {
    return rooms("", after, limit);
  }

  /** Those of the rooms whose names begin with {@code prefix}. */
  CompletionStage<RoomsPage> rooms(String prefix, String after, int limit);

  /** One room as {@link #rooms} has it; null when there is no such room. */
  CompletionStage<@Nullable RoomInfo> room(String room);

  /** How many users are in the room, on all nodes. */
  CompletionStage<Long> count(String room);

  /**
   * Creates a room, which lasts until it is {@link #remove removed}.
   *
   * @param change what it is to be; what is null has its default: public, no title, not slow
   * @param owner whose it is, null for the application
   * @param most rooms that the owner may have at a time, 0 = any number
   */
  CompletionStage<Creation> create(
      String room, RoomSettings.Change change, @Nullable User owner, int most);

  /** Changes a created room's settings; false when there is no such room. */
  CompletionStage<Boolean> change(String room, RoomSettings.Change change);

  /** Makes a user a moderator of a created room, or one no more; false when there is no such. */
  CompletionStage<Boolean> appoint(String room, String user, boolean moderator);

  /**
   * Invites a user to a created room, whether connected or not. Inviting again changes nothing.
   *
   * @param most users that the room may have invited
   */
  CompletionStage<Invitation> invite(String room, String user, int most);

  /** Takes an invitation back; false when there is no such created room. */
  CompletionStage<Boolean> uninvite(String room, String user);

  /** What a user is in a room. */
  CompletionStage<Role> role(String room, String user);

  /** Ends a room's settings and invitations. What was said in it, the {@link Broker} ends. */
  CompletionStage<Void> remove(String room);

  /**
   * Looks through some rooms, those above {@code after} in the order of their names, and ends those
   * that nobody created and that have been without members and without a new message for so long:
   * with their log, in one step that no join and no message can overlap. Conversations are no rooms
   * here, and moderation logs go with their rooms.
   */
  CompletionStage<Idle> endIdle(Duration idle, String after, int limit);

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
   * @param settings null when nobody created it
   */
  record RoomInfo(String room, long count, @Nullable RoomSettings settings) {
    /** Returns a room that nobody created. */
    public RoomInfo(String room, long count) {
      this(room, count, null);
    }

    boolean isPrivate() {
      return settings != null && settings.isPrivate();
    }
  }

  /**
   * What a user is in a room.
   *
   * <p>Immutable.
   *
   * @param created whether somebody created the room
   * @param isPrivate whether only those who were invited may join it
   * @param owner whether it is the user's own
   * @param moderator whether the user was appointed to moderate it
   * @param invited whether the user was invited to it
   * @param member whether the user is in it, on any node
   * @param slowMode how long a member waits between two messages
   */
  record Role(
      boolean created,
      boolean isPrivate,
      boolean owner,
      boolean moderator,
      boolean invited,
      boolean member,
      Duration slowMode) {

    /** What everybody is in a room that nobody created. */
    public static final Role NONE =
        new Role(false, false, false, false, false, false, Duration.ZERO);
  }

  /** What became of a wish to create a room. */
  enum Creation {
    /** There it is. */
    CREATED,
    /** There is a room of this name. */
    EXISTS,
    /** The owner has as many as may be. */
    TOO_MANY
  }

  /** What became of an invitation. */
  enum Invitation {
    /** The user may come from now on. */
    INVITED,
    /** The user was invited before. */
    ALREADY,
    /** The room has invited as many as may be. */
    TOO_MANY,
    /** Nobody created such a room. */
    NO_ROOM
  }

  /**
   * What a look through some rooms found.
   *
   * @param ended the rooms that were ended
   * @param next after which room to go on, null when these were the last
   */
  record Idle(List<String> ended, @Nullable String next) {
    /** Copies the list. */
    public Idle {
      ended = List.copyOf(ended);
    }
  }
}
