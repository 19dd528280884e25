package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
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
  void twoClientsTalk() {
    WebSocketClient ann = connect("/chat?name=Ann");
    WebSocketClient bob = connect("/chat/caf%C3%A9%2F1?name=Bob");
    bob.await("\"type\":\"joined\"", "\"room\":\"café/1\"");
    ann.send("{'type':'join','id':1,'room':'café/1'}");
    ann.await("\"type\":\"joined\"", "\"re\":1", "\"count\":2");
    String text = "<b>ünï \uD83D\uDE00</b>";
    ann.send("{'type':'message','id':'m','room':'café/1','text':'" + text + "'}");
    ann.await("\"type\":\"ack\"", "\"re\":\"m\"", "\"offset\":1");
    bob.await("\"type\":\"message\"", text, "\"name\":\"Ann\"");
  }

  @Test
  void manyFramesArriveInOrder() {
    WebSocketClient ann = connect("/chat/general?name=Ann");
    WebSocketClient bob = connect("/chat/general?name=Bob");
    ann.await("\"type\":\"joined\"");
    bob.await("\"type\":\"joined\"");
    IntStream.range(0, 250)
        .forEach(i -> ann.send("{'type':'message','room':'general','text':'" + i + "'}"));
    bob.await("\"offset\":250,");
    assertEquals(
        250, bob.frames.stream().filter(f -> f.startsWith("{\"type\":\"message\"")).count());
  }

  @Test
  void whoMayNotConnectIsRefusedWithAStatus() {
    assertEquals(401, refused("/chat"));
    assertEquals(403, refused("/chat?name=Ann", "Origin", "https://evil.example"));
    assertEquals(400, refused("/chat/%00?name=Ann"));
    assertEquals(404, refused("/other?name=Ann"));
    connect("/chat?name=Ann", "Origin", server.url()).await("\"type\":\"welcome\"");
  }

  private int refused(String pathAndQuery, String... headers) {
    CompletionException failure =
        assertThrows(CompletionException.class, () -> connect(pathAndQuery, headers));
    WebSocketHandshakeException refusal =
        assertInstanceOf(WebSocketHandshakeException.class, failure.getCause());
    return refusal.getResponse().statusCode();
  }

  @Test
  void binaryFramesAreRefusedWithTheirCode() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    ann.sendBinary();
    assertEquals(1003, ann.closed.get(5, TimeUnit.SECONDS));
  }

  @Test
  void framesOverTheLimitAreRefusedWithTheirCode() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    ann.send("{'type':'ping','x':'" + "x".repeat(33_000) + "'}");
    assertEquals(1009, ann.closed.get(5, TimeUnit.SECONDS));
  }

  @Test
  void aDrainSendsClientsAwayWithoutLosingTheirFrames() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    assertTrue(chat.drain(Duration.ofSeconds(5)));
    ann.await("\"type\":\"closing\"", "reconnectAfter");
    assertEquals(1001, ann.closed.get(5, TimeUnit.SECONDS));
    assertEquals(503, refused("/chat?name=Bob"));
    assertEquals(503, get("/health/ready").statusCode());
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
