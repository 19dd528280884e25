package dev.roomcast.tyrus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The clients of a {@link Rehearsal}, in one thread and as few system calls and classes as will do:
 * they say what clients say, and of what they hear only count the replies.
 *
 * <p>A command's {@code id} makes a reply owed, and {@code "re":} in what comes pays it. Nobody
 * waits for ever: when the time is over every method returns. Confined to one thread.
 */
final class RehearsalClients implements AutoCloseable {

  private static final int LOOK_MILLIS = 20;
  private static final byte[] REPLY = "\"re\":".getBytes(StandardCharsets.US_ASCII);
  private static final int STATUS_AT = "HTTP/1.1 ".length();
  private static final String SWITCHING_PROTOCOLS = "101";
  private static final int TEXT = 0x81;
  private static final int CLOSE = 0x88;
  private static final int MASKED = 0x80;
  private static final int NORMAL_HIGH = 0x03;
  private static final int NORMAL_LOW = 0xe8;
  private static final int SHORT = 126;

  private final InetSocketAddress server;
  private final long began = System.nanoTime();
  private final long nanos;
  private final Selector selector = Selector.open();
  private final List<Client> here = new ArrayList<>();
  private final ByteBuffer in = ByteBuffer.allocateDirect(64 << 10);
  private final ByteBuffer out = ByteBuffer.allocateDirect(16 << 10);
  private int owed;
  private int came;

  /** Opens nothing but a selector; the time runs from now on. */
  RehearsalClients(int port, Duration atMost) throws IOException {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    nanos = atMost.toNanos();
  }

  /** One of them. Confined to the thread of all. */
  final class Client {
    private final SocketChannel channel;
    private final String first;
    private boolean upgraded;
    private boolean leaving;
    private int matched;

    private Client(SocketChannel channel, String first) {
      this.channel = channel;
      this.first = first;
    }

    /** Sends what {@link #put} has gathered. */
    private void send() throws IOException {
      out.flip();
      channel.write(out);
      boolean all = !out.hasRemaining();
      out.clear();
      if (!all) {
        throw new IOException("a client's socket takes no more");
      }
    }

    /** Says something so many times in one go; it has an id. */
    void say(String command, int times) throws IOException {
      for (int i = 0; i < times; i++) {
        put(command);
      }
      owed += times;
      send();
    }

    /** Says goodbye; that the server then ends the connection is owed. */
    void leave() throws IOException {
      out.put((byte) CLOSE).put((byte) (MASKED | 2)).putInt(0);
      out.put((byte) NORMAL_HIGH).put((byte) NORMAL_LOW);
      leaving = true;
      owed++;
      send();
    }

    private void read() throws IOException {
      in.clear();
      int count = channel.read(in);
      if (count < 0) {
        ended();
        return;
      }
      in.flip();
      if (!upgraded) {
        checkStatus();
        upgraded = true;
        put(first);
        send();
      }
      while (in.hasRemaining()) {
        byte next = in.get();
        matched = next == REPLY[matched] ? matched + 1 : next == REPLY[0] ? 1 : 0;
        if (matched == REPLY.length) {
          matched = 0;
          owed--;
        }
      }
    }

    private void checkStatus() throws IOException {
      byte[] status = new byte[Math.min(in.remaining(), STATUS_AT + SWITCHING_PROTOCOLS.length())];
      in.get(0, status);
      String line = new String(status, StandardCharsets.US_ASCII);
      if (!line.endsWith(" " + SWITCHING_PROTOCOLS)) {
        throw new IOException("a client was refused: " + line);
      }
    }

    private void ended() throws IOException {
      if (!leaving) {
        throw new IOException("the server closed a client's connection");
      }
      owed--;
      channel.close();
    }
  }

  /** Whether there is time left. */
  boolean inTime() {
    return nanosLeft() > 0;
  }

  long nanosLeft() {
    return nanos - (System.nanoTime() - began);
  }

  /** How many connected so far. */
  int came() {
    return came;
  }

  /**
   * A client connects and asks for the upgrade, and says its first command when it has that; the
   * reply is owed from now on.
   */
  Client come(String query, String first) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.connect(server); // which on loopback waits for nobody
      channel.setOption(StandardSocketOptions.SO_LINGER, 0); // nothing stays behind in the system
      Client client = new Client(channel, first);
      out.put(request(query));
      client.send();
      owed++;
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, client);
      here.add(client);
      came++;
      return client;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private byte[] request(String query) {
    String host = "localhost:" + server.getPort();
    return ("GET /chat?"
            + query
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://"
            + host
            + "\r\nUser-Agent: roomcast\r\nAccept-Encoding: gzip, deflate\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Adds a text frame, with a mask of zeros, to what is sent next. */
  private void put(String text) {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    out.put((byte) TEXT);
    if (payload.length < SHORT) {
      out.put((byte) (MASKED | payload.length));
    } else {
      out.put((byte) (MASKED | SHORT)).putShort((short) payload.length);
    }
    out.putInt(0).put(payload);
  }

  /** Reads until no more than so many replies are owed, or the time is over. */
  void settle(int stillOwed) throws IOException {
    while (owed > stillOwed && inTime()) {
      selector.select(LOOK_MILLIS);
      for (SelectionKey key : selector.selectedKeys()) {
        if (key.attachment() instanceof Client client) {
          client.read();
        }
      }
      selector.selectedKeys().clear();
    }
  }

  /** All those who are still there vanish. */
  void vanish() throws IOException {
    for (Client client : here) {
      client.channel.close();
    }
    here.clear();
    owed = 0;
    selector.selectNow(); // only then the system's sockets are given back
  }

  @Override
  public void close() throws IOException {
    vanish();
    selector.close();
  }
}
