package dev.roomcast.examples.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One connection of somebody who means harm: sends whatever bytes it likes, understands just enough
 * of the answers to tell what became of it.
 *
 * <p>Confined to the loop's thread.
 */
final class Attacker implements Loop.Handler {

  private static final int CLOSE = 8;
  private static final int TEXT = 1;
  private static final int KEPT = 4 << 10;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Script script;
  private final ByteBuffer in = ByteBuffer.allocate(16 << 10);
  private ByteBuffer out = NOTHING;
  private @Nullable ByteBuffer flood;
  private StringBuilder head = new StringBuilder();
  private byte[] payload = new byte[0];
  private int kept;
  private long rest;
  private int opcode;
  private boolean upgraded;
  private boolean answered;
  private boolean over;
  private int closeCode;

  /** What an attacker does next. */
  interface Script {
    /** The connection is there: send the request, or whatever. */
    void connected(Attacker attacker) throws IOException;

    /** It is a WebSocket now. */
    default void upgraded(Attacker attacker) throws IOException {}

    /** A text frame came, cut to its beginning when it is long. */
    default void text(Attacker attacker, String text) throws IOException {}

    /** The end, in words for the table: a close code, an HTTP status, or that it was cut. */
    void over(Attacker attacker, String how);
  }

  private Attacker(SocketChannel channel, SelectionKey key, Script script) {
    this.channel = channel;
    this.key = key;
    this.script = script;
  }

  /** Begins to connect, from an address of this machine. */
  static Attacker connect(Loop loop, InetSocketAddress server, String from, Script script)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    // Thousands of connections a second must not use up the ports of the machine.
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 16 << 10);
    channel.bind(new InetSocketAddress(from, 0));
    channel.connect(server);
    SelectionKey key = channel.register(loop.selector(), SelectionKey.OP_CONNECT);
    Attacker attacker = new Attacker(channel, key, script);
    key.attach(attacker);
    return attacker;
  }

  @Override
  public void ready(SelectionKey ready) {
    try {
      if (ready.isConnectable() && channel.finishConnect()) {
        key.interestOps(SelectionKey.OP_READ);
        script.connected(this);
      }
      if (!over && ready.isValid() && ready.isWritable()) {
        flush();
      }
      if (!over && ready.isValid() && ready.isReadable()) {
        read();
      }
    } catch (IOException e) {
      end(answered() ? how() : "cut");
    }
  }

  private boolean answered() {
    return answered || closeCode != 0;
  }

  private String how() {
    return closeCode != 0 ? "closed " + closeCode : answered ? head.substring(9, 12) : "cut";
  }

  private void read() throws IOException {
    int count = channel.read(in.clear());
    if (count < 0) {
      end(how());
      return;
    }
    in.flip();
    while (!over && in.hasRemaining()) {
      if (upgraded) {
        frames();
      } else {
        http();
      }
    }
  }

  private void http() throws IOException {
    while (in.hasRemaining()) {
      char c = (char) (in.get() & 0xff);
      if (answered) {
        continue;
      }
      head.append(c);
      if (c == '\n' && head.length() > 12 && head.indexOf("\r\n\r\n") >= 0) {
        answered = true;
        if (head.substring(9, 12).equals("101")) {
          answered = false;
          upgraded = true;
          head = new StringBuilder();
          script.upgraded(this);
          return;
        }
      }
    }
  }

  /** Reads a header byte by byte, and of the payload what is worth keeping. */
  private void frames() throws IOException {
    if (rest > 0) {
      int some = (int) Math.min(rest, in.remaining());
      int take = Math.min(some, payload.length - kept);
      in.get(payload, kept, take);
      in.position(in.position() + some - take);
      kept += take;
      rest -= some;
    } else {
      head.append((char) (in.get() & 0xff));
      if (head.length() < 2) {
        return;
      }
      int size = head.charAt(1) & 0x7f;
      int length = size < 126 ? 2 : size == 126 ? 4 : 10;
      if (head.length() < length) {
        return;
      }
      opcode = head.charAt(0) & 0x0f;
      rest = size;
      if (size >= 126) {
        rest = 0;
        for (int i = 2; i < length; i++) {
          rest = rest << 8 | head.charAt(i);
        }
      }
      head.setLength(0);
      payload = new byte[(int) Math.min(rest, KEPT)];
      kept = 0;
    }
    if (rest == 0) {
      frame();
    }
  }

  private void frame() throws IOException {
    if (opcode == CLOSE) {
      closeCode = kept < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      end(how());
    } else if (opcode == TEXT) {
      script.text(this, new String(payload, 0, kept, StandardCharsets.UTF_8));
    }
  }

  /** Sends a text frame. */
  void say(String text) throws IOException {
    send(WebSocket.masked(TEXT, text.getBytes(StandardCharsets.UTF_8)));
  }

  void send(String bytes) throws IOException {
    send(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** Sends bytes after what is still to be sent. */
  void send(ByteBuffer bytes) throws IOException {
    if (over) {
      return;
    }
    out =
        out.hasRemaining()
            ? ByteBuffer.allocate(out.remaining() + bytes.remaining()).put(out).put(bytes).flip()
            : bytes;
    flush();
  }

  /** Sends the same bytes again and again, as fast as they are taken. */
  void flood(ByteBuffer bytes) throws IOException {
    flood = bytes;
    key.interestOpsOr(SelectionKey.OP_WRITE);
  }

  private void flush() throws IOException {
    if (!out.hasRemaining() && flood != null) {
      out = flood.duplicate();
    }
    channel.write(out);
    if (out.hasRemaining() || flood != null) {
      key.interestOpsOr(SelectionKey.OP_WRITE);
    } else {
      key.interestOpsAnd(~SelectionKey.OP_WRITE);
    }
  }

  /** Does not read any more. */
  void deaf() {
    if (!over) {
      key.interestOpsAnd(~SelectionKey.OP_READ);
    }
  }

  /** Ends the connection without a word. */
  void cut() {
    end("left");
  }

  /** Ends the output, as a program does that just ends. */
  void halfClose() throws IOException {
    channel.shutdownOutput();
  }

  boolean over() {
    return over;
  }

  private void end(String how) {
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
    script.over(this, how);
  }
}
