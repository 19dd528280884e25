package dev.roomcast.redis;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a server listens: a host and a port, or a Unix socket. Immutable. */
record Address(String host, int port, @Nullable Path socket) {

  static Address of(String host, int port) {
    return new Address(host, port, null);
  }

  @Override
  public String toString() {
    if (socket != null) {
      return socket.toString();
    }
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
