package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.CloseCode;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WebSocket endpoint: brings what a connection says to its session, in whichever container.
 *
 * <p>In a servlet container use {@link ChatFilter}, which refuses clients with an HTTP status of
 * their own. Elsewhere deploy the configurations of {@link #config}.
 *
 * <p>One instance per connection. Containers call it one message at a time; a close may come from
 * another thread, even before {@link #onOpen} returns. What those two share is guarded by "this".
 */
public final class ChatEndpoint extends Endpoint {

  private static final Logger log = LoggerFactory.getLogger(ChatEndpoint.class);
  private static final int MOST_BYTES_PER_CHAR = 3;

  private final int frameBytes;
  private final Function<Session, ClientSession> opener;
  private final StringBuilder begun = new StringBuilder(0);
  private boolean refused;
  private @Nullable ClientSession client;
  private @Nullable Integer closedWith;

  ChatEndpoint(int frameBytes, Function<Session, ClientSession> opener) {
    this.frameBytes = frameBytes;
    this.opener = opener;
  }

  /**
   * Returns an endpoint to deploy in any container with Jakarta WebSocket 2.1, for pages of the
   * same origin. A node wants two, at {@code /chat} and at {@code /chat/{room}}:
   *
   * <pre>{@code
   * container.addEndpoint(ChatEndpoint.config(chat, "/chat"));
   * container.addEndpoint(ChatEndpoint.config(chat, "/chat/{room}"));
   * }</pre>
   *
   * <p>The WebSocket API cannot refuse a client with a status, so a refused handshake fails as the
   * container has it: Tomcat and Jetty answer 500, Tyrus cuts the connection. The handshake's
   * thread waits for the application's hooks, ten seconds at most, and the client's address is
   * {@code unknown}. Tomcat refuses {@code %2F} in a path unless its connector has {@code
   * encodedSolidusHandling="passthrough"}.
   *
   * @param path without a template, or one that ends with {@code /{room}}
   */
  public static ServerEndpointConfig config(ChatNode chat, String path) {
    return config(chat, path, Set.of());
  }

  /**
   * Returns an endpoint to deploy, see {@link #config(ChatNode, String)}.
   *
   * @param allowedOrigins other origins whose pages may connect, for example {@code
   *     https://shop.example}
   */
  public static ServerEndpointConfig config(
      ChatNode chat, String path, Set<String> allowedOrigins) {
    Gate gate = new Gate(chat, new HttpRequests(allowedOrigins));
    return new PortableEndpoints(chat, gate).deployed(path);
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    // A task per message would be scheduled for an idle timeout; the node sweeps instead.
    session.setMaxIdleTimeout(-1);
    session.setMaxTextMessageBufferSize(frameBytes);
    ClientSession opened = opener.apply(session);
    Integer closed;
    synchronized (this) {
      client = opened;
      closed = closedWith;
    }
    if (closed != null) {
      opened.closed(closed);
      return;
    }
    // Whole messages would wait in a buffer of the container's own size and bounds.
    session.addMessageHandler(
        String.class, (MessageHandler.Partial<String>) (text, last) -> onText(opened, text, last));
    session.addMessageHandler(
        PongMessage.class, (MessageHandler.Whole<PongMessage>) pong -> opened.control());
    session.addMessageHandler(
        ByteBuffer.class,
        (MessageHandler.Partial<ByteBuffer>)
            (binary, last) -> refuse(opened, CloseCode.UNSUPPORTED_DATA, "text frames only"));
  }

  private void onText(ClientSession to, String text, boolean last) {
    if (refused) {
      return;
    }
    if (begun.isEmpty() && last && text.length() <= frameBytes / MOST_BYTES_PER_CHAR) {
      to.receive(text);
      return;
    }
    to.alive();
    begun.append(text);
    if (begun.length() > frameBytes || last && utf8Length(begun) > frameBytes) {
      begun.setLength(0);
      begun.trimToSize();
      refuse(to, CloseCode.TOO_BIG, "at most " + frameBytes + " bytes");
    } else if (last) {
      String whole = begun.toString();
      begun.setLength(0);
      begun.trimToSize();
      to.receive(whole);
    }
  }

  private static long utf8Length(CharSequence text) {
    // Each half of a pair counts two of its four bytes.
    return text.chars().mapToLong(c -> c < 0x80 ? 1 : c < 0x800 || c >> 11 == 0x1b ? 2 : 3).sum();
  }

  private void refuse(ClientSession who, CloseCode code, String reason) {
    if (!refused) {
      refused = true;
      who.close(code, reason);
    }
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    int code = reason.getCloseCode().getCode();
    ClientSession opened;
    synchronized (this) {
      closedWith = code;
      opened = client;
    }
    if (opened != null) {
      opened.closed(code);
    }
  }

  @Override
  public void onError(Session session, Throwable failure) {
    // Containers report broken frames and broken connections here, and close by themselves.
    log.debug("a connection fails: {}", Objects.requireNonNullElse(failure.getMessage(), ""));
  }
}
