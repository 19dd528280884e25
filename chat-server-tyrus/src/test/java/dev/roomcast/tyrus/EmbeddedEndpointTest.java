package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The endpoint in the embedded server. */
class EmbeddedEndpointTest extends EndpointContract {

  private @Nullable ChatServer server;

  @Override
  String start(ChatNode node) throws IOException {
    ChatServer started = ChatServer.builder(node).port(0).start();
    server = started;
    return started.url();
  }

  @Override
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  boolean stopsReading() {
    return true;
  }
}
