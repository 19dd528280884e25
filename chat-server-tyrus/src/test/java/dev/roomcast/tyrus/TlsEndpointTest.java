package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The endpoint in the embedded server that speaks TLS. */
class TlsEndpointTest extends EndpointContract {

  private @Nullable ChatServer server;

  @Override
  String start(ChatNode node) throws IOException {
    ChatServer started = ChatServer.builder(node).port(0).tls(TestTls.files()).start();
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

  @Test
  void aBurstOfLargeFramesIsReadWhole() throws Exception {
    try (RawClient ann = welcomed("Ann")) {
      ann.burst("{\"type\":\"ping\",\"id\":1,\"more\":\"" + "x".repeat(25_000) + "\"}", 60);
      for (int i = 0; i < 60; i++) {
        ann.await("\"type\":\"pong\"");
      }
    }
  }
}
