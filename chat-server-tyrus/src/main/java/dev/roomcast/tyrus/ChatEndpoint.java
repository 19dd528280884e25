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
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WebSocket endpoint of the embedded server: brings what a connection says to its session.
 *
 * <p>One instance per connection. Container threads call it, one at a time.
 */
public final class ChatEndpoint extends Endpoint {

  private static final Logger log = LoggerFactory.getLogger(ChatEndpoint.class);

  private final ChatNode chat;
  private final Handshakes handshakes;
  private @Nullable ClientSession client;

  ChatEndpoint(ChatNode chat, Handshakes handshakes) {
    this.chat = chat;
    this.handshakes = handshakes;
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    // A task per message would be scheduled for an idle timeout; the node sweeps instead.
    session.setMaxIdleTimeout(-1);
    session.setMaxTextMessageBufferSize(chat.limits().frameBytes());
    Handshakes.Admitted admitted = handshakes.current();
    ClientSession opened =
        chat.connect(admitted.admission(), new SocketTransport(session, admitted.socket()));
    client = opened;
    session.addMessageHandler(String.class, (MessageHandler.Whole<String>) opened::receive);
    session.addMessageHandler(
        PongMessage.class, (MessageHandler.Whole<PongMessage>) pong -> opened.alive());
    session.addMessageHandler(
        ByteBuffer.class,
        (MessageHandler.Whole<ByteBuffer>)
            binary -> opened.close(CloseCode.UNSUPPORTED_DATA, "text frames only"));
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    if (client != null) {
      client.closed(reason.getCloseCode().getCode());
    }
  }

  @Override
  public void onError(Session session, Throwable failure) {
    // Tyrus reports broken frames and broken connections here and closes by itself.
    log.debug("connection of {}: {}", client, Objects.requireNonNullElse(failure.getMessage(), ""));
  }
}
