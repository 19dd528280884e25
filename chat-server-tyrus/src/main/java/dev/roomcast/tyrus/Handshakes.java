package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import org.jspecify.annotations.Nullable;

/**
 * Hands what the filter knows about a connection over to the endpoint that Tyrus makes for it.
 *
 * <p>Tyrus opens an endpoint on the thread that completes the handshake, with no way to give it an
 * object. Confined, value by value, to that thread.
 */
final class Handshakes {

  // Belongs to one server; it is empty but for the moments of a handshake.
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<@Nullable Admitted> current = new ThreadLocal<>();

  /** A connection between its admission and its opening. Immutable. */
  record Admitted(Admission admission, SocketWriter socket) {}

  void run(Admitted admitted, Runnable handshake) {
    current.set(admitted);
    try {
      handshake.run();
    } finally {
      current.remove();
    }
  }

  Admitted current() {
    Admitted admitted = current.get();
    if (admitted == null) {
      throw new IllegalStateException("a connection was opened around the filter");
    }
    return admitted;
  }
}
