package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import java.util.Map;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** The endpoint in the stock server of Tyrus, which has no servlets: by its configuration only. */
class TyrusEndpointTest extends EndpointContract {

  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer(Map.of());

  @Override
  String start(ChatNode node) throws Exception {
    container.addEndpoint(ChatEndpoint.config(node, "/chat"));
    container.addEndpoint(ChatEndpoint.config(node, "/chat/{room}"));
    container.start("/", 0);
    return "http://127.0.0.1:" + container.getPort();
  }

  @Override
  void stop() {
    container.stop();
  }

  @Override
  boolean refusesWithStatus() {
    return false;
  }

  @Override
  boolean knowsAddresses() {
    return false;
  }

  @Override
  boolean refusesUnmasked() {
    return false;
  }

  @Override
  boolean cutsStuckWrites() {
    return false;
  }
}
