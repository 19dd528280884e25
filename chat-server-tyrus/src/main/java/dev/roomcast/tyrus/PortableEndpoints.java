package dev.roomcast.tyrus;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatNode;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Objects;
import java.util.function.Function;

/**
 * The endpoints of one node in somebody else's container. What they need of the container is
 * Jakarta WebSocket 2.1, and nothing beyond.
 *
 * <p>Thread-safe.
 */
final class PortableEndpoints {

  private static final String ADMISSION = "dev.roomcast.admission";

  private final ChatNode chat;
  private final Gate gate;
  private final ContainerCalls calls = new ContainerCalls();

  PortableEndpoints(ChatNode chat, Gate gate) {
    this.chat = chat;
    this.gate = gate;
  }

  /** The endpoint of one connection, which was admitted already. */
  ServerEndpointConfig admitted(Admission admission, String path) {
    return new Negotiation() {
      @Override
      ChatEndpoint endpoint() {
        return PortableEndpoints.this.endpoint(session -> admission);
      }
    }.config(path);
  }

  /** The endpoint of all connections to a path, which admits them in the handshake. */
  ServerEndpointConfig deployed(String path) {
    boolean room = path.endsWith("/{room}");
    return new Negotiation() {
      @Override
      ChatEndpoint endpoint() {
        return PortableEndpoints.this.endpoint(PortableEndpoints::admissionOf);
      }

      @Override
      public void modifyHandshake(
          ServerEndpointConfig own, HandshakeRequest request, HandshakeResponse response) {
        String raw = request.getRequestURI().getRawPath();
        Admission admission =
            gate.await(
                new HandshakeView(request, room ? raw.substring(raw.lastIndexOf('/') + 1) : null));
        // Since version 2.1 these properties are the connection's own. Were they shared, one
        // connection could open with the identity of another.
        if (own.getUserProperties().putIfAbsent(ADMISSION, admission) != null) {
          throw new IllegalStateException(
              "the container has one map of user properties for all connections: Roomcast needs"
                  + " Jakarta WebSocket 2.1");
        }
      }
    }.config(path);
  }

  private static Admission admissionOf(Session session) {
    Object admission = session.getUserProperties().remove(ADMISSION);
    return (Admission)
        Objects.requireNonNull(admission, "a connection was opened without modifyHandshake");
  }

  private ChatEndpoint endpoint(Function<Session, Admission> admission) {
    return new ChatEndpoint(
        chat.limits().frameBytes(),
        session ->
            chat.connect(
                admission.apply(session),
                new ContainerTransport(session, chat.limits().writeTimeout(), calls)));
  }
}
