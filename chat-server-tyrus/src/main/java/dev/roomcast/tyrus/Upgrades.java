package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLEngine;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.grizzly.ssl.SSLUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about a request to upgrade, whichever way it was read: asks the node, refuses with
 * an HTTP status, or shakes hands and makes the connection a {@link SocketConnection}.
 *
 * <p>Thread-safe.
 */
final class Upgrades {

  private static final Logger log = LoggerFactory.getLogger(Upgrades.class);

  private final ChatNode chat;
  private final Gate gate;
  private final EventLoops loops;
  private final ConnectionGuard guard;
  private final LentBuffers buffers;
  private final @Nullable PerMessageDeflate deflate;

  /**
   * Makes those of a server.
   *
   * @param deflate compresses for clients that offer it, null when nobody is to have that
   */
  Upgrades(
      ChatNode chat,
      Gate gate,
      EventLoops loops,
      ConnectionGuard guard,
      LentBuffers buffers,
      @Nullable PerMessageDeflate deflate) {
    this.chat = chat;
    this.gate = gate;
    this.loops = loops;
    this.guard = guard;
    this.buffers = buffers;
    this.deflate = deflate;
  }

  /** Asks whether a request is let in, once; ends exceptionally with a {@link ChatException}. */
  CompletionStage<Admission> admit(UpgradeRequest request) {
    try {
      UpgradeRequests.check(request);
      return gate.admit(request);
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Answers a request.
   *
   * @param admitted the node's word; null when it is no, and {@code failure} says why
   * @param behind what the client sent behind the request; used until this returns
   */
  void answer(
      TCPNIOConnection connection,
      UpgradeRequest request,
      @Nullable Admission admitted,
      @Nullable Throwable failure,
      ByteBuffer behind) {
    try {
      if (admitted == null) {
        end(connection, Handshake.refusal(ChatException.of(Objects.requireNonNull(failure))));
        return;
      }
      SocketConnection socket = null;
      try {
        socket = upgrade(connection, request, admitted);
      } finally {
        if (socket == null) {
          admitted.withdraw();
        }
      }
      if (socket != null) {
        socket.begin(behind);
      }
    } catch (RuntimeException e) {
      log.error("an upgrade failed, its connection is closed; this is a fault", e);
      connection.closeSilently();
    }
  }

  private @Nullable SocketConnection upgrade(
      TCPNIOConnection connection, UpgradeRequest request, Admission admission) {
    if (!Handshake.hasSocket(request.path())) {
      end(connection, Handshake.refusal(Problems.noSocketHere("/chat")));
      return null;
    }
    if (!Handshake.isOurVersion(request)) {
      end(connection, Handshake.otherVersion());
      return null;
    }
    String compression =
        deflate == null ? null : DeflateOffers.accept(request.header("Sec-WebSocket-Extensions"));
    String key = Objects.requireNonNull(request.header("Sec-WebSocket-Key"), "it was checked");
    SocketConnection socket;
    try {
      socket =
          new SocketConnection(
              loops.next(),
              (SocketChannel) connection.getChannel(),
              bytes(connection),
              chat.limits().frameBytes(),
              compression == null ? null : deflate);
    } catch (ClosedChannelException e) {
      log.debug("a client went while it was let in", e);
      connection.closeSilently();
      return null;
    }
    guard.upgraded(connection);
    leave(connection);
    socket.answer(Handshake.accept(request, key, compression));
    socket.open(chat.connect(admission, socket));
    return socket;
  }

  /** Grizzly lets go of the connection, and of all that it keeps for one. */
  private static void leave(TCPNIOConnection connection) {
    SelectionKey key = connection.getSelectionKey();
    key.cancel();
    // The selector sees that when it looks the next time. On its own thread that is soon; but on
    // another one the end of the socket would have to wait until something else happens.
    key.selector().wakeup();
  }

  private SocketBytes bytes(TCPNIOConnection connection) {
    SocketChannel socket = (SocketChannel) connection.getChannel();
    SSLEngine tls = SSLUtils.getSSLEngine(connection);
    return tls == null ? new PlainBytes(socket) : new TlsBytes(socket, tls, buffers);
  }

  /** Answers for the last time. */
  private void end(TCPNIOConnection connection, byte[] answer) {
    guard.answers(connection, true);
    Buffer bytes = Buffers.wrap(connection.getMemoryManager(), answer);
    connection.write(
        bytes,
        new EmptyCompletionHandler<WriteResult<Buffer, SocketAddress>>() {
          @Override
          public void completed(WriteResult<Buffer, SocketAddress> result) {
            connection.closeSilently();
          }

          @Override
          public void failed(Throwable problem) {
            connection.closeSilently(); // the client is gone, or was cut
          }
        });
  }
}
