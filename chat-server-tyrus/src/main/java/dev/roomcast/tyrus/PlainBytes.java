package dev.roomcast.tyrus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/** A connection's bytes as they are. As thread-safe as the socket. */
record PlainBytes(SocketChannel socket) implements SocketBytes {

  /** Of one read: small, so that nobody who floods keeps the others waiting for long. */
  private static final int READ_BYTES = 8 << 10;

  @Override
  public boolean read(ByteBuffer lent, Consumer<ByteBuffer> to) throws IOException {
    if (socket.read(lent.limit(READ_BYTES)) < 0) {
      return false;
    }
    to.accept(lent.flip());
    return true;
  }

  @Override
  public boolean write(ByteBuffer bytes) throws IOException {
    socket.write(bytes);
    return !bytes.hasRemaining();
  }

  @Override
  public int lookAhead() {
    return socket.isOpen() && socket.isConnected() ? 1 : 0; // two fields, without a lock
  }

  @Override
  public void end() {
    // The socket's end says it.
  }
}
