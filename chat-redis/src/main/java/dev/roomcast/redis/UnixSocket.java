package dev.roomcast.redis;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A Unix socket as streams. The JVM's own streams over a channel let nobody write while another
 * thread waits in a read, and know no timeout. One thread may read and one may write.
 */
final class UnixSocket implements Closeable {

  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;
  private final int timeout;

  private UnixSocket(SocketChannel channel, int timeout) throws IOException {
    this.channel = channel;
    this.timeout = timeout;
    this.readable = Selector.open();
    this.writable = Selector.open();
    channel.configureBlocking(false);
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  static UnixSocket connect(Path path, int timeout) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
    try {
      return new UnixSocket(channel, timeout);
    } catch (IOException e) {
      channel.close();
      throw e;
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
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
          if (channel.write(buffer) == 0) {
            await(writable);
          }
        }
      }
    };
  }

  private void await(Selector selector) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout);
    while (selector.select(Math.max(1, (end - System.nanoTime()) / 1_000_000)) == 0) {
      if (!channel.isOpen()) {
        throw new ClosedChannelException();
      }
      if (System.nanoTime() >= end) {
        throw new SocketTimeoutException("silent for " + timeout + " ms");
      }
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    // This also ends a select that waits.
    readable.close();
    writable.close();
  }
}
