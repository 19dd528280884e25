package dev.roomcast.tyrus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection's bytes in TLS, after the handshake. What is to be written at once is encrypted at
 * once, into a lent buffer, and goes to the socket in as few calls as without TLS.
 *
 * <p>State: {@code begun} is the first part of a record whose rest has not come, null between
 * records; {@code unsent} are records that the socket did not take, 64 KiB at most, null when it
 * took all. The first is confined to the connection's reads, the second to its writes; the engine
 * may do both at a time.
 */
final class TlsBytes implements SocketBytes {

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final ByteChannel socket;
  private final SSLEngine engine;
  private final LentBuffers buffers;
  private byte @Nullable [] begun;
  private @Nullable ByteBuffer unsent;

  TlsBytes(ByteChannel socket, SSLEngine engine, LentBuffers buffers) {
    this.socket = socket;
    this.engine = engine;
    this.buffers = buffers;
  }

  @Override
  public boolean read(ByteBuffer lent, Consumer<ByteBuffer> to) throws IOException {
    byte[] before = begun;
    if (before != null) {
      lent.put(before);
      begun = null;
    }
    if (socket.read(lent) < 0) {
      return false;
    }
    lent.flip();
    ByteBuffer plain = buffers.lend();
    try {
      while (lent.hasRemaining()) {
        SSLEngineResult result = engine.unwrap(lent, plain);
        if (plain.position() > 0) {
          to.accept(plain.flip());
          plain.clear();
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
          begun = new byte[lent.remaining()];
          lent.get(begun);
        } else if (result.getStatus() == Status.CLOSED) {
          return false;
        } else if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK
            || result.bytesConsumed() == 0) {
          // A second handshake would be work at a stranger's wish; TLS 1.3 knows none.
          throw new SSLException("no handshake after the first one");
        }
      }
      return true;
    } finally {
      buffers.giveBack(plain);
    }
  }

  @Override
  public boolean write(ByteBuffer bytes) throws IOException {
    ByteBuffer before = unsent;
    if (before != null) {
      socket.write(before);
      if (before.hasRemaining()) {
        return false;
      }
      unsent = null;
    }
    if (!bytes.hasRemaining()) {
      return true;
    }
    ByteBuffer records = buffers.lend();
    try {
      while (bytes.hasRemaining()) {
        encrypt(bytes, records.clear());
        socket.write(records.flip());
        if (records.hasRemaining()) {
          keep(records);
          return false;
        }
      }
      return true;
    } finally {
      buffers.giveBack(records);
    }
  }

  /** Fills the buffer, with what the engine itself has to say before anything else. */
  private void encrypt(ByteBuffer bytes, ByteBuffer records) throws SSLException {
    while (bytes.hasRemaining()) {
      Status status = engine.wrap(bytes, records).getStatus();
      if (status == Status.BUFFER_OVERFLOW) {
        return;
      } else if (status == Status.CLOSED) {
        throw new SSLException("TLS is over");
      }
    }
  }

  private void keep(ByteBuffer records) {
    unsent = ByteBuffer.allocate(records.remaining()).put(records).flip();
  }

  @Override
  public void end() throws IOException {
    if (unsent != null) {
      return;
    }
    engine.closeOutbound();
    ByteBuffer records = buffers.lend();
    try {
      engine.wrap(NOTHING, records);
      socket.write(records.flip());
    } finally {
      buffers.giveBack(records);
    }
  }
}
