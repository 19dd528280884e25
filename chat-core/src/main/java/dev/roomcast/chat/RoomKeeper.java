package dev.roomcast.chat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Does what somebody wants of a room or of others in it: creates and ends rooms, invites, kicks,
 * mutes and bans. Whoever calls this has checked that it is allowed.
 *
 * <p>First the store knows, then all nodes are told, then it is noted in the room's {@link
 * ModerationLog}; everything may be repeated. Stateless, but for the node; thread-safe.
 */
final class RoomKeeper {

  private final ChatNode node;
  private final ModerationLog moderationLog;

  RoomKeeper(ChatNode node) {
    this.node = node;
    this.moderationLog = new ModerationLog(node);
  }

  /**
   * Does what an action asks for.
   *
   * @param by who wants it, null for the application, which may do everything
   */
  CompletionStage<@Nullable Void> carryOut(@Nullable User by, String room, RoomAction action) {
    if (action instanceof RoomAction.Create create) {
      return create(by, room, create.change());
    } else if (action instanceof RoomAction.Destroy) {
      return existing(room).thenCompose(info -> destroy(room));
    } else if (action instanceof RoomAction.Configure configure) {
      return node.rooms()
          .change(room, configure.change())
          .thenCompose(there -> tell(there, room, new Control.Changed(room, "")));
    } else if (action instanceof RoomAction.Appoint appoint) {
      return appoint(by, room, appoint);
    } else if (action instanceof RoomAction.Invite invite) {
      return invite(by, room, invite.user());
    } else if (action instanceof RoomAction.Uninvite uninvite) {
      return privateRoom(room)
          .thenCompose(info -> node.rooms().uninvite(room, uninvite.user()))
          .thenCompose(
              there -> tell(there, room, new Control.Invitation(room, uninvite.user(), false, by)))
          .thenCompose(told -> note(by, room, "uninvite", uninvite.user()));
    } else if (action instanceof RoomAction.Kick kick) {
      return kick(by, room, kick);
    } else if (action instanceof RoomAction.Impose impose) {
      return existing(room)
          .thenCompose(info -> mayTouch(by, room, impose.user()))
          .thenCompose(allowed -> impose(by, room, impose));
    } else if (action instanceof RoomAction.Lift lift) {
      return existing(room).thenCompose(info -> lift(by, room, lift));
    }
    throw new IllegalStateException("not known: " + action);
  }

  private CompletionStage<RoomManager.RoomInfo> existing(String room) {
    return node.rooms()
        .room(room)
        .thenApply(
            info -> {
              if (info == null) {
                throw ChatNode.noSuchRoom(room);
              }
              return info;
            });
  }

  private CompletionStage<RoomManager.RoomInfo> privateRoom(String room) {
    return existing(room)
        .thenApply(
            info -> {
              if (!info.isPrivate()) {
                throw new ChatException(
                    ErrorCode.BAD_REQUEST,
                    "room: " + JsonText.quote(room) + " is public, everybody may join");
              }
              return info;
            });
  }

  private CompletionStage<@Nullable Void> tell(boolean there, String room, Control notice) {
    return there
        ? node.moderation().notices().post(notice)
        : CompletableFuture.failedFuture(ChatNode.noSuchRoom(room));
  }

  private CompletionStage<@Nullable Void> note(
      @Nullable User by, String room, String action, String user) {
    return moderationLog.note(room, action, user, by, null, null);
  }

  private CompletionStage<@Nullable Void> create(
      @Nullable User by, String room, RoomSettings.Change change) {
    if (room.startsWith(ModerationLog.PREFIX) || Conversation.is(room)) {
      throw new ChatException(
          ErrorCode.FORBIDDEN, "room: names that begin with dm: or mod: are reserved");
    }
    int most = node.limits().roomsPerUser();
    return node.rooms()
        .create(room, change, by, most)
        .thenCompose(
            result ->
                switch (result) {
                  case CREATED -> node.moderation().notices().post(new Control.Changed(room, ""));
                  case EXISTS ->
                      CompletableFuture.failedFuture(
                          new ChatException(
                              ErrorCode.ROOM_EXISTS,
                              "room: there is a room " + JsonText.quote(room)));
                  case TOO_MANY ->
                      tooMany(
                          LimitHit.ROOMS_PER_USER,
                          ErrorCode.TOO_MANY_ROOMS,
                          "room: at most " + most + " rooms of one's own at a time");
                });
  }

  private CompletionStage<@Nullable Void> tooMany(LimitHit limit, ErrorCode code, String message) {
    node.limitHit(limit);
    return CompletableFuture.failedFuture(new ChatException(code, message));
  }

  /** Ends a room with its log, settings, invitations and sanctions, and its moderation log. */
  CompletionStage<@Nullable Void> destroy(String room) {
    // The settings last: until then a repetition finds the room.
    return node.broker()
        .destroy(room)
        .thenCompose(done -> forgotten(room))
        .thenCompose(done -> node.rooms().remove(room))
        .thenCompose(done -> node.moderation().notices().post(new Control.Destroyed(room)));
  }

  /** Ends what is kept beside a room that is over: its sanctions and its moderation log. */
  CompletionStage<Void> forgotten(String room) {
    return node.state()
        .liftAll(room)
        .thenCompose(done -> node.broker().destroy(ModerationLog.of(room)));
  }

  private CompletionStage<@Nullable Void> appoint(
      @Nullable User by, String room, RoomAction.Appoint appoint) {
    String user = appoint.user();
    return node.rooms()
        .appoint(room, user, appoint.moderator())
        .thenCompose(there -> tell(there, room, new Control.Changed(room, user)))
        .thenCompose(told -> note(by, room, appoint.moderator() ? "appoint" : "dismiss", user));
  }

  private CompletionStage<@Nullable Void> invite(@Nullable User by, String room, String user) {
    int most = node.limits().invitationsPerRoom();
    return privateRoom(room)
        .thenCompose(info -> node.rooms().invite(room, user, most))
        .thenCompose(
            result ->
                switch (result) {
                  case INVITED ->
                      tell(true, room, new Control.Invitation(room, user, true, by))
                          .thenCompose(told -> note(by, room, "invite", user));
                  case ALREADY -> CompletableFuture.completedFuture(null);
                  case NO_ROOM -> tell(false, room, new Control.Changed(room, user));
                  case TOO_MANY ->
                      tooMany(
                          LimitHit.INVITATIONS_PER_ROOM,
                          ErrorCode.TOO_LARGE,
                          "user: at most " + most + " users may be invited to a room");
                });
  }

  private CompletionStage<@Nullable Void> kick(
      @Nullable User by, String room, RoomAction.Kick kick) {
    String user = kick.user();
    return existing(room)
        .thenCompose(info -> mayTouch(by, room, user))
        .thenCompose(
            role -> {
              if (!role.member()) {
                throw new ChatException(
                    ErrorCode.NO_SUCH_USER,
                    "user: " + JsonText.quote(user) + " is not in " + JsonText.quote(room));
              }
              return node.moderation().notices().post(new Control.Kicked(room, user));
            })
        .thenCompose(told -> moderationLog.note(room, "kick", user, by, null, kick.reason()));
  }

  /**
   * Who may moderate a room is touched only by who may end it, and nobody touches himself.
   *
   * @return what the other one is in the room
   */
  private CompletionStage<RoomManager.Role> mayTouch(@Nullable User by, String room, String user) {
    CompletionStage<RoomManager.Role> asked = node.rooms().role(room, user);
    if (by == null) {
      return asked;
    }
    if (by.id().equals(user)) {
      throw new ChatException(ErrorCode.BAD_REQUEST, "user: somebody else expected");
    }
    return asked.thenCompose(
        role ->
            node.hooks()
                .authorize(new User(user, user), Authorizer.Action.MODERATE, room, role)
                .handle((allowed, refused) -> refused == null)
                .thenCompose(
                    peer ->
                        peer
                            ? node.authorize(by, Authorizer.Action.DESTROY, room)
                                .thenApply(owns -> role)
                            : CompletableFuture.completedFuture(role)));
  }

  /** Mutes or bans; an empty room stands for the whole service, whose users need not be known. */
  CompletionStage<@Nullable Void> impose(@Nullable User by, String room, RoomAction.Impose impose) {
    Duration duration = impose.duration();
    String name = impose.sanction() == StateStore.Sanction.MUTE ? "mute" : "ban";
    return node.state()
        .impose(impose.sanction(), room, impose.user(), duration)
        .thenCompose(
            done -> node.moderation().notices().post(new Control.Changed(room, impose.user())))
        .thenCompose(
            told -> moderationLog.note(room, name, impose.user(), by, duration, impose.reason()));
  }

  /** Notes that a moderator deleted a message of a user. */
  CompletionStage<@Nullable Void> deleted(User by, String room, String user) {
    return note(by, room, "delete", user);
  }

  /** Ends a mute or a ban, also one that there is not. */
  CompletionStage<@Nullable Void> lift(@Nullable User by, String room, RoomAction.Lift lift) {
    String name = lift.sanction() == StateStore.Sanction.MUTE ? "unmute" : "unban";
    return node.state()
        .lift(lift.sanction(), room, lift.user())
        .thenCompose(
            done -> node.moderation().notices().post(new Control.Changed(room, lift.user())))
        .thenCompose(told -> note(by, room, name, lift.user()));
  }
}
