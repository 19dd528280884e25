package dev.roomcast.examples.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of one WebSocket connection, which can also misbehave: stop reading, or cut.
 *
 * <p>Confined to the loop's thread.
 */
final class WebSocket implements Loop.Handler {

  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int MAX_HEAD = 16 << 10;

  private final Listener listener;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final ByteBuffer request;
  private final ArrayDeque<ByteBuffer> out = new ArrayDeque<>();
  private ByteBuffer in = ByteBuffer.allocate(4 << 10);
  private @Nullable ByteBuffer fragments;
  private boolean open;
  private boolean over;
  private int closeCode = 1006;

  /** Told what happens to the connection. */
  interface Listener {
    void opened();

    void text(String frame);

    /** Called once: the close code, 1006 when there was none, or the HTTP status of a refusal. */
    void closed(int code);
  }

  private WebSocket(SocketChannel channel, SelectionKey key, String head, Listener listener) {
    this.channel = channel;
    this.key = key;
    this.listener = listener;
    this.request = ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII));
  }

  /** Begins to connect. */
  static WebSocket connect(Loop loop, URI server, String query, Listener listener)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.connect(new InetSocketAddress(server.getHost(), server.getPort()));
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce);
    String head =
        "GET "
            + (server.getRawPath().isEmpty() ? "/chat" : server.getRawPath())
            + query
            + " HTTP/1.1\r\nHost: "
            + server.getRawAuthority()
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Protocol: roomcast.v1.json\r\nSec-WebSocket-Key: "
            + Base64.getEncoder().encodeToString(nonce)
            + "\r\n\r\n";
    SelectionKey key = channel.register(loop.selector(), SelectionKey.OP_CONNECT);
    WebSocket socket = new WebSocket(channel, key, head, listener);
    key.attach(socket);
    return socket;
  }

  @Override
  public void ready(SelectionKey ready) {
    try {
      if (ready.isConnectable() && channel.finishConnect()) {
        key.interestOps(SelectionKey.OP_READ);
        write(request);
      }
      if (!over && ready.isValid() && ready.isWritable()) {
        flush();
      }
      if (!over && ready.isValid() && ready.isReadable()) {
        read();
      }
    } catch (IOException e) {
      end();
    }
  }

  private void read() throws IOException {
    while (!over && (key.interestOps() & SelectionKey.OP_READ) != 0) {
      int count = channel.read(in);
      if (count < 0) {
        end();
        return;
      }
      if (count == 0) {
        return;
      }
      in.flip();
      if (open || readHead()) {
        readFrames();
      }
      if (in.remaining() == in.capacity()) {
        in = ByteBuffer.allocate(in.capacity() * 2).put(in);
      } else {
        in.compact();
      }
    }
  }

  private boolean readHead() throws IOException {
    String head = StandardCharsets.ISO_8859_1.decode(in.duplicate()).toString();
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      if (head.length() > MAX_HEAD) {
        throw new IOException("no answer to the upgrade");
      }
      return false;
    }
    in.position(in.position() + end + 4);
    String status = head.length() > 12 ? head.substring(9, 12) : "";
    if (!status.equals("101")) {
      closeCode = status.matches("[1-5][0-9][0-9]") ? Integer.parseInt(status) : 1006;
      end();
      return false;
    }
    open = true;
    listener.opened();
    return true;
  }

  private void readFrames() throws IOException {
    while (!over && in.remaining() >= 2) {
      int first = in.get(in.position()) & 0xff;
      int size = in.get(in.position() + 1) & 0x7f;
      int head = size < 126 ? 2 : size == 126 ? 4 : 10;
      if (in.remaining() < head) {
        return;
      }
      long length = size;
      if (size == 126) {
        length = in.getShort(in.position() + 2) & 0xffff;
      } else if (size == 127) {
        length = in.getLong(in.position() + 2);
      }
      if (in.remaining() - head < length) {
        if (length + head > in.capacity()) {
          in = ByteBuffer.allocate((int) length + head + 4_096).put(in).flip();
        }
        return;
      }
      ByteBuffer body = in.slice(in.position() + head, (int) length);
      in.position(in.position() + head + (int) length);
      frame(first & 15, (first & 128) != 0, body);
    }
  }

  private void frame(int opcode, boolean last, ByteBuffer body) throws IOException {
    switch (opcode) {
      case TEXT, CONTINUATION -> {
        ByteBuffer before = fragments;
        ByteBuffer all =
            before == null
                ? body
                : ByteBuffer.allocate(before.remaining() + body.remaining())
                    .put(before)
                    .put(body)
                    .flip();
        if (last) {
          fragments = null;
          listener.text(StandardCharsets.UTF_8.decode(all).toString());
        } else {
          fragments = ByteBuffer.allocate(all.remaining()).put(all).flip();
        }
      }
      case CLOSE -> {
        closeCode = body.remaining() < 2 ? 1005 : body.getShort(body.position()) & 0xffff;
        write(masked(CLOSE, bytes(body)));
        end();
      }
      case PING -> write(masked(10, bytes(body)));
      default -> {
        // A pong: nothing was asked.
      }
    }
  }

  private static byte[] bytes(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }

  static ByteBuffer masked(int opcode, byte[] body) {
    ByteBuffer frame = ByteBuffer.allocate(body.length + 14);
    frame.put((byte) (128 | opcode));
    if (body.length < 126) {
      frame.put((byte) (128 | body.length));
    } else if (body.length < 65_536) {
      frame.put((byte) (128 | 126)).putShort((short) body.length);
    } else {
      frame.put((byte) (128 | 127)).putLong(body.length);
    }
    int mask = ThreadLocalRandom.current().nextInt();
    frame.putInt(mask);
    for (int i = 0; i < body.length; i++) {
      frame.put((byte) (body[i] ^ mask >>> (3 - i % 4) * 8));
    }
    return frame.flip();
  }

  /** Sends a text frame, when the connection is open. */
  void send(String text) {
    if (open && !over) {
      try {
        write(masked(TEXT, text.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        end();
      }
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    out.add(bytes);
    flush();
  }

  private void flush() throws IOException {
    ByteBuffer first = out.peek();
    while (first != null) {
      channel.write(first);
      if (first.hasRemaining()) {
        key.interestOpsOr(SelectionKey.OP_WRITE);
        return;
      }
      out.remove();
      first = out.peek();
    }
    key.interestOpsAnd(~SelectionKey.OP_WRITE);
  }

  /** Stops reading, or goes on. */
  void reading(boolean on) {
    if (open && !over) {
      if (on) {
        key.interestOpsOr(SelectionKey.OP_READ);
      } else {
        key.interestOpsAnd(~SelectionKey.OP_READ);
      }
    }
  }

  /** Says goodbye with a close code and ends the connection. */
  void close(int code) {
    if (open && !over) {
      try {
        write(masked(CLOSE, new byte[] {(byte) (code >> 8), (byte) code}));
      } catch (IOException e) {
        // It is over either way.
      }
    }
    closeCode = code;
    end();
  }

  /** Ends the connection as a broken line does: a reset, and not a word. */
  void cut() {
    if (!over) {
      try {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        // It is over either way.
      }
      end();
    }
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is left to close.
    }
    listener.closed(closeCode);
  }
}
