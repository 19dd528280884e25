package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.ChatNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

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

  @Test
  void whoGoesBeforeTheAnswerLeavesNoConnection() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(url).getPort())) {
      String request =
          String.join(
              "\r\n",
              "GET /chat?token=late HTTP/1.1",
              "Host: localhost",
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==",
              "",
              "");
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      asked.await();
      socket.setSoLinger(true, 0);
    }
    decided.countDown();
    await().untilAsserted(() -> assertEquals(List.of(1006), disconnects));
    assertEquals(0, chat.stats().connections());
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
