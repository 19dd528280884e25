package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.InMemoryBackend;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** The HTTP API of applications, on two nodes of one store. */
class HttpWritesTest {

  private static final String KEY = "open-sesame-open-sesame";
  private static final String OTHER = "another-key-of-the-application";
  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder().frameBytes(2_048).drain(Duration.ZERO).build();

  @TempDir Path folder;

  private final InMemoryBackend backend = Backend.inMemory();
  private final InMemoryBackend second = backend.join();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private ChatNode chat;
  private ChatNode elsewhere;
  private ChatServer server;
  private ChatServer other;

  @BeforeEach
  void start() throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(OTHER.getBytes(StandardCharsets.UTF_8));
    Path keys =
        Files.write(
            folder.resolve("keys"),
            List.of("# keys", KEY, "", "sha256:" + HexFormat.of().formatHex(digest)));
    chat = ChatNode.builder(backend).limits(LIMITS).start();
    elsewhere = ChatNode.builder(second).limits(LIMITS).start();
    server = ChatServer.builder(chat).port(0).apiKeys(ApiKeys.read(keys)).start();
    other = ChatServer.builder(elsewhere).port(0).start();
    logged.start();
    root().addAppender(logged);
  }

  @AfterEach
  void close() {
    root().detachAppender(logged);
    chat.close();
    elsewhere.close();
    server.close();
    other.close();
    second.close();
    backend.close();
    assertFalse(
        logged.list.stream().anyMatch(event -> event.getFormattedMessage().contains(KEY)),
        "a key was logged");
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path, String body) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .header("Authorization", "Bearer " + KEY)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
  }

  private HttpResponse<String> post(String path, String body) {
    return send(request(path, body));
  }

  private static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  @Test
  void aMessageReachesTheMembersOnAllNodesInTheNameOfItsUser() {
    WebSocketClient ann = new WebSocketClient(other.url() + "/chat/caf%C3%A9?name=Ann");
    ann.await("\"type\":\"joined\"");
    HttpResponse<String> answer =
        post(
            "/api/rooms/caf%C3%A9/messages",
            "{'user':{'id':'bot','name':'Deploy bot'},'text':'done','kind':'action','data':{'n':1.50}}");
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(1, json(answer).get("offset").getAsLong());
    assertTrue(json(answer).has("epoch") && json(answer).has("ts"));
    assertFalse(json(answer).has("type") || json(answer).has("re"));
    ann.await(
        "\"type\":\"message\"",
        "\"user\":{\"id\":\"bot\",\"name\":\"Deploy bot\"}",
        "\"kind\":\"action\"",
        "\"data\":{\"n\":1.50}");
  }

  @Test
  void aUserWithoutANameIsShownByItsId() {
    post("/api/rooms/r/messages", "{'user':{'id':'bot'},'text':'x'}");
    assertTrue(
        send(HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/r/history")))
            .body()
            .contains("{\"id\":\"bot\",\"name\":\"bot\"}"));
  }

  @Test
  void anEventHasNoUserAndIsLoggedUnlessEphemeral() {
    WebSocketClient ann = new WebSocketClient(other.url() + "/chat/orders?name=Ann");
    ann.await("\"type\":\"joined\"");
    assertEquals(
        1,
        json(post("/api/rooms/orders/events", "{'name':'paid','data':[1]}"))
            .get("offset")
            .getAsLong());
    String event = ann.await("\"type\":\"event\"", "\"name\":\"paid\"", "\"data\":[1]");
    assertFalse(event.contains("\"user\""));
    JsonObject brief =
        json(post("/api/rooms/orders/events", "{'name':'tick','data':2,'ephemeral':true}"));
    assertFalse(brief.has("offset"));
    assertTrue(brief.has("ts"));
    assertFalse(ann.await("\"name\":\"tick\"").contains("\"offset\""));
  }

  @Test
  void theSameIdempotencyKeyIsLoggedOnce() {
    String body = "{'user':{'id':'bot'},'text':'once','key':'ignored'}";
    JsonObject first =
        json(send(request("/api/rooms/r/messages", body).header("Idempotency-Key", "k1")));
    JsonObject again =
        json(send(request("/api/rooms/r/messages", body).header("Idempotency-Key", "k1")));
    assertFalse(first.has("duplicate"));
    assertTrue(again.get("duplicate").getAsBoolean());
    assertEquals(first.get("offset"), again.get("offset"));
    assertEquals(first.get("ts"), again.get("ts"));
    assertEquals(2, json(post("/api/rooms/r/messages", body)).get("offset").getAsLong());
    assertEquals(
        400,
        send(request("/api/rooms/r/messages", body).header("Idempotency-Key", "k".repeat(129)))
            .statusCode());
  }

  @Test
  void aKeyGivenAsItsDigestCountsToo() {
    assertEquals(
        200,
        send(request("/api/rooms/r/events", "{'name':'n','data':1}")
                .setHeader("Authorization", "bearer " + OTHER))
            .statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "messages|{'text':'x'}|400|user: ",
        "messages|{'user':'Ann','text':'x'}|400|user: ",
        "messages|{'user':{'name':'Ann'},'text':'x'}|400|user.id: ",
        "messages|{'user':{'id':''},'text':'x'}|400|user id: ",
        "messages|{'user':{'id':'bot'}}|400|text: ",
        "messages|{'user':{'id':'bot'},'text':''}|400|text: ",
        "messages|{'user':{'id':'bot'},'text':'x','kind':'loud'}|400|kind: ",
        "events|{'data':1}|400|name: ",
        "events|{'name':'n'}|400|data: ",
        "events|{'name':'n','data':1,'ephemeral':'yes'}|400|ephemeral: ",
        "events|[1]|400|a JSON object",
        "events|rubbish|400|not a JSON",
        "events||400|a JSON object"
      })
  void badBodiesAreToldWithTheField(String endpoint, String body, int status, String detail) {
    HttpResponse<String> answer = post("/api/rooms/r/" + endpoint, body == null ? "" : body);
    assertProblem(answer, status);
    String told = json(answer).get("detail").getAsString();
    assertTrue(told.startsWith(detail) || told.contains("JSON"), told);
  }

  private static void assertProblem(HttpResponse<String> answer, int status) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElse(""));
    assertEquals(status, json(answer).get("status").getAsInt());
  }

  @Test
  void badRoomsAreRefused() {
    assertProblem(post("/api/rooms/%00/events", "{'name':'n','data':1}"), 400);
    assertProblem(post("/api/rooms//events", "{'name':'n','data':1}"), 400);
  }

  @Test
  void withoutOneOfTheKeysNobodyWrites() {
    for (String authorization :
        List.of("Bearer wrong-key-wrong-key", "Bearer", "Bearer ", "Basic " + KEY, KEY, "")) {
      HttpRequest.Builder request =
          request("/api/rooms/r/events", "{'name':'n','data':1}")
              .setHeader("Authorization", authorization);
      HttpResponse<String> answer = send(request);
      assertProblem(answer, 401);
      assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""));
    }
    assertProblem(
        send(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/r/events?token=" + KEY))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))),
        401);
    assertEquals(
        404,
        send(HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/r/history")))
            .statusCode());
  }

  @Test
  void withoutAKeyFileThereIsNothing() {
    for (String path : List.of("/api/rooms/r/events", "/api/users/u/disconnect")) {
      assertProblem(
          send(
              HttpRequest.newBuilder(URI.create(other.url() + path))
                  .header("Authorization", "Bearer " + KEY)
                  .POST(HttpRequest.BodyPublishers.ofString("{}"))),
          404);
    }
  }

  @Test
  void otherMethodsAndContentTypesAreRefused() {
    HttpResponse<String> get =
        send(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/r/messages"))
                .header("Authorization", "Bearer " + KEY));
    assertProblem(get, 405);
    assertEquals("POST", get.headers().firstValue("Allow").orElse(""));
    HttpResponse<String> history = post("/api/rooms/r/history", "{}");
    assertProblem(history, 405);
    assertEquals("GET, HEAD", history.headers().firstValue("Allow").orElse(""));
    for (String type :
        List.of("text/plain", "application/json; charset=latin1", "application/jsonx")) {
      assertProblem(
          send(request("/api/rooms/r/events", "{}").setHeader("Content-Type", type)), 415);
    }
    assertEquals(
        200,
        send(request("/api/rooms/r/events", "{'name':'n','data':1}")
                .setHeader("Content-Type", "application/json; charset=UTF-8"))
            .statusCode());
  }

  @Test
  void aBodyAboveTheLimitIsRefusedAndOneAtItIsTaken() {
    String frame = "{'name':'n','data':'%s'}";
    int fits = 2_048 - frame.length() + 2;
    assertEquals(200, post("/api/rooms/r/events", frame.formatted("x".repeat(fits))).statusCode());
    assertProblem(post("/api/rooms/r/events", frame.formatted("x".repeat(fits + 1))), 413);
    HttpRequest.BodyPublisher chunked =
        HttpRequest.BodyPublishers.fromPublisher(
            HttpRequest.BodyPublishers.ofString(
                frame.formatted("x".repeat(fits + 1)).replace('\'', '"')));
    assertProblem(send(request("/api/rooms/r/events", "").POST(chunked)), 413);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    assertProblem(
        send(
            request("/api/rooms/r/events", "")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'"', (byte) 0xff, '"'}))),
        400);
  }

  @Test
  void slowSendersHoldNobodyUp() throws Exception {
    byte[] head =
        ("POST /api/rooms/r/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + KEY
                + "\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"name\":")
            .getBytes(StandardCharsets.US_ASCII);
    List<Socket> slow = new java.util.ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
      socket.getOutputStream().write(head);
      slow.add(socket);
    }
    assertEquals(200, post("/api/rooms/r/events", "{'name':'n','data':1}").statusCode());
    for (Socket socket : slow) {
      OutputStream out = socket.getOutputStream();
      out.write("\"n\",\"data\":1}".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertEquals("HTTP/1.1 200", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
      socket.close();
    }
  }

  @Test
  void aUserIsDisconnectedOnAllNodesAndNobodyElse() throws Exception {
    WebSocketClient ann = new WebSocketClient(other.url() + "/chat/r?name=Ann");
    WebSocketClient bob = new WebSocketClient(other.url() + "/chat/r?name=Bob");
    String welcome = ann.await("\"type\":\"welcome\"");
    bob.await("\"type\":\"joined\"");
    JsonObject frame = JsonParser.parseString(welcome).getAsJsonObject();
    String id = frame.getAsJsonObject("user").get("id").getAsString();
    String resume = frame.get("resume").getAsString();
    HttpResponse<String> answer =
        send(
            request("/api/users/" + id + "/disconnect", "")
                .setHeader("Content-Type", "text/plain"));
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(4003, ann.closed.get(20, TimeUnit.SECONDS));
    new WebSocketClient(server.url() + "/chat?name=Ann&resume=" + resume)
        .await("\"type\":\"welcome\"", "\"resumed\":false");
    bob.send("{'type':'ping','id':1}");
    bob.await("\"type\":\"pong\"");
    assertProblem(post("/api/users/%00/disconnect", ""), 400);
  }

  @Test
  void aPostedDirectMessageReachesTheUserAndNobodyElseReadsIt() {
    WebSocketClient ann = new WebSocketClient(server.url() + "/chat?name=Ann");
    String welcome = ann.await("\"type\":\"welcome\"");
    String id =
        JsonParser.parseString(welcome)
            .getAsJsonObject()
            .getAsJsonObject("user")
            .get("id")
            .getAsString();
    String body = "{\"user\":{\"id\":\"shop\",\"name\":\"Shop\"},\"text\":\"Sent\"}";
    String path = "/api/users/" + id + "/direct";
    HttpResponse<String> answer = send(request(path, body).header("Idempotency-Key", "o1"));
    assertEquals(200, answer.statusCode(), answer.body());
    String room = JsonParser.parseString(answer.body()).getAsJsonObject().get("room").getAsString();
    assertEquals("dm:" + id + ":shop", room);
    ann.await("\"type\":\"direct\"", "\"text\":\"Sent\"", "\"name\":\"Shop\"");
    HttpResponse<String> again = send(request(path, body).header("Idempotency-Key", "o1"));
    assertTrue(again.body().contains("\"duplicate\":true"), again.body());
    String history = "/api/rooms/" + room.replace(":", "%3A") + "/history";
    assertProblem(send(HttpRequest.newBuilder(URI.create(server.url() + history))), 403);
    assertProblem(post("/api/users/nobody/direct", body), 404);
    assertProblem(post(path, "{\"text\":\"x\"}"), 400);
    assertProblem(post(path, body.replace("Sent", "")), 400);
  }

  @Test
  void keyFilesWithoutGoodKeysAreRefusedAndTellNoSecret() throws Exception {
    for (String bad : List.of("", "# none", "short-key", "sha256:12", "sha256:" + "g".repeat(64))) {
      Path file = Files.writeString(folder.resolve("bad"), bad);
      String message =
          String.valueOf(
              assertThrows(IllegalArgumentException.class, () -> ApiKeys.read(file)).getMessage());
      assertFalse(message.contains("short-key"), message);
    }
    assertThrows(IOException.class, () -> ApiKeys.read(folder.resolve("none")));
  }
}
