package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.Grizzly;
import org.glassfish.grizzly.attributes.Attribute;
import org.glassfish.grizzly.attributes.AttributeStorage;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainBuilder;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.FilterChainEvent;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpEvents;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.http.Protocol;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.tyrus.core.CloseReasons;
import org.glassfish.tyrus.core.RequestContext;
import org.glassfish.tyrus.core.TyrusUpgradeResponse;
import org.glassfish.tyrus.core.Utils;
import org.glassfish.tyrus.spi.Connection;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns HTTP connections into WebSocket ones: asks the node first, refuses with an HTTP status, and
 * after the upgrade gives the connection a filter chain without HTTP, which costs less memory.
 *
 * <p>Thread-safe.
 */
final class UpgradeFilter extends BaseFilter {

  private static final Logger log = LoggerFactory.getLogger(UpgradeFilter.class);

  private final WebSocketEngine engine;
  private final Gate gate;
  private final Handshakes handshakes;
  private final int frameBytes;
  private final Attribute<Connection> tyrus =
      Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("roomcast.tyrus");
  private final Attribute<SocketWriter> sockets =
      Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("roomcast.socket");
  private final Attribute<FrameHeaders> headers =
      Grizzly.DEFAULT_ATTRIBUTE_BUILDER.createAttribute("roomcast.headers");
  private final FilterChain afterUpgrade;

  UpgradeFilter(WebSocketEngine engine, Gate gate, Handshakes handshakes, int frameBytes) {
    this.engine = engine;
    this.gate = gate;
    this.handshakes = handshakes;
    this.frameBytes = frameBytes;
    this.afterUpgrade =
        FilterChainBuilder.stateless().add(new TransportFilter()).add(new Frames()).build();
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
              upgrade(context, request, admitted);
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

  private void upgrade(FilterChainContext context, HttpRequestPacket request, Admission admission) {
    TCPNIOConnection connection = (TCPNIOConnection) context.getConnection();
    RequestContext handshake =
        RequestContext.Builder.create()
            .requestURI(URI.create(request.getRequestURI()))
            .queryString(request.getQueryString())
            .secure(request.isSecure())
            .remoteAddr(request.getRemoteAddress())
            .parameterMap(new HashMap<>())
            .tyrusProperties(new ConcurrentHashMap<>())
            .build();
    for (String name : request.getHeaders().names()) {
      for (String value : request.getHeaders().values(name)) {
        handshake
            .getHeaders()
            .computeIfAbsent(name, any -> new ArrayList<>())
            .addAll(Utils.parseHeaderValue(value.trim()));
      }
    }
    SocketWriter socket = new SocketWriter(connection);
    handshakes.run(
        new Handshakes.Admitted(admission, socket),
        () -> {
          TyrusUpgradeResponse answer = new TyrusUpgradeResponse();
          WebSocketEngine.UpgradeInfo info = engine.upgrade(handshake, answer);
          if (info.getStatus() == WebSocketEngine.UpgradeStatus.NOT_APPLICABLE) {
            refuse(context, request, Problems.noSocketHere("/chat"));
            return;
          }
          HttpResponsePacket response = request.getResponse();
          response.setProtocol(Protocol.HTTP_1_1);
          response.setStatus(answer.getStatus());
          for (Map.Entry<String, List<String>> header : answer.getHeaders().entrySet()) {
            response.setHeader(header.getKey(), Utils.getHeaderFromList(header.getValue()));
          }
          context.write(HttpContent.builder(response).build());
          if (info.getStatus() == WebSocketEngine.UpgradeStatus.SUCCESS) {
            sockets.set(connection, socket);
            headers.set(connection, new FrameHeaders(frameBytes));
            connection.setProcessor(afterUpgrade);
            tyrus.set(
                connection, info.createConnection(socket, reason -> connection.closeSilently()));
            if (!connection.isOpen()) {
              // It was closed before the chain was there that would tell us.
              end(connection);
            }
          }
        });
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

  private void end(AttributeStorage closed) {
    Connection connection = tyrus.remove(closed);
    if (connection != null) {
      connection.close(CloseReasons.CLOSED_ABNORMALLY.getCloseReason());
    }
  }

  /** What comes after the upgrade: bytes of WebSocket frames. */
  private final class Frames extends BaseFilter {
    @Override
    public NextAction handleRead(FilterChainContext context) {
      Connection connection = tyrus.get(context.getConnection());
      SocketWriter socket = sockets.get(context.getConnection());
      Buffer bytes = context.getMessage();
      if (connection != null && socket != null && socket.listens() && bytes.hasRemaining()) {
        ByteBuffer frames = bytes.toByteBuffer();
        int code = headers.get(context.getConnection()).check(frames);
        if (code == FrameHeaders.FINE) {
          connection.getReadHandler().handle(frames);
        } else {
          connection.close(CloseFrames.of(code, "this frame breaks the rules"));
        }
      }
      bytes.tryDispose();
      if (socket != null && socket.hold(context)) {
        return context.getSuspendAction();
      }
      return context.getStopAction();
    }

    @Override
    public NextAction handleClose(FilterChainContext context) {
      end(context.getConnection());
      return context.getInvokeAction();
    }
  }
}
