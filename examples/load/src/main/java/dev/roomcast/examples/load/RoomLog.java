package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;

/**
 * A room's log as it was read after everything was over. Immutable.
 *
 * @param top the position after the newest message
 * @param from the offset of the oldest message retained
 * @param messages which messages they are, oldest first; -1 for what nobody sent
 */
record RoomLog(String room, Position top, long from, Indexes messages) {

  boolean has(long offset) {
    return offset >= from && offset < from + messages.size();
  }

  int at(long offset) {
    return messages.get((int) (offset - from));
  }
}
