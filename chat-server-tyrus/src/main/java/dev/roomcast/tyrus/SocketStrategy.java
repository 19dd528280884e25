package dev.roomcast.tyrus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.IOEvent;
import org.glassfish.grizzly.IOStrategy;
import org.glassfish.grizzly.Transport;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.nio.NIOTransport;
import org.glassfish.grizzly.strategies.SameThreadIOStrategy;
import org.glassfish.grizzly.threadpool.ThreadPoolConfig;
import org.jspecify.annotations.Nullable;

/**
 * Takes the events of upgraded connections straight from the selector to their {@link
 * SocketConnection}: no filter chain, no context, no change of interest for each read. HTTP goes
 * the usual way, on the same thread.
 *
 * <p>Buffers to read into are lent for one read. Thread-safe.
 */
@SuppressWarnings("rawtypes") // as the interface has it
final class SocketStrategy implements IOStrategy {

  private final Attribute<SocketConnection> sockets =
      Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("roomcast.socket");
  private final IOStrategy http = SameThreadIOStrategy.getInstance();
  private final LentBuffers buffers;

  SocketStrategy(LentBuffers buffers) {
    this.buffers = buffers;
  }

  /** Makes all events of the transport come here. */
  void install(NIOTransport transport) {
    ThreadPoolConfig workers = transport.getWorkerThreadPoolConfig();
    transport.setIOStrategy(this);
    transport.setWorkerThreadPoolConfig(workers); // which a new strategy replaces
  }

  /** Takes over a connection; its next event comes here. */
  void take(Connection<?> connection, SocketConnection socket) {
    sockets.set(connection, socket);
  }

  /** Whether the connection was taken over. */
  boolean has(Connection<?> connection) {
    return sockets.get(connection) != null;
  }

  @Override
  public boolean executeIoEvent(Connection connection, IOEvent event) throws IOException {
    return executeIoEvent(connection, event, true);
  }

  @Override
  public boolean executeIoEvent(Connection connection, IOEvent event, boolean enabled)
      throws IOException {
    SocketConnection socket = sockets.get(connection);
    if (socket == null) {
      return http.executeIoEvent(connection, event, enabled);
    }
    switch (event) {
      case READ -> read(socket);
      case WRITE -> socket.writable();
      default -> {
        // Nothing else happens to a connection that is open.
      }
    }
    return true;
  }

  private void read(SocketConnection socket) {
    ByteBuffer buffer = buffers.lend();
    try {
      socket.readable(buffer);
    } finally {
      buffers.giveBack(buffer);
    }
  }

  @Override
  public @Nullable Executor getThreadPoolFor(Connection connection, IOEvent event) {
    return http.getThreadPoolFor(connection, event);
  }

  @Override
  public @Nullable ThreadPoolConfig createDefaultWorkerPoolConfig(Transport transport) {
    return http.createDefaultWorkerPoolConfig(transport);
  }
}
