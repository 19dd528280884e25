package dev.roomcast.examples.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Many connections that read and throw away, on one thread, and count the {@code ^} in what they
 * read: each message has one. Thread-safe.
 */
final class Subscribers implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;
  private static final int QUIET_SECONDS = 3;

  private final Selector selector;
  private final Thread thread;
  private final AtomicLong marks = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean closed;
  private volatile @Nullable IOException broken;

  private Subscribers() throws IOException {
    selector = Selector.open();
    thread = new Thread(this::read, "roomcast-subscribers");
    thread.setDaemon(true);
  }

  /** Subscribes so often to a channel of Redis. */
  static Subscribers subscribe(int port, int count, String channel) throws IOException {
    Subscribers all = new Subscribers();
    String command =
        "HELLO 3\r\n*2\r\n$9\r\nSUBSCRIBE\r\n$" + channel.length() + "\r\n" + channel + "\r\n";
    for (int i = 0; i < count; i++) {
      all.add(connect(port, command));
    }
    all.thread.start();
    return all;
  }

  /** Joins the clients to a room of a server; they are users with names of their own. */
  static Subscribers join(int port, int count, String room) throws IOException {
    Subscribers all = new Subscribers();
    for (int i = 0; i < count; i++) {
      SocketChannel channel =
          connect(
              port,
              "GET /chat?name=member"
                  + i
                  + " HTTP/1.1\r\nHost: 127.0.0.1:"
                  + port
                  + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      String start = start(channel);
      if (!start.startsWith("HTTP/1.1 101")) {
        throw new IOException("client " + i + " was answered " + start);
      }
      channel.write(text("{\"type\":\"join\",\"id\":1,\"room\":\"" + room + "\",\"history\":0}"));
      all.add(channel);
    }
    all.thread.start();
    return all;
  }

  private static SocketChannel connect(int port, String first) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.write(ByteBuffer.wrap(first.getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private static String start(SocketChannel channel) throws IOException {
    byte[] start = new byte["HTTP/1.1 101".length()];
    ByteBuffer answer = ByteBuffer.wrap(start);
    while (answer.hasRemaining()) {
      if (channel.read(answer) < 0) {
        throw new IOException("the server hung up");
      }
    }
    return new String(start, StandardCharsets.US_ASCII);
  }

  /** A masked text frame; the mask is 0. */
  private static ByteBuffer text(String text) {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 6);
    frame.put((byte) 0x81).put((byte) (0x80 | payload.length)).putInt(0).put(payload);
    return frame.flip();
  }

  private void add(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ);
  }

  private void read() {
    byte[] array = new byte[1 << 16];
    try {
      while (!closed && broken == null) {
        selector.select(key -> read((SocketChannel) key.channel(), array), 100);
      }
    } catch (IOException e) {
      broken = e; // for whoever waits for what will not come
    }
  }

  private void read(SocketChannel channel, byte[] array) {
    try {
      int length = channel.read(ByteBuffer.wrap(array));
      if (length < 0) {
        channel.close();
        return;
      }
      long found = 0;
      for (int i = 0; i < length; i++) {
        if (array[i] == '^') {
          found++;
        }
      }
      bytes.addAndGet(length);
      marks.addAndGet(found);
    } catch (IOException e) {
      broken = e;
    }
  }

  /** How many messages all of them together have read. */
  long messages() {
    return marks.get();
  }

  /** How many bytes all of them together have read. */
  long bytes() {
    return bytes.get();
  }

  /** Waits until all of them together have read so many messages. */
  void await(long count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (marks.get() < count) {
      if (closed || broken != null || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "only " + marks + " of " + count + " messages came", broken);
      }
      TimeUnit.MICROSECONDS.sleep(50);
    }
  }

  /** Waits until nothing comes for some seconds: all have joined and heard of each other. */
  void awaitQuiet() throws InterruptedException {
    long before = -1;
    for (int quiet = 0; quiet < QUIET_SECONDS; quiet++) {
      if (bytes.get() != before) {
        before = bytes.get();
        quiet = 0;
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
