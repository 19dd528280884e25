package dev.roomcast.chat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The rooms of a node that have members there, or had some a moment ago. Thread-safe. */
final class LocalRooms {

  private final ChatNode node;
  private final ConcurrentHashMap<String, Room> rooms = new ConcurrentHashMap<>();

  LocalRooms(ChatNode node) {
    this.node = node;
  }

  /** Makes the session a member of the room and, after its history, a receiver of its frames. */
  CompletionStage<@Nullable Void> join(ClientSession session, Command.Join command) {
    String name = command.room();
    boolean wasMember = session.memberships().startJoin(name);
    CompletionStage<@Nullable Long> unread = node.marks().unread(session.user(), name);
    return node.upkeep()
        .join(name, session.id(), session.user())
        .thenCompose(
            membership -> {
              session.storage().entered(name);
              return unread.thenCompose(count -> joinHere(session, command, membership, count));
            })
        .whenComplete(
            (done, failure) -> {
              session.memberships().endJoin(name);
              ClientSession now = node.session(session.id());
              boolean wanted = now != null && now.memberships().wants(name);
              if (failure != null && !wasMember && !wanted) { // by its next connection, perhaps
                node.upkeep().leave(name, session.id(), session.user(), null);
              }
            });
  }

  private CompletionStage<@Nullable Void> joinHere(
      ClientSession session,
      Command.Join command,
      RoomManager.Membership membership,
      @Nullable Long unread) {
    Room room = of(command.room());
    return room.join(session, command, membership, unread)
        .thenCompose(
            joined -> {
              if (!joined) {
                rooms.remove(command.room(), room);
                return joinHere(session, command, membership, unread);
              }
              session.attendance().entered(command.room(), room);
              node.moderation().check(session, command.room()); // it may have been refused
              return CompletableFuture.<@Nullable Void>completedFuture(null);
            });
  }

  /** Returns the room as this node has it, or null. */
  @Nullable Room find(String name) {
    return rooms.get(name);
  }

  /** Returns the room as this node has it, or will have it. */
  Room of(String name) {
    return rooms.computeIfAbsent(name, each -> new Room(node, each));
  }

  /** A room was given up: nobody here is in it. */
  void closed(Room room) {
    rooms.remove(room.name(), room);
  }

  /** The broker did not end a room's announcements: whoever has the room by now does that again. */
  void closeAgain(String room) {
    of(room).closeIfEmptyLater();
  }

  /** A room's log was ended: its members here go. */
  void ended(String name) {
    node.marks().forget(name);
    for (String room : List.of(name, ModerationLog.of(name))) {
      Room local = rooms.get(room);
      if (local != null) {
        local.onDestroyed();
      }
    }
  }

  /** How many there are. */
  int size() {
    return rooms.size();
  }
}
