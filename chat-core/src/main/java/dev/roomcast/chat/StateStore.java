package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What outlives a connection: sessions that can be resumed on any node, and the leases by which
 * nodes show that they are alive.
 *
 * <p>A session's record stays while its node's lease is alive. When the connection is lost the
 * record lives on for {@code resumeTtl}; when the node dies, for {@code resumeTtl} after its lease
 * ended. Only hashes of resume secrets are stored.
 *
 * <p>Every stage ends exceptionally with a {@link ChatException}, {@code unavailable} when the
 * backend cannot be reached: then it may have been done or not, and may be repeated safely.
 * Thread-safe.
 */
public interface StateStore {

  /**
   * Stores a session of this node, without rooms: a new one, or one that the store may have lost.
   * Does nothing when the session is another node's by now.
   *
   * @return whether it is this node's
   */
  CompletionStage<Boolean> open(String session, User user, String secretHash);

  /**
   * Notes that the session is a member of the room, so that a resume finds it. Does nothing when
   * the session is another node's by now.
   */
  CompletionStage<Void> entered(String session, String room);

  /**
   * Notes that the session is no longer a member of the room. Does nothing when the session is
   * another node's by now.
   */
  CompletionStage<Void> exited(String session, String room);

  /**
   * Tells whose session it is, when the secret is right.
   *
   * @return null when there is no such session, it is over, or the secret is not its present one
   */
  CompletionStage<@Nullable User> find(String session, String secretHash);

  /**
   * Makes the session this node's, under a new secret, in one atomic step: of several attempts with
   * one secret exactly one succeeds. An attempt whose answer was lost may be repeated with the same
   * new secret, and has the same answer.
   *
   * @return null when there is no such session, it is over, or the secret is not its present one
   */
  CompletionStage<@Nullable SessionRecord> takeOver(
      String session, String secretHash, String newSecretHash);

  /**
   * Notes that the session's connection was lost: its record ends after {@code ttl}, unless it is
   * taken over or opened again before. Does nothing when the session is another node's by now.
   */
  CompletionStage<Void> detached(String session, Duration ttl);

  /** Ends the session. Does nothing when it is another node's by now. */
  CompletionStage<Void> close(String session);

  /**
   * The sessions of a user on all nodes, those without a connection that can be resumed included,
   * in the order of their ids. The sessions of a node that died are here until it is {@link #forget
   * forgotten}.
   */
  CompletionStage<List<UserSession>> sessions(String user);

  /** Has a user refuse what another one sends, or not any more; see {@link #isBlocked}. */
  CompletionStage<Void> block(String user, String other, boolean blocked);

  /** Whether the user refuses what the other one sends. */
  CompletionStage<Boolean> isBlocked(String user, String other);

  /**
   * Says that this node is alive for {@code ttl} from now, by the backend's own clock. Zero ends
   * the lease at once: the node goes.
   *
   * @return whether the store knew this node; false the first time, and after the node was {@link
   *     #forget forgotten} or the store lost its data: then the node's sessions and memberships
   *     have to be stored again
   */
  CompletionStage<Boolean> lease(Duration ttl);

  /**
   * Notes that a guest of this name is with this node, unless a guest of another name that looks
   * the same is with another. Names look the same when their {@code skeleton} is the same. May be
   * repeated.
   *
   * @return false when there is such a guest
   */
  CompletionStage<Boolean> claimName(String skeleton, String name);

  /** Notes that no guest of a name with this skeleton is with this node any more. */
  CompletionStage<Void> releaseName(String skeleton);

  /** The nodes whose lease ended more than {@code grace} ago. */
  CompletionStage<List<String>> deadNodes(Duration grace);

  /** The nodes whose lease has not ended. */
  CompletionStage<List<String>> liveNodes();

  /**
   * Removes all that a dead node left here, names and the sessions that were not taken over. Call
   * it after {@link RoomManager#reap}; this is what takes the node off {@link #deadNodes}.
   */
  CompletionStage<Void> forget(String node);

  /** A sanction without an end. */
  Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  /**
   * Mutes or bans a user in a room, for so long from now instead of what was before; {@link
   * #FOREVER} has no end. An empty room stands for the whole service.
   */
  CompletionStage<Void> impose(Sanction sanction, String room, String user, Duration duration);

  /** Ends a sanction; nothing happens when there is none. */
  CompletionStage<Void> lift(Sanction sanction, String room, String user);

  /** Ends all sanctions in a room: it was ended. */
  CompletionStage<Void> liftAll(String room);

  /** What is in force for a user in a room, or in the whole service when {@code room} is empty. */
  CompletionStage<Sanctions> sanctions(String room, String user);

  /**
   * Lets a user say one thing in a room per interval.
   *
   * @param key the message's key, or null: who sends the same again need not wait again
   * @return zero when it may be said now, else how long to wait
   */
  CompletionStage<Duration> pace(String room, String user, @Nullable String key, Duration interval);

  /**
   * Adds a notice to the list that every node reads. The list is bounded; who reads seldom misses
   * some, and is told so.
   */
  CompletionStage<Void> post(Json notice);

  /**
   * The notices after the one of this number, oldest first; a negative number reads none, and tells
   * where the list ends now.
   */
  CompletionStage<Notices> notices(long after);

  /** What may be imposed on a user. */
  enum Sanction {
    /** To read, but to say nothing. */
    MUTE,
    /** Not to be there at all. */
    BAN
  }

  /**
   * What is in force for a user.
   *
   * @param muted for how long from now, {@link #FOREVER} without an end, null when not at all
   * @param banned as {@code muted}
   */
  record Sanctions(@Nullable Duration muted, @Nullable Duration banned) {
    /** Nothing is in force. */
    public static final Sanctions NONE = new Sanctions(null, null);
  }

  /**
   * Some notices.
   *
   * @param notices oldest first
   * @param last the number of the newest notice in here, or where the list ends
   * @param missed whether some before them are not to be had any more
   */
  record Notices(List<Json> notices, long last, boolean missed) {
    /** Copies the list. */
    public Notices {
      notices = List.copyOf(notices);
    }
  }

  /**
   * Takes tokens out of the user's bucket, which all nodes share, in one atomic step. The bucket
   * has {@code burst} tokens at first and at most, gains {@code perSecond} of them, and goes into
   * debt, as deep as {@code burst}, for what was used already.
   *
   * @param used tokens that the user used up already, on this node's credit; 0 or more
   * @param wanted tokens that the node would like to have for the next commands, 1 or more
   * @return as many of those wanted as there are, perhaps none
   */
  CompletionStage<Tokens> takeTokens(String user, int used, int wanted, int perSecond, int burst);

  /**
   * What a node got out of a user's bucket.
   *
   * @param taken tokens that are the node's now; what it does not use the bucket gains with time
   * @param retryAfter when there were none: how long it takes until half of what was wanted is
   *     there
   */
  record Tokens(int taken, Duration retryAfter) {}

  /**
   * Makes a sink's cursor in a room this node's for {@code ttl}, unless another node has it. A
   * {@code ttl} of zero gives it back: any node can have it then.
   *
   * @return where the sink is, {@link Position#NONE} when it has not begun; null when another node
   *     has it
   */
  CompletionStage<@Nullable Position> claimCursor(String room, String sink, Duration ttl);

  /**
   * Moves a sink's cursor, which this node claimed, and keeps it for another {@code ttl}.
   *
   * @return whether it was this node's; false changes nothing
   */
  CompletionStage<Boolean> moveCursor(String room, String sink, Position position, Duration ttl);

  /**
   * One of the sessions of a user.
   *
   * <p>Immutable.
   *
   * @param session its id
   * @param user whose it is, with the name that it was opened under
   * @param node the node that has it
   * @param connected whether it has a connection; without one it can be resumed
   */
  record UserSession(String session, User user, String node, boolean connected) {
    /** Checks that nothing is missing. */
    public UserSession {
      Objects.requireNonNull(session, "session");
      Objects.requireNonNull(user, "user");
      Objects.requireNonNull(node, "node");
    }
  }

  /**
   * A session as it is stored.
   *
   * @param session its id
   * @param user whose it is
   * @param node the node that had it before the take-over
   * @param rooms the rooms it is a member of
   */
  record SessionRecord(String session, User user, String node, Set<String> rooms) {
    /** Copies the set. */
    public SessionRecord {
      Objects.requireNonNull(session, "session");
      Objects.requireNonNull(user, "user");
      Objects.requireNonNull(node, "node");
      rooms = Set.copyOf(rooms);
    }
  }
}
