package dev.roomcast.tyrus;

import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.CloseCode;
import dev.roomcast.chat.Frame;
import dev.roomcast.chat.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket connection of the embedded server: frames of its client to the session, the wire
 * bytes of the session's frames to the socket without a copy, and the closing handshake between
 * both (RFC 6455, section 7).
 *
 * <p>{@code begun}, {@code closeSent} and {@code paused} are guarded by "this", which is never held
 * while the session is called. {@code session} is set once, before the first read. Thread-safe;
 * reads are confined to the loop's thread.
 */
final class SocketConnection implements Transport, FrameReader.Listener {

  private static final Logger log = LoggerFactory.getLogger("roomcast.client");
  private static final byte[] NOTHING = new byte[0];
  private static final int NO_CODE = 1_005;
  private static final int ABNORMAL = 1_006;

  /** Bytes that are read and dropped after our close frame, to find the client's. */
  private static final int DROPPED_BYTES = 64 << 10;

  private final EventLoop loop;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final SocketBytes socket;
  private final @Nullable PerMessageDeflate deflate;
  private final SocketWriter writer;
  private final FrameReader reader;
  private volatile @Nullable ClientSession session;
  private boolean closeSent;
  private boolean begun;
  private boolean paused;
  private int dropped;

  /**
   * Takes over a connection after its upgrade.
   *
   * @param socket the channel's bytes
   * @param deflate compresses messages, null when that was not agreed upon
   * @throws ClosedChannelException when it is closed already
   */
  SocketConnection(
      EventLoop loop,
      SocketChannel channel,
      SocketBytes socket,
      int frameBytes,
      @Nullable PerMessageDeflate deflate)
      throws ClosedChannelException {
    this.loop = loop;
    this.channel = channel;
    this.socket = socket;
    this.deflate = deflate;
    this.writer = new SocketWriter(this, socket);
    this.reader = new FrameReader(frameBytes, deflate, this);
    this.key = loop.add(channel, this); // the last, for the loop may look at it from now on
  }

  /** Writes the answer to the upgrade request, before anything else. */
  void answer(byte[] head) {
    writer.write(ByteBuffer.wrap(head));
  }

  /** Says whose connection it is, before anything is read. */
  void open(ClientSession opened) {
    session = opened;
  }

  /**
   * Begins to read.
   *
   * @param behind what came with the request, to be read first; used until this returns
   */
  void begin(ByteBuffer behind) {
    if (behind.hasRemaining()) {
      received(behind);
    }
    synchronized (this) {
      begun = true;
      if (!paused) {
        loop.want(key, SelectionKey.OP_READ);
      }
    }
    if (!channel.isOpen()) {
      gone(); // whoever cut it before it was open had nobody to tell
    }
  }

  /** There is something to read. Called by the loop's thread, with a buffer that it lends. */
  void readable(ByteBuffer buffer) {
    try {
      if (!socket.read(buffer, this::received)) {
        gone();
      }
    } catch (IOException e) {
      log.debug("a connection broke", e);
      gone();
    }
  }

  /**
   * Takes what came behind the upgrade request. Nothing else reads meanwhile: the caller is the
   * selector's thread, or the connection is not read.
   */
  void received(ByteBuffer bytes) {
    if (!isClosing() || !isFlood(bytes.remaining())) {
      reader.read(bytes);
    }
  }

  /** Who floods on after the close is not read any more until the connection is cut. */
  private boolean isFlood(int bytes) {
    dropped += bytes;
    if (dropped <= DROPPED_BYTES) {
      return false;
    }
    loop.forgo(key, SelectionKey.OP_READ);
    return true;
  }

  /** There is room to write again. Called by the loop's thread. */
  void writable() {
    writer.writable();
  }

  /** Has {@link #writable} called when there is room, or not any more. */
  void waitForRoom(boolean on) {
    if (on) {
      loop.want(key, SelectionKey.OP_WRITE);
    } else {
      loop.forgo(key, SelectionKey.OP_WRITE);
    }
  }

  /** Ends the connection now. */
  void cut() {
    loop.cut(channel);
    tellClosed(ABNORMAL);
  }

  /** Nothing more will be read or written; there was no goodbye, or it has been told before. */
  private void gone() {
    writer.gone();
    tellClosed(ABNORMAL);
  }

  private void tellClosed(int code) {
    ClientSession to = session;
    if (to != null) {
      to.closed(code);
    }
  }

  @Override
  public void text(String text) {
    ClientSession to = session;
    if (to != null && !isClosing()) {
      to.receive(text);
    }
  }

  @Override
  public void alive() {
    ClientSession to = session;
    if (to != null) {
      to.alive();
    }
  }

  @Override
  public void ping(byte[] payload) {
    pong();
    if (!isClosing()) {
      control(FrameReader.PONG, payload);
    }
  }

  @Override
  public void pong() {
    ClientSession to = session;
    if (to != null) {
      to.control();
    }
  }

  @Override
  public void closed(byte[] payload) {
    int code = payload.length < 2 ? NO_CODE : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
    if (startClosing()) {
      control(
          FrameReader.CLOSE, payload.length < 2 ? NOTHING : new byte[] {payload[0], payload[1]});
    }
    tellClosed(code); // before the end of the connection is told
    writer.close();
  }

  @Override
  public void broken(int code, String reason) {
    ClientSession to = session;
    for (CloseCode known : CloseCode.values()) {
      if (known.code() == code && to != null) {
        to.close(known, reason);
        return;
      }
    }
    close(code, reason);
    tellClosed(code);
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    PerMessageDeflate compressor = deflate;
    if (compressor == null) {
      return writer.write(frame.wire(loop.wires()), frame::wire, done);
    }
    return writer.write(frame.wire(compressor), () -> frame.wire(compressor), done);
  }

  @Override
  public int lookAhead() {
    return (deflate == null ? 0 : 1) + writer.lookAhead();
  }

  @Override
  public void ping() {
    control(FrameReader.PING, NOTHING);
  }

  @Override
  public void close(int code, String reason) {
    if (startClosing()) {
      control(FrameReader.CLOSE, CloseFrames.payload(code, reason));
      reading(true); // for the client's answer
      CompletableFuture.delayedExecutor(CloseFrames.CUT_AFTER_SECONDS, TimeUnit.SECONDS)
          .execute(this::abort);
    }
  }

  private synchronized boolean startClosing() {
    boolean first = !closeSent;
    closeSent = true;
    return first;
  }

  private synchronized boolean isClosing() {
    return closeSent;
  }

  private void control(int opcode, byte[] payload) {
    ByteBuffer frame =
        ByteBuffer.allocate(2 + payload.length)
            .put((byte) (0x80 | opcode))
            .put((byte) payload.length)
            .put(payload);
    writer.write(frame.flip());
  }

  @Override
  public void abort() {
    writer.gone();
  }

  @Override
  public synchronized void reading(boolean on) {
    if (paused == !on || !on && closeSent) {
      return;
    }
    paused = !on;
    if (!on) {
      loop.forgo(key, SelectionKey.OP_READ);
    } else if (begun) {
      loop.want(key, SelectionKey.OP_READ);
    }
  }
}
