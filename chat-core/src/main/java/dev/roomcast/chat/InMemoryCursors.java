package dev.roomcast.chat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where sinks are in their rooms' logs, in memory. Guarded by "this". */
final class InMemoryCursors {

  private final InMemoryBackend.Shared shared;
  private final Map<Name, Cursor> cursors = new HashMap<>();

  InMemoryCursors(InMemoryBackend.Shared shared) {
    this.shared = shared;
  }

  private record Name(String room, String sink) {}

  private record Cursor(Position position, String node, long until) {}

  synchronized @Nullable Position claim(String room, String sink, String node, Duration ttl) {
    Name name = new Name(room, sink);
    Cursor cursor = cursors.get(name);
    long now = shared.clock.millis();
    if (cursor != null && !cursor.node.equals(node) && cursor.until > now) {
      return null;
    }
    Position position = cursor == null ? Position.NONE : cursor.position;
    cursors.put(name, new Cursor(position, node, now + ttl.toMillis()));
    return position;
  }

  synchronized boolean move(
      String room, String sink, Position position, String node, Duration ttl) {
    Name name = new Name(room, sink);
    Cursor cursor = cursors.get(name);
    if (cursor == null || !cursor.node.equals(node)) {
      return false;
    }
    cursors.put(name, new Cursor(position, node, shared.clock.millis() + ttl.toMillis()));
    return true;
  }
}
