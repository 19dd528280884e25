package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What users may do, and what this node does about those who may no more.
 *
 * <p>The application's authorizer says what is allowed, the store who is muted and banned. When
 * that changes, a notice goes to all nodes: each forgets what it knew, and looks again at the
 * sessions that it concerns. Its state is that of its parts; thread-safe.
 */
final class Moderation {

  private static final Logger log = LoggerFactory.getLogger(Moderation.class);

  private final ChatNode node;
  private final Notices notices;
  private final Standings standings;

  Moderation(ChatNode node) {
    this.node = node;
    this.notices = new Notices(node);
    this.standings = new Standings(node);
  }

  /**
   * Ends with how the user stands in the room; exceptionally, with the reason, when the user may
   * not do this.
   */
  CompletionStage<Standings.Standing> authorize(User user, Authorizer.Action action, String room) {
    String about = ModerationLog.about(room);
    if (about != null) {
      return switch (action) {
        case JOIN, HISTORY, PRESENCE -> authorize(user, Authorizer.Action.MODERATE, about);
        default -> CompletableFuture.failedFuture(Hooks.forbidden(room));
      };
    }
    // In a conversation nobody has a role, and only what is in force everywhere is in force.
    CompletionStage<Standings.Standing> standing = still(user, action, room);
    if (node.hooks().asksForRoles()) {
      return AtOnce.then(
          standing,
          known ->
              AtOnce.then(
                  node.hooks().authorize(user, action, room, known.role()), allowed -> standing));
    }
    return AtOnce.then(
        node.hooks().authorize(user, action, room, RoomManager.Role.NONE), allowed -> standing);
  }

  /** That a user may publish in a room, as long as nothing changes. Immutable. */
  record Voice(String room, int version) {}

  /**
   * Returns a voice when the user may publish in the room now, all of which is known here and
   * nobody's code has to be asked. If not, {@link #authorize} says why, or asks.
   *
   * @param before the one of the last time, which is returned if it still holds
   */
  @Nullable Voice voice(User user, String room, @Nullable Voice before) {
    int version = standings.version();
    if (before != null && before.version() == version && before.room().equals(room)) {
      return notices.isFresh() ? before : null;
    }
    return publishesNow(user, room) ? new Voice(room, version) : null;
  }

  private boolean publishesNow(User user, String room) {
    if (!node.hooks().decideAtOnce()
        || Conversation.is(room)
        || ModerationLog.about(room) != null) {
      return false;
    }
    Standings.Standing standing = standings.ifFree(user, room);
    return standing != null
        && standing.role().slowMode().isZero()
        && node.hooks().allowsAtOnce(user, Authorizer.Action.PUBLISH, room, standing.role());
  }

  /** What was allowed a moment ago: whether the user is muted or banned by now. */
  CompletionStage<Standings.Standing> still(User user, Authorizer.Action action, String room) {
    return standings.check(user, action, Conversation.is(room) ? "" : room);
  }

  /** Refuses a message that comes too soon in a slow room; moderators need not wait. */
  CompletionStage<@Nullable Void> pace(
      User user, String room, @Nullable String key, RoomManager.Role role) {
    if (role.slowMode().isZero()) {
      return CompletableFuture.completedFuture(null);
    }
    return authorize(user, Authorizer.Action.MODERATE, room)
        .handle((allowed, refused) -> refused == null)
        .thenCompose(
            moderator ->
                moderator
                    ? CompletableFuture.<@Nullable Void>completedFuture(null)
                    : node.state()
                        .pace(room, user.id(), key, role.slowMode())
                        .thenApply(
                            wait -> {
                              if (!wait.isZero()) {
                                throw ChatException.retryLater(
                                    ErrorCode.RATE_LIMITED,
                                    "room: one message in "
                                        + role.slowMode().toSeconds()
                                        + " s here, wait "
                                        + (wait.toMillis() + 999) / 1_000
                                        + " s",
                                    wait);
                              }
                              return null;
                            }));
  }

  /** Refuses who is banned from the whole service. */
  CompletionStage<@Nullable Void> mayConnect(User user) {
    return standings.check(user, Authorizer.Action.JOIN, "").thenApply(welcome -> null);
  }

  /**
   * As {@link #mayConnect}, but lets everybody in while the store is away: who is banned is closed
   * when it is back, see {@link #check}.
   */
  CompletionStage<@Nullable Void> mayComeIn(User user) {
    return mayConnect(user)
        .exceptionally(
            failure -> {
              ChatException problem = ChatException.of(failure);
              if (problem.code() != ErrorCode.UNAVAILABLE) {
                throw problem;
              }
              return null;
            });
  }

  /** The rooms of a page that the user may see. */
  CompletionStage<RoomList> visible(User user, RoomList page) {
    CompletionStage<List<Hooks.Sight>> sights =
        CompletableFuture.completedFuture(new ArrayList<>());
    for (RoomManager.RoomInfo info : page.rooms()) {
      sights = sights.thenCombine(sight(user, info), Moderation::with);
    }
    return sights
        .thenCompose(all -> node.hooks().visible(user, all))
        .thenApply(rooms -> new RoomList(rooms, page.next()));
  }

  private static List<Hooks.Sight> with(List<Hooks.Sight> list, Hooks.Sight sight) {
    list.add(sight);
    return list;
  }

  private CompletionStage<Hooks.Sight> sight(User user, RoomManager.RoomInfo info) {
    String about = ModerationLog.about(info.room());
    String room = about == null ? info.room() : about;
    Authorizer.Action action = about == null ? Authorizer.Action.JOIN : Authorizer.Action.MODERATE;
    if (about == null && !info.isPrivate() || !node.hooks().asksForRoles()) {
      return CompletableFuture.completedFuture(
          new Hooks.Sight(info, action, room, RoomManager.Role.NONE));
    }
    return standings
        .get(room, user.id())
        .thenApply(standing -> new Hooks.Sight(info, action, room, standing.role()));
  }

  /** Forgets what is not so any more. Called before the notices are carried out. */
  void forget(List<Control> news) {
    for (Control control : news) {
      if (control instanceof Control.Changed changed) {
        standings.forget(changed.room(), changed.user());
      } else if (control instanceof Control.Invitation invitation) {
        standings.forget(invitation.room(), invitation.user());
      } else if (control instanceof Control.Destroyed destroyed) {
        standings.forget(destroyed.room(), "");
      }
    }
  }

  /** A user's session is over, which was in these rooms. */
  void forget(List<String> rooms, String user) {
    standings.forget(rooms, user);
  }

  void forgetAll() {
    standings.forgetAll();
  }

  /** How many users' standings are kept at hand, one for each room. */
  int known() {
    return standings.size();
  }

  /** Does what a notice says; not on the backend's thread. */
  void carryOut(Control notice) {
    if (notice instanceof Control.Changed changed) {
      each(
          changed.user(),
          session -> {
            check(session, changed.room());
            check(session, ModerationLog.of(changed.room()));
          });
    } else if (notice instanceof Control.Kicked kicked) {
      each(kicked.user(), session -> session.attendance().expel(kicked.room(), "kicked"));
    } else if (notice instanceof Control.Invitation invitation) {
      Frame frame = Frame.single(FrameWriter.invitation(invitation));
      each(
          invitation.user(),
          session -> {
            session.send(frame);
            check(session, invitation.room());
          });
    } else if (notice instanceof Control.Destroyed destroyed) {
      node.localRooms().ended(destroyed.room());
      each(
          "",
          session -> {
            session.attendance().expel(destroyed.room(), "removed");
            session.attendance().expel(ModerationLog.of(destroyed.room()), "removed");
          });
    } else if (notice instanceof Control.Disconnect disconnect) {
      each(disconnect.user(), ClientSession::disconnect);
    } else {
      node.counters().skipped.increment();
    }
  }

  private void each(String user, Consumer<ClientSession> work) {
    for (ClientSession session : node.sessions()) {
      if (user.isEmpty() || session.user().id().equals(user)) {
        work.accept(session);
      }
    }
  }

  /** Notices were missed: looks again at everybody. */
  void checkAll() {
    log.warn(
        "node {}: more was decided on other nodes than the store keeps, while it was not heard. All"
            + " sessions are looked at again, so what was decided is in force; look at the"
            + " connection to the store",
        node.id());
    each("", this::check);
  }

  /** Looks at a session that came from elsewhere or was on its way in while something changed. */
  void check(ClientSession session) {
    check(session, "");
    session.rooms().forEach(room -> check(session, room));
  }

  /** Ends what a session may not have any more: its place in the room, or its connection. */
  void check(ClientSession session, String room) {
    if (room.isEmpty()
        ? node.session(session.id()) != session
        : !session.memberships().contains(room)) {
      return;
    }
    User user = session.user();
    CompletionStage<?> allowed =
        room.isEmpty()
            ? mayConnect(user)
            : node.hooks().asksForRoles()
                ? authorize(user, Authorizer.Action.JOIN, room)
                : still(user, Authorizer.Action.JOIN, room);
    allowed.whenComplete(
        (unused, failure) -> {
          if (failure != null) {
            refused(session, room, ChatException.of(failure).code());
          }
        });
  }

  private void refused(ClientSession session, String room, ErrorCode code) {
    boolean banned = code == ErrorCode.BANNED;
    if (code == ErrorCode.UNAVAILABLE) {
      node.counters().backendFailures.increment();
      node.clock().schedule(ChatNode.RETRY, () -> check(session, room));
    } else if (!banned && code != ErrorCode.FORBIDDEN) {
      log.warn(
          "what session {} may do is not known ({}): it stays where it is until something changes."
              + " Look at what the authorizer logged",
          session.id(),
          code.wire());
    } else if (room.isEmpty()) {
      session.disconnect();
    } else {
      session.attendance().expel(room, banned ? "banned" : "kicked");
    }
  }

  Notices notices() {
    return notices;
  }
}
