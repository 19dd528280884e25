package dev.roomcast.redis;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;

/**
 * Bytes to and from a server, over TCP, TLS or a Unix socket. One thread may write while another
 * one reads, which waits for the timeout at most; any may close it.
 */
record Wire(Closeable socket, InputStream in, OutputStream out, boolean isLocal)
    implements Closeable {

  /** Connects; each address of the host is tried. */
  static Wire open(Address address, RedisOptions options) throws IOException {
    int timeout = (int) options.timeout().toMillis();
    Path path = address.socket();
    if (path != null) {
      UnixSocket socket = UnixSocket.connect(path, timeout);
      return new Wire(socket, socket.in(), socket.out(), true);
    }
    IOException failed = null;
    for (InetAddress ip : InetAddress.getAllByName(address.host())) {
      Socket socket = new Socket();
      try {
        return over(socket, ip, address, options, timeout);
      } catch (IOException e) {
        socket.close();
        failed = e;
      }
    }
    throw failed == null ? new UnknownHostException(address.host()) : failed;
  }

  private static Wire over(
      Socket socket, InetAddress ip, Address address, RedisOptions options, int timeout)
      throws IOException {
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    socket.connect(new InetSocketAddress(ip, address.port()), timeout);
    socket.setSoTimeout(timeout);
    if (!options.tls()) {
      return new Wire(
          socket, socket.getInputStream(), socket.getOutputStream(), ip.isLoopbackAddress());
    }
    SSLSocket secure = Tls.over(socket, address, options);
    // What is closed is the socket below: closing TLS waits for a write that does not go on.
    return new Wire(
        socket, secure.getInputStream(), secure.getOutputStream(), ip.isLoopbackAddress());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
