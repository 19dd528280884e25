package dev.roomcast.tyrus;

import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Objects;

/**
 * What every endpoint of Roomcast answers in a handshake: its own subprotocol when that is offered,
 * never another, which may be a credential; and no extension, for a container compresses a frame
 * once per member; what the embedded server negotiates itself, see {@link DeflateOffers}.
 * Subclasses are thread-safe.
 */
abstract class Negotiation extends ServerEndpointConfig.Configurator {

  static final String SUBPROTOCOL = "roomcast.v1.json";

  ServerEndpointConfig config(String path) {
    return ServerEndpointConfig.Builder.create(ChatEndpoint.class, path)
        .subprotocols(List.of(SUBPROTOCOL))
        .configurator(this)
        .build();
  }

  /** Whether a header offers our subprotocol, among others or alone. */
  static boolean offersOurs(String header) {
    for (String name : header.split(",")) {
      if (name.strip().equals(SUBPROTOCOL)) {
        return true;
      }
    }
    return false;
  }

  /** Makes the endpoint of a connection. */
  abstract ChatEndpoint endpoint();

  @Override
  public final <T> T getEndpointInstance(Class<T> type) {
    return Objects.requireNonNull(type.cast(endpoint()));
  }

  @Override
  public final String getNegotiatedSubprotocol(List<String> supported, List<String> offered) {
    return offered.stream().anyMatch(name -> name.strip().equals(SUBPROTOCOL)) ? SUBPROTOCOL : "";
  }

  @Override
  public final List<Extension> getNegotiatedExtensions(
      List<Extension> installed, List<Extension> offered) {
    return List.of();
  }

  /** The origin is checked where the host is known too, see {@link Gate}. */
  @Override
  public final boolean checkOrigin(String origin) {
    return true;
  }
}
