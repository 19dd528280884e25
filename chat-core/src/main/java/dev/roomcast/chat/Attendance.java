package dev.roomcast.chat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * How one session comes into rooms and leaves them: here, in the store, and for the listener. Which
 * rooms those are is the state of its {@link SessionRooms}. Thread-safe.
 */
final class Attendance {

  private final ChatNode node;
  private final ClientSession session;
  private final SessionRooms rooms;
  private final Typing typing;
  private final LastWritten written = new LastWritten();

  Attendance(ChatNode node, ClientSession session, SessionRooms rooms) {
    this.node = node;
    this.session = session;
    this.rooms = rooms;
    this.typing = new Typing(node, session.user());
  }

  /** Notes a membership that the backend has now; when the session went meanwhile, it is undone. */
  void entered(String room, Room local) {
    SessionRooms.Entered entered = rooms.entered(room, local);
    switch (entered.state()) {
      case CONNECTED -> {}
      case DETACHED -> leaveLive(local);
      case SUPERSEDED -> {
        local.leave(session);
        node.adopt(session, room);
      }
      case ENDED -> {
        local.leave(session);
        session.storage().leaveSeat(room);
      }
    }
    if (entered.news()) {
      session.hook(listener -> listener.onJoin(session, room));
    }
  }

  /** Ends a membership; the stage ends when no more frames of the room will come. */
  CompletionStage<@Nullable Void> leave(String room) {
    Room local = rooms.leave(room);
    typing.end(room);
    over(room);
    return local == null
        ? CompletableFuture.completedFuture(null)
        : local.leave(session).thenApply(last -> null);
  }

  /** Somebody else ended the membership: after {@code left} no more frames of the room come. */
  void expel(String room, String reason) {
    SessionRooms.Removed removed = rooms.remove(room);
    if (!removed.was()) {
      return;
    }
    typing.end(room);
    Room local = removed.live();
    CompletionStage<?> quiet =
        local == null ? CompletableFuture.completedFuture(null) : local.leave(session);
    quiet.thenRun(() -> session.send(Frame.single(FrameWriter.left(null, room, reason))));
    if (!removed.comesAgain()) {
      over(room);
    }
  }

  /** Ends a membership in the store, and tells the listener. */
  void over(String room) {
    session.storage().leaveSeat(room);
    session.hook(listener -> listener.onLeave(session, room));
  }

  /** There is no connection any more: its rooms send to it no longer. */
  void away(List<Room> live) {
    live.forEach(this::leaveLive);
    typing.endAll();
  }

  private void leaveLive(Room room) {
    CompletionStage<Position> sent = room.leave(session);
    if (node.hooks().listens()) {
      written.left(room.name(), sent, session.connection());
    }
  }

  /** Takes a membership that an earlier connection of this session was just getting. */
  void adopt(String room) {
    if (rooms.adopt(room) == SessionRooms.State.CONNECTED) {
      leaveUnclaimedLater();
    }
  }

  /** Not by the timer of the session's end: a close at this moment must not lose that one. */
  void leaveUnclaimedLater() {
    node.clock().schedule(node.limits().resumeTtl(), this::leaveUnclaimed);
  }

  private void leaveUnclaimed() {
    List<String> unclaimed = rooms.removeUnclaimed();
    if (unclaimed == null) {
      return;
    }
    if (rooms.isJoining()) {
      leaveUnclaimedLater();
    }
    unclaimed.forEach(this::over);
  }

  /** Whether it is a member; null when it is, else what the client is told. */
  @Nullable ChatException notIn(String room) {
    // Its users are in a conversation without having joined; whose it is the node knows.
    return rooms.contains(room) || Conversation.is(room)
        ? null
        : new ChatException(ErrorCode.NOT_IN_ROOM, "room: join " + JsonText.quote(room) + " first");
  }

  /** Whether it may join one more room; null when it may, else what the client is told. */
  @Nullable ChatException mayEnter(String room) {
    int most = node.limits().roomsPerSession();
    if (rooms.fits(room, most)) {
      return null;
    }
    node.limitHit(LimitHit.ROOMS_PER_SESSION);
    return new ChatException(
        ErrorCode.TOO_MANY_ROOMS, "room: at most " + most + " rooms at a time");
  }

  /** Where its user is typing. */
  Typing typing() {
    return typing;
  }

  /** Up to where its rooms were written, once it has no connection. */
  LastWritten lastWritten() {
    return written;
  }
}
