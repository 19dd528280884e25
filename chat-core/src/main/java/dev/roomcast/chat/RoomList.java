package dev.roomcast.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A page of rooms as somebody may see it.
 *
 * <p>Immutable.
 *
 * @param rooms those of the page that the reader may join
 * @param next after which room the next page begins, null when this is the last
 * @param unread messages that the reader has not read, for the rooms where that is known
 */
record RoomList(List<RoomManager.RoomInfo> rooms, @Nullable String next, Map<String, Long> unread) {

  RoomList {
    rooms = List.copyOf(rooms);
    unread = Map.copyOf(unread);
  }

  RoomList(List<RoomManager.RoomInfo> rooms, @Nullable String next) {
    this(rooms, next, Map.of());
  }

  /** Returns the page with what its reader has not read, for the rooms where that is known. */
  RoomList with(Map<String, Long> counts) {
    return new RoomList(rooms, next, counts);
  }

  /** Returns the whole page. */
  static RoomList of(RoomManager.RoomsPage page) {
    List<RoomManager.RoomInfo> rooms = page.rooms();
    boolean more = page.more() && !rooms.isEmpty();
    return new RoomList(rooms, more ? rooms.get(rooms.size() - 1).room() : null);
  }
}
