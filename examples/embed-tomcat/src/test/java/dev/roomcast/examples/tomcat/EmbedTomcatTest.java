package dev.roomcast.examples.tomcat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example, from the order to the member of the room. */
class EmbedTomcatTest {

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final Backend backend = Backend.inMemory();
  private final ChatNode chat = ChatNode.builder(backend).start();
  private Tomcat tomcat;

  @BeforeEach
  void start() throws Exception {
    tomcat = EmbedTomcat.start(chat, 0);
  }

  @AfterEach
  void close() throws Exception {
    chat.close();
    tomcat.stop();
    tomcat.destroy();
    backend.close();
  }

  private URI uri(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path);
  }

  private final class Member implements WebSocket.Listener {
    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      received.add(text.toString());
      from.request(1);
      return null;
    }
  }

  private boolean has(String part) {
    return received.stream().anyMatch(frame -> frame.contains(part));
  }

  @Test
  void aMemberOfTheRoomLearnsOfAnOrder() throws Exception {
    WebSocket member =
        http.newWebSocketBuilder()
            .buildAsync(uri("ws", "/chat/orders?name=Ann"), new Member())
            .join();
    await().until(() -> has("\"type\":\"joined\""));
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(uri("http", "/orders/7"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(200, answer.statusCode());
    await().until(() -> has("\"name\":\"paid\",\"data\":{\"order\":\"7\"}"));
    member.abort();
  }

  @Test
  void aClientWithoutANameIsRefused() {
    CompletionException failure =
        assertThrows(
            CompletionException.class,
            () -> http.newWebSocketBuilder().buildAsync(uri("ws", "/chat"), new Member()).join());
    WebSocketHandshakeException refusal =
        assertInstanceOf(WebSocketHandshakeException.class, failure.getCause());
    assertEquals(401, refusal.getResponse().statusCode());
  }
}
