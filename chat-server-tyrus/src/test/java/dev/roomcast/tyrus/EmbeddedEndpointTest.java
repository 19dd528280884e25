package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertEquals(1, unfinished());
    decided.countDown();
    await().untilAsserted(() -> assertEquals(List.of(1006), disconnects));
    assertEquals(0, chat.stats().connections());
    assertEquals(0, unfinished());
  }

  @ParameterizedTest
  @CsvSource({
    "101,/chat",
    "101,/chat/",
    "101,/chat/a",
    "101,/chat/a%2Fb",
    "101,/%63hat",
    "404,/chat/a/",
    "404,/chat//",
    "404,/chat//a",
    "404,//chat",
    "404,/chatx",
    "404,/CHAT",
    "404,/"
  })
  void socketsAreAtTheirPathsAndNowhereElse(int status, String path) throws IOException {
    RawClient client = raw(path + "?name=Ann");
    assertEquals(status, client.status);
  }

  /** The example of RFC 6455, section 1.3. */
  @Test
  void theKeyIsAnsweredAsTheStandardSays() {
    assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", Handshake.answer("dGhlIHNhbXBsZSBub25jZQ=="));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "13, 8", "x", "13\r\nSec-WebSocket-Version: 13"})
  void anotherVersionIsToldOursAndTheConnectionEnds(String version) throws Exception {
    String answer = handshake("Sec-WebSocket-Version: " + version);
    assertTrue(answer.startsWith("HTTP/1.1 426 Upgrade Required\r\n"), answer);
    assertTrue(answer.contains("Sec-WebSocket-Version: 13\r\n"), answer);
    await().untilAsserted(() -> assertEquals(0, chat.stats().connections()));
  }

  @Test
  void aRequestWithoutAVersionIsToldOurs() throws Exception {
    assertTrue(handshake("X-None: none").startsWith("HTTP/1.1 426 "));
  }

  /** Returns all that comes until the server ends the connection. */
  private String handshake(String header) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(url).getPort())) {
      socket.setSoTimeout(10_000);
      String request =
          String.join(
              "\r\n",
              "GET /chat?name=Ann HTTP/1.1",
              "Host: localhost",
              "Upgrade: websocket",
              "Connection: Upgrade",
              header,
              "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==",
              "",
              "");
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
