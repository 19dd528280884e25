package dev.roomcast.redis;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.concurrent.TimeUnit;

/**
 * A TCP or Unix socket as streams that know a timeout, which also takes what goes without waiting.
 * The JVM's own streams over a channel let nobody write while another thread waits in a read.
 *
 * <p>The channel does not block: so an interrupted thread that writes does not close it. One thread
 * may read and one may write; any may close it.
 */
final class ChannelSocket implements Closeable {

  /** Written at a time: for each thread the JVM keeps direct memory for the most it ever wrote. */
  private static final int PART = 64 * 1024;

  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;
  private final int timeout;

  private ChannelSocket(SocketChannel channel, int timeout) throws IOException {
    this.channel = channel;
    this.timeout = timeout;
    this.readable = Selector.open();
    this.writable = Selector.open();
    channel.configureBlocking(false);
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  /**
   * Connects.
   *
   * @param timeout in milliseconds, for which a server may be silent, or not read
   */
  static ChannelSocket connect(SocketAddress address, int timeout) throws IOException {
    boolean tcp = address instanceof InetSocketAddress;
    SocketChannel channel = tcp ? SocketChannel.open() : SocketChannel.open(address);
    try {
      if (tcp) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        channel.socket().connect(address, timeout);
      }
      return new ChannelSocket(channel, timeout);
    } catch (IOException | UnsupportedAddressTypeException e) {
      channel.close();
      throw e instanceof IOException failed ? failed : new IOException("no IPv6 here", e);
    }
  }

  InputStream in() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        int read;
        while ((read = channel.read(buffer)) == 0) {
          await(readable);
        }
        return read;
      }
    };
  }

  OutputStream out() {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        int written = 0;
        while ((written += offer(bytes, offset + written, length - written)) < length) {
          await(writable);
        }
      }
    };
  }

  /** Writes what goes without waiting, and returns how many bytes that was. */
  int offer(byte[] bytes, int offset, int length) throws IOException {
    int written = 0;
    int more;
    do {
      int part = Math.min(PART, length - written);
      more = channel.write(ByteBuffer.wrap(bytes, offset + written, part));
      written += more;
    } while (more > 0 && written < length);
    return written;
  }

  private void await(Selector selector) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout);
    try {
      while (selector.select(Math.max(1, (end - System.nanoTime()) / 1_000_000)) == 0) {
        if (!channel.isOpen()) {
          throw new ClosedChannelException();
        }
        if (System.nanoTime() >= end) {
          throw new SocketTimeoutException("silent for " + timeout + " ms");
        }
      }
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException e) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    // This also ends a select that waits.
    readable.close();
    writable.close();
  }
}
