package dev.roomcast.chat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rooms of one session, and whether they are still this object's to touch: all that has to
 * change in one step when a connection is lost, a session ends, or another connection takes it
 * over.
 *
 * <p>{@code rooms} are the memberships; {@code live} those whose frames the client gets, a subset;
 * {@code joining} those with a join under way. Guarded by "this"; calls nothing outside.
 */
final class SessionRooms {

  private final Set<String> rooms = new HashSet<>(2); // as most have one or two
  private final Map<String, Room> live = new HashMap<>(2);
  private Set<String> joining = Set.of();
  private State state = State.CONNECTED;
  private boolean opened;

  /** What became of the session. */
  enum State {
    /** It has its connection. */
    CONNECTED,
    /** It lost its connection and can be resumed. */
    DETACHED,
    /** It goes on with another object; this one keeps its hands off the rooms. */
    SUPERSEDED,
    /** It is over. */
    ENDED
  }

  /** The connection before it was lost: whether it had been opened, and the rooms it heard. */
  record Detached(boolean opened, List<Room> live) {}

  /** The session before it was taken over. */
  record Superseded(boolean connected, List<Room> live, Set<String> rooms) {}

  /** What a membership found when it had got through. */
  record Entered(boolean news, State state) {}

  /** Whether there was a membership, whose frames it got, and whether a join is under way. */
  record Removed(boolean was, @Nullable Room live, boolean comesAgain) {}

  /**
   * Opens with these memberships.
   *
   * @return the state it had; a session that had ended is detached again, to be ended with them
   */
  synchronized State open(Set<String> memberships) {
    rooms.addAll(memberships);
    State found = state;
    if (found == State.ENDED) {
      state = State.DETACHED;
    }
    opened |= found == State.CONNECTED;
    return found;
  }

  /** The connection is lost; null when it was not there any more. */
  synchronized @Nullable Detached detach() {
    if (state != State.CONNECTED) {
      return null;
    }
    state = State.DETACHED;
    Detached before = new Detached(opened, List.copyOf(live.values()));
    live.clear();
    return before;
  }

  /** The session ends; returns the rooms to leave, null when they are not its own any more. */
  synchronized @Nullable List<String> end() {
    if (!isOurs()) {
      return null;
    }
    state = State.ENDED;
    List<String> leaving = List.copyOf(rooms);
    rooms.clear();
    return leaving;
  }

  /** Another object has the session from now on. */
  synchronized Superseded supersede() {
    Superseded before =
        new Superseded(
            state == State.CONNECTED, List.copyOf(live.values()), new LinkedHashSet<>(rooms));
    state = State.SUPERSEDED;
    live.clear();
    return before;
  }

  /** Takes away the rooms that the client has not claimed; null when there is no client. */
  synchronized @Nullable List<String> removeUnclaimed() {
    if (state != State.CONNECTED) {
      return null;
    }
    List<String> unclaimed =
        rooms.stream().filter(room -> !live.containsKey(room) && !joining.contains(room)).toList();
    unclaimed.forEach(rooms::remove);
    return unclaimed;
  }

  /** Whether the session is this object's to go on with, with or without a connection. */
  synchronized boolean isOurs() {
    return state == State.CONNECTED || state == State.DETACHED;
  }

  synchronized State state() {
    return state;
  }

  synchronized boolean contains(String room) {
    return rooms.contains(room);
  }

  /** Whether it is a member for as long as this object says so. */
  synchronized boolean holds(String room) {
    return isOurs() && rooms.contains(room);
  }

  /** Whether it is a member, or about to be one. */
  synchronized boolean wants(String room) {
    return rooms.contains(room) || joining.contains(room);
  }

  /** Whether it is in the room, or may be in one more. */
  synchronized boolean fits(String room, int most) {
    return rooms.contains(room) || rooms.size() < most;
  }

  /** Notes that a join begins; returns whether it is a member already. */
  synchronized boolean startJoin(String room) {
    if (joining.isEmpty()) {
      joining = new HashSet<>(2);
    }
    joining.add(room);
    return rooms.contains(room);
  }

  synchronized void endJoin(String room) {
    if (joining.contains(room)) {
      joining.remove(room);
      joining = joining.isEmpty() ? Set.of() : joining; // a join is soon over
    }
  }

  synchronized boolean isJoining() {
    return !joining.isEmpty();
  }

  /** Notes a membership that the store has now. */
  synchronized Entered entered(String room, Room local) {
    boolean news = isOurs() && rooms.add(room);
    if (state == State.CONNECTED) {
      live.put(room, local);
    }
    return new Entered(news, state);
  }

  /** Takes a membership over; returns the state, by which it was taken or not. */
  synchronized State adopt(String room) {
    if (isOurs()) {
      rooms.add(room);
    }
    return state;
  }

  /** Ends a membership; returns the room whose frames it got. */
  synchronized @Nullable Room leave(String room) {
    rooms.remove(room);
    return live.remove(room);
  }

  /** Ends a membership that somebody else ended. */
  synchronized Removed remove(String room) {
    Room local = live.remove(room);
    return new Removed(rooms.remove(room), local, joining.contains(room));
  }

  /** The rooms that the store should count for this object; none when another one has them. */
  synchronized List<String> ours() {
    return isOurs() ? List.copyOf(rooms) : List.of();
  }

  synchronized Set<String> copy() {
    return Set.copyOf(rooms);
  }
}
