package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The embedded server as its clients see it. */
class ChatServerTest {

  private final Backend backend = Backend.inMemory();
  private ChatNode chat;
  private ChatServer server;

  @BeforeEach
  void start() throws IOException {
    Limits limits = Limits.DEFAULTS.toBuilder().drain(Duration.ofSeconds(2)).build();
    chat = ChatNode.builder(backend).limits(limits).start();
    server =
        ChatServer.builder(chat)
            .port(0)
            .files(
                path -> path.equals("/index.html") ? "page".getBytes(StandardCharsets.UTF_8) : null)
            .start();
  }

  @AfterEach
  void close() {
    chat.close();
    server.close();
    backend.close();
  }

  private WebSocketClient connect(String pathAndQuery, String... headers) {
    return new WebSocketClient(server.url() + pathAndQuery, headers);
  }

  @Test
  void aDrainingNodeIsNotReady() throws Exception {
    Awaitility.await().until(() -> get("/health/ready").statusCode() == 200);
    assertTrue(chat.drain(Duration.ofSeconds(5)));
    assertEquals(503, get("/health/ready").statusCode());
  }

  @Test
  void whoSharesAPortLeavesItToTheOthersAndKeepsItsConnections() throws Exception {
    Assumptions.assumeTrue(System.getProperty("os.name").startsWith("Linux"), "SO_REUSEPORT");
    Backend one = Backend.inMemory();
    Backend two = Backend.inMemory();
    ChatNode leaving = ChatNode.builder(one).start();
    ChatNode staying = ChatNode.builder(two).start();
    ChatServer first = ChatServer.builder(leaving).port(0).reusePort(true).start();
    ChatServer second = ChatServer.builder(staying).port(first.port()).reusePort(true).start();
    try {
      WebSocketClient kept = new WebSocketClient(first.url() + "/chat/general?name=Ann");
      for (int i = 0; i < 64 && leaving.stats().connections() == 0; i++) {
        kept = new WebSocketClient(first.url() + "/chat/general?name=Ann" + i);
        kept.await("\"type\":\"joined\"");
      }
      assertTrue(leaving.stats().connections() > 0, "the system gives it no connections");
      int before = leaving.stats().connections();
      first.stopListening();
      first.stopListening();
      for (int i = 0; i < 20; i++) {
        new WebSocketClient(first.url() + "/chat?name=Bob" + i).await("\"type\":\"welcome\"");
      }
      assertEquals(before, leaving.stats().connections());
      kept.send("{'type':'ping','ts':1}");
      kept.await("\"type\":\"pong\"");
      assertEquals(second.port(), first.port());
    } finally {
      first.close();
      second.close();
      leaving.close();
      staying.close();
      one.close();
      two.close();
    }
  }

  /** Grizzly sees nothing of a connection after its upgrade, so its timer would cut live ones. */
  @Test
  void nobodyButTheGuardCutsIdleConnections() {
    assertEquals(-1, server.cutsIdleAfterSeconds());
  }

  @Test
  void theReadingApiTellsWhatIsThere() throws Exception {
    WebSocketClient ann = connect("/chat/general?name=Ann");
    ann.await("\"type\":\"joined\"");
    ann.send("{'type':'message','id':1,'room':'general','text':'hello'}");
    ann.await("\"type\":\"ack\"");
    assertTrue(get("/api/rooms").body().contains("\"room\":\"general\""));
    assertTrue(get("/api/rooms/general").body().contains("\"count\":1"));
    assertTrue(get("/api/rooms/general/history").body().contains("\"text\":\"hello\""));
    assertTrue(get("/api/rooms/general/members").body().contains("\"name\":\"Ann\""));
    assertTrue(get("/api/stats").body().contains("\"connections\":1"));
    assertEquals(200, get("/health/live").statusCode());
    Awaitility.await().until(() -> get("/health/ready").statusCode() == 200);
    assertEquals(404, get("/api/rooms/nowhere").statusCode());
    assertEquals(404, get("/api/nothing").statusCode());
    assertEquals(400, get("/api/rooms/general/history?limit=x").statusCode());
    assertEquals(
        "application/problem+json",
        get("/api/rooms/nowhere").headers().firstValue("Content-Type").orElse(""));
  }

  @Test
  void filesAreServedWithAStrictPolicyAndNothingElse() throws Exception {
    HttpResponse<String> page = get("/");
    assertEquals("page", page.body());
    assertTrue(
        page.headers()
            .firstValue("Content-Security-Policy")
            .orElse("")
            .contains("script-src 'self'"));
    assertEquals(404, get("/..%2fsecret").statusCode());
    assertEquals(404, get("/missing.html").statusCode());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
