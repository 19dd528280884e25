package dev.roomcast.redis;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to and from a server, over TCP, TLS or a Unix socket. One thread may write while another
 * one reads, which waits for the timeout at most; any may close it.
 *
 * @param channel the same without waiting, null for TLS
 */
record Wire(
    Closeable socket,
    InputStream in,
    OutputStream out,
    @Nullable ChannelSocket channel,
    boolean isLocal)
    implements Closeable {

  /** Connects; each address of the host is tried. */
  static Wire open(Address address, RedisOptions options) throws IOException {
    int timeout = (int) options.timeout().toMillis();
    Path path = address.socket();
    if (path != null) {
      return over(ChannelSocket.connect(UnixDomainSocketAddress.of(path), timeout), true);
    }
    IOException failed = null;
    for (InetAddress ip : InetAddress.getAllByName(address.host())) {
      InetSocketAddress to = new InetSocketAddress(ip, address.port());
      try {
        return options.tls()
            ? secured(to, address, options, timeout)
            : over(ChannelSocket.connect(to, timeout), ip.isLoopbackAddress());
      } catch (IOException e) {
        failed = e;
      }
    }
    throw failed == null ? new UnknownHostException(address.host()) : failed;
  }

  private static Wire over(ChannelSocket socket, boolean isLocal) {
    return new Wire(socket, socket.in(), socket.out(), socket, isLocal);
  }

  private static Wire secured(
      InetSocketAddress to, Address address, RedisOptions options, int timeout) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.connect(to, timeout);
      socket.setSoTimeout(timeout);
      SSLSocket secure = Tls.over(socket, address, options);
      boolean isLocal = to.getAddress().isLoopbackAddress();
      // What is closed is the socket below: closing TLS waits for a write that does not go on.
      return new Wire(socket, secure.getInputStream(), secure.getOutputStream(), null, isLocal);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
