package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.util.Objects;

/** The endpoint in an embedded Tomcat, by its configuration only. */
class TomcatConfigTest extends TomcatEndpointTest {

  @Override
  void deploy(ChatNode node, ServletContext context) throws ServletException {
    ServerContainer container =
        (ServerContainer)
            Objects.requireNonNull(context.getAttribute(ServerContainer.class.getName()));
    try {
      container.addEndpoint(ChatEndpoint.config(node, "/chat"));
      container.addEndpoint(ChatEndpoint.config(node, "/chat/{room}"));
    } catch (DeploymentException e) {
      throw new ServletException(e);
    }
  }

  @Override
  boolean refusesWithStatus() {
    return false;
  }

  @Override
  boolean knowsAddresses() {
    return false;
  }
}
