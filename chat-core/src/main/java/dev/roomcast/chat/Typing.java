package dev.roomcast.chat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where one session's user is typing. It ends by itself. Guarded by "this", which is not held while
 * anybody is told.
 */
final class Typing {

  private final ChatNode node;
  private final User user;
  private Map<String, ChatClock.Timer> rooms = Map.of(); // most never type

  Typing(ChatNode node, User user) {
    this.node = node;
    this.user = user;
  }

  /** Shows that the user is typing, until told otherwise or for six seconds. */
  void start(String room) {
    node.broker().announce(room, FrameWriter.typing(room, user, true));
    ChatClock.Timer timer = node.clock().schedule(ChatNode.TYPING, () -> end(room));
    ChatClock.Timer before;
    synchronized (this) {
      if (rooms.isEmpty()) {
        rooms = new HashMap<>(2);
      }
      before = rooms.put(room, timer);
    }
    if (before != null) {
      before.cancel();
    }
  }

  /** Shows that the user is not typing any more, if it was. */
  void end(String room) {
    ChatClock.Timer timer;
    synchronized (this) {
      timer = rooms.isEmpty() ? null : rooms.remove(room);
    }
    if (timer != null) {
      timer.cancel();
      node.broker().announce(room, FrameWriter.typing(room, user, false));
    }
  }

  /** Ends it everywhere. */
  void endAll() {
    List<String> all;
    synchronized (this) {
      all = List.copyOf(rooms.keySet());
    }
    all.forEach(this::end);
  }
}
