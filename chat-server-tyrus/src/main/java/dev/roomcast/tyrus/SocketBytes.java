package dev.roomcast.tyrus;

import dev.roomcast.chat.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * The bytes of one connection on their way from and to the operating system: as they are, or
 * encrypted. One thread reads at a time, and one writes.
 */
interface SocketBytes {

  /**
   * Reads what has come.
   *
   * @param lent an empty buffer to read into, to be used until this returns
   * @return false when nothing more will come
   */
  boolean read(ByteBuffer lent, Consumer<ByteBuffer> to) throws IOException;

  /**
   * Hands bytes to the operating system, as many as it takes.
   *
   * @return true when it took all, and all from before
   */
  boolean write(ByteBuffer bytes) throws IOException;

  /** Reads what the next write will need, see {@link Transport#lookAhead}. */
  default int lookAhead() {
    return 0;
  }

  /** Says that nothing more comes, after the last write and if that needs no waiting. */
  void end() throws IOException;
}
