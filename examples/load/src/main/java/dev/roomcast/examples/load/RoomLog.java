package dev.roomcast.examples.load;

import com.google.gson.JsonObject;
import dev.roomcast.chat.Position;
import java.util.List;

/**
 * A room's log as it was read after everything was over. Immutable.
 *
 * @param top the position after the newest message
 * @param from the offset of the oldest message retained
 * @param messages which messages they are, oldest first; -1 for what nobody sent
 * @param frames them as they are now
 */
record RoomLog(String room, Position top, long from, Indexes messages, List<JsonObject> frames) {

  RoomLog(String room, Position top, long from, Indexes messages) {
    this(room, top, from, messages, List.of());
  }

  boolean has(long offset) {
    return offset >= from && offset < from + messages.size();
  }

  int at(long offset) {
    return messages.get((int) (offset - from));
  }
}
