package dev.roomcast.chat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a room's local members who comes and goes, on all nodes: one frame per interval.
 *
 * <p>The list is read when the room is subscribed to and after every gap, again until it is had.
 * What is announced while it is read may be newer than the list, so it is applied once more on top.
 * Confined to the thread that has the room's turn.
 */
final class RoomPresence {

  private final ChatNode node;
  private final String room;
  private final Executor turn;
  private final Consumer<Frame> send;
  private final Roster roster;
  private final Map<String, PresenceChange> whileReading = new LinkedHashMap<>();
  private int reads;
  private boolean reading;
  private boolean again;

  /** {@code turn} runs tasks in the room's turn, {@code send} sends to its members. */
  RoomPresence(ChatNode node, String room, Executor turn, Consumer<Frame> send) {
    this.node = node;
    this.room = room;
    this.turn = turn;
    this.send = send;
    this.roster = new Roster(room, node.limits().presenceList());
  }

  /** Gathers a change; members hear of it within the interval. */
  void apply(PresenceChange change) {
    if (reading) {
      // The last change of a user counts, and its place is that of the last one.
      whileReading.remove(change.user().id());
      whileReading.put(change.user().id(), change);
    }
    roster.apply(change);
    flushLater();
  }

  /**
   * Returns the membership as a newcomer is told of it: what members know here, and what the join
   * found. Where the two differ the list is read again, as only that knows which is newer.
   */
  RoomManager.Membership welcome(RoomManager.Membership membership, User newcomer) {
    if (roster.meet(membership, newcomer)) {
      load();
    }
    flushLater();
    return roster.seenBy(membership);
  }

  /** Reads who is here, once more when that is being read: it may be too old. */
  void load() {
    if (reading) {
      again = true;
      return;
    }
    read();
  }

  private void read() {
    int read = ++reads;
    reading = true;
    again = false;
    whileReading.clear();
    node.rooms()
        .members(room, "", node.limits().presenceList() + 1)
        .whenComplete((page, failure) -> turn.execute(() -> loaded(read, page)));
  }

  private void loaded(int read, RoomManager.@Nullable MembersPage page) {
    if (read != reads) {
      return;
    }
    if (page == null) {
      node.clock().schedule(ChatNode.RETRY, () -> turn.execute(() -> readAgain(read)));
      return;
    }
    reading = false;
    roster.replace(page);
    whileReading.values().forEach(roster::apply);
    whileReading.clear();
    flushLater();
    if (again) {
      read();
    }
  }

  private void readAgain(int read) {
    if (read == reads) {
      read();
    }
  }

  /** Ends the attempts to read: nobody is here to be told. */
  void close() {
    reads++;
  }

  private void flushLater() {
    if (roster.startInterval()) {
      node.clock().schedule(node.limits().presenceInterval(), () -> turn.execute(this::flush));
    }
  }

  private void flush() {
    String frame = roster.endInterval();
    if (frame != null) {
      send.accept(Frame.shared(Json.trusted(frame).bytes()));
    }
  }
}
