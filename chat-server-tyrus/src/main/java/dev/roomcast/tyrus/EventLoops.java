package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.WireBuffers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The event loops of one server, as many as there are processors: a loop is busy with all that its
 * members do, fan-out included, and more loops would only take the processors from each other.
 * Immutable.
 */
final class EventLoops implements AutoCloseable {

  private final List<EventLoop> loops = new ArrayList<>();

  /**
   * Starts them.
   *
   * @throws IOException when the system has no more selectors
   */
  EventLoops(ChatNode chat, int count) throws IOException {
    WireBuffers wires = new WireBuffers();
    try {
      for (int i = 0; i < count; i++) {
        loops.add(new EventLoop(chat, wires, "roomcast-sockets-" + i + "-" + chat.id()));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** The one with the fewest connections. */
  EventLoop next() {
    EventLoop fewest = loops.get(0);
    for (EventLoop loop : loops) {
      if (loop.size() < fewest.size()) {
        fewest = loop;
      }
    }
    return fewest;
  }

  /** Cuts all connections. Idempotent. */
  @Override
  public void close() {
    loops.forEach(EventLoop::close);
  }
}
