package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLEngine;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.FilterChainEvent;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpEvents;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.http.Protocol;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.grizzly.ssl.SSLUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns HTTP connections into WebSocket ones: asks the node first, refuses with an HTTP status,
 * shakes hands, and hands the connection over to a {@link SocketConnection}.
 *
 * <p>Thread-safe.
 */
final class UpgradeFilter extends BaseFilter {

  private static final Logger log = LoggerFactory.getLogger(UpgradeFilter.class);

  private static final byte[] NOTHING = new byte[0];

  private final ChatNode chat;
  private final Gate gate;
  private final EventLoops loops;
  private final LentBuffers buffers;
  private final @Nullable PerMessageDeflate deflate;

  /**
   * Makes a filter of a server.
   *
   * @param deflate compresses for clients that offer it, null when nobody is to have that
   */
  UpgradeFilter(
      ChatNode chat,
      Gate gate,
      EventLoops loops,
      LentBuffers buffers,
      @Nullable PerMessageDeflate deflate) {
    this.chat = chat;
    this.gate = gate;
    this.loops = loops;
    this.buffers = buffers;
    this.deflate = deflate;
  }

  /**
   * Takes the wish for any other protocol off a request: Grizzly would take its body for that
   * protocol's bytes. Java's own client asks for HTTP/2 in this way with every first request.
   */
  @Override
  public NextAction handleEvent(FilterChainContext context, FilterChainEvent event) {
    if (event instanceof HttpEvents.IncomingHttpUpgradeEvent upgrade
        && !"websocket".equalsIgnoreCase(upgrade.getHttpHeader().getUpgrade())) {
      upgrade.getHttpHeader().setIgnoreContentModifiers(false);
      upgrade.getHttpHeader().getUpgradeDC().recycle();
    }
    return context.getInvokeAction();
  }

  @Override
  public NextAction handleRead(FilterChainContext context) {
    HttpContent message = context.getMessage();
    if (!(message.getHttpHeader() instanceof HttpRequestPacket request)
        || !"websocket".equalsIgnoreCase(request.getUpgrade())) {
      return context.getInvokeAction();
    }
    CompletionStage<Admission> admission = admit(request);
    // Authentication may take its time: no thread waits for it.
    context.suspend();
    NextAction suspended = context.getSuspendAction();
    admission.whenComplete(
        (admitted, failure) -> {
          try {
            if (admitted != null) {
              boolean upgraded = false;
              try {
                upgraded = upgrade(context, request, admitted);
              } finally {
                if (!upgraded) {
                  admitted.withdraw();
                }
              }
            } else {
              refuse(context, request, ChatException.of(failure));
            }
          } catch (RuntimeException e) {
            log.error("an upgrade failed, its connection is closed; this is a fault", e);
            context.getConnection().closeSilently();
          } finally {
            context.resume(context.getStopAction());
          }
        });
    return suspended;
  }

  private CompletionStage<Admission> admit(HttpRequestPacket request) {
    try {
      UpgradeRequests.check(request);
      return gate.admit(GrizzlyRequest.upgrade(request));
    } catch (ChatException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private boolean upgrade(
      FilterChainContext context, HttpRequestPacket request, Admission admission) {
    if (!Handshake.hasSocket(request.getRequestURI())) {
      refuse(context, request, Problems.noSocketHere("/chat"));
      return false;
    }
    if (!Handshake.isOurVersion(request)) {
      answer(context, Handshake.otherVersion(request.getResponse()), NOTHING);
      return false;
    }
    TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
    String compression =
        deflate == null
            ? null
            : DeflateOffers.accept(
                GrizzlyRequest.upgrade(request).header("Sec-WebSocket-Extensions"));
    context.write(HttpContent.builder(Handshake.accept(request, compression)).build());
    try {
      SocketConnection socket =
          new SocketConnection(
              loops.next(),
              (SocketChannel) connection.getChannel(),
              bytes(connection),
              chat.limits().frameBytes(),
              compression == null ? null : deflate);
      // Grizzly lets go of it, and of all that it keeps for a connection.
      connection.getSelectionKey().cancel();
      socket.open(chat.connect(admission, socket));
      return true;
    } catch (ClosedChannelException e) {
      log.debug("a client went while it was let in", e);
      connection.closeSilently();
      return false;
    }
  }

  private SocketBytes bytes(TCPNIOConnection connection) {
    SocketChannel socket = (SocketChannel) connection.getChannel();
    SSLEngine tls = SSLUtils.getSSLEngine(connection);
    return tls == null ? new PlainBytes(socket) : new TlsBytes(socket, tls, buffers);
  }

  private static void refuse(
      FilterChainContext context, HttpRequestPacket request, ChatException problem) {
    HttpResponsePacket response = request.getResponse();
    byte[] body = Problems.json(problem);
    response.setProtocol(Protocol.HTTP_1_1);
    response.setStatus(problem.code().httpStatus());
    // Grizzly leaves its own field for this out of answers to upgrade requests.
    response.getHeaders().setValue("Content-Type").setString(Problems.MEDIA_TYPE);
    Problems.headers(problem, response::setHeader);
    response.setHeader("Connection", "close");
    response.setContentLength(body.length);
    answer(context, response, body);
  }

  /** Answers for the last time. */
  private static void answer(FilterChainContext context, HttpResponsePacket response, byte[] body) {
    context.write(
        HttpContent.builder(response)
            .content(Buffers.wrap(context.getMemoryManager(), body))
            .last(true)
            .build());
    context.flush(
        new EmptyCompletionHandler<Object>() {
          @Override
          public void completed(Object result) {
            context.getConnection().closeSilently();
          }
        });
  }
}
