package dev.roomcast.tyrus;

import dev.roomcast.chat.Frame;
import dev.roomcast.chat.Transport;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of the embedded server, as a session writes to it: the wire bytes of a frame, which
 * all members share, go to the socket without a copy.
 *
 * <p>Thread-safe.
 */
final class SocketTransport implements Transport {

  private static final Logger log = LoggerFactory.getLogger(SocketTransport.class);

  private final Session session;
  private final SocketWriter socket;

  SocketTransport(Session session, SocketWriter socket) {
    this.session = session;
    this.socket = socket;
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    return socket.write(frame.wire(), done::written);
  }

  @Override
  public void ping() {
    try {
      session.getAsyncRemote().sendPing(ByteBuffer.allocate(0));
    } catch (IOException | IllegalStateException e) {
      log.debug("a ping could not be sent, the connection is going", e);
    }
  }

  @Override
  public void close(int code, String reason) {
    try {
      session.close(CloseFrames.of(code, reason));
    } catch (IOException | IllegalStateException e) {
      log.debug("a close frame could not be sent, the connection is going", e);
      socket.close();
    }
  }

  @Override
  public void abort() {
    socket.cut();
  }

  @Override
  public void reading(boolean on) {
    socket.reading(on);
  }
}
