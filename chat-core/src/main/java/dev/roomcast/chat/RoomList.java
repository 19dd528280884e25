package dev.roomcast.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of rooms as somebody may see it.
 *
 * <p>Immutable.
 *
 * @param rooms those of the page that the reader may join
 * @param next after which room the next page begins, null when this is the last
 */
record RoomList(List<RoomManager.RoomInfo> rooms, @Nullable String next) {

  RoomList {
    rooms = List.copyOf(rooms);
  }

  /** Returns the whole page. */
  static RoomList of(RoomManager.RoomsPage page) {
    List<RoomManager.RoomInfo> rooms = page.rooms();
    boolean more = page.more() && !rooms.isEmpty();
    return new RoomList(rooms, more ? rooms.get(rooms.size() - 1).room() : null);
  }
}
