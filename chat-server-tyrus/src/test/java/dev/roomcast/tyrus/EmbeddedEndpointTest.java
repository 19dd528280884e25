package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The endpoint in the embedded server. */
class EmbeddedEndpointTest extends EmbeddedContract {

  @Override
  ChatServer.Builder with(ChatServer.Builder builder) {
    return builder;
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
}
