package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the embedded server does, however it is set up. */
abstract class EmbeddedContract extends EndpointContract {

  private @Nullable ChatServer server;

  /** Sets up what is special. */
  abstract ChatServer.Builder with(ChatServer.Builder builder) throws IOException;

  @Override
  String start(ChatNode node) throws IOException {
    ChatServer started = with(ChatServer.builder(node).port(0)).start();
    server = started;
    return started.url();
  }

  @Override
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** Connections that are no WebSockets, or not yet. */
  int unfinished() {
    return server == null ? 0 : server.unfinished();
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
