package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.InMemoryBackend;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application decides about rooms and users over HTTP, seen on two nodes of one store. */
class HttpModerationTest {

  private static final String KEY = "open-sesame-open-sesame";
  private static final Limits LIMITS = Limits.DEFAULTS.toBuilder().drain(Duration.ZERO).build();

  @TempDir Path folder;

  private final InMemoryBackend backend = Backend.inMemory();
  private final InMemoryBackend second = backend.join();
  private final HttpClient client = HttpClient.newHttpClient();
  private ChatNode chat;
  private ChatNode elsewhere;
  private ChatServer server;
  private ChatServer other;

  @BeforeEach
  void start() throws Exception {
    chat = node(backend);
    elsewhere = node(second);
    ApiKeys keys = ApiKeys.read(Files.writeString(folder.resolve("keys"), KEY));
    server = ChatServer.builder(chat).port(0).apiKeys(keys).start();
    other = ChatServer.builder(elsewhere).port(0).start();
  }

  /** A node whose users are who they say they are, so that they are the same when they return. */
  private static ChatNode node(Backend backend) {
    return ChatNode.builder(backend)
        .limits(LIMITS)
        .authenticator(
            request -> {
              String name = String.valueOf(request.parameter("name"));
              return new User(name, name);
            })
        .start();
  }

  @AfterEach
  void close() {
    chat.close();
    elsewhere.close();
    server.close();
    other.close();
    second.close();
    backend.close();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .header("Authorization", "Bearer " + KEY)
            .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private void ok(String method, String path, String body) throws Exception {
    HttpResponse<String> response = send(method, path, body);
    assertEquals(200, response.statusCode(), response::body);
  }

  private WebSocketClient connect(String path) {
    WebSocketClient socket = new WebSocketClient(other.url() + path);
    socket.await("welcome");
    return socket;
  }

  /** The answer to a handshake that is refused before the upgrade, on the other node. */
  private int refusal(String path) {
    CompletionException failure =
        assertThrows(CompletionException.class, () -> new WebSocketClient(other.url() + path));
    return Objects.requireNonNull((WebSocketHandshakeException) failure.getCause())
        .getResponse()
        .statusCode();
  }

  @Test
  void aRoomIsCreatedShownAndEnded() throws Exception {
    HttpResponse<String> created =
        send("POST", "/api/rooms", "{'room':'a b','private':false,'title':'T','slow':3}");
    assertEquals(200, created.statusCode());
    assertEquals("{\"room\":\"a b\",\"private\":false,\"title\":\"T\"}", created.body());
    assertEquals(409, send("POST", "/api/rooms", "{'room':'a b'}").statusCode());
    JsonObject info =
        JsonParser.parseString(send("GET", "/api/rooms/a%20b?name=x", "").body()).getAsJsonObject();
    assertEquals(3, info.get("slow").getAsInt());
    assertTrue(info.has("createdAt") && !info.has("createdBy"), info::toString);
    ok("DELETE", "/api/rooms/a%20b", "");
    assertEquals(404, send("DELETE", "/api/rooms/a%20b", "").statusCode());
    assertEquals(404, send("GET", "/api/rooms/a%20b?name=x", "").statusCode());
  }

  @Test
  void aKeyShowsAllRoomsAndWhoIsInThemButNotWhatIsSaid() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ann.send("{'type':'create','room':'plans','private':true}");
    ann.await("created");
    ann.send("{'type':'join','room':'plans'}");
    ann.await("joined");
    ann.send("{'type':'direct','to':'Ann','text':'a note'}");
    ann.await("\"ack\"");
    String rooms = send("GET", "/api/rooms", "").body();
    assertTrue(rooms.contains("\"plans\"") && !rooms.contains("dm:"), rooms);
    String members = send("GET", "/api/rooms/plans/members", "").body();
    assertTrue(members.contains("{\"id\":\"Ann\",\"name\":\"Ann\"}"), members);
    ok("GET", "/api/rooms/plans", "");
    for (String closed :
        List.of("plans/history", "plans/export", "dm:Ann:Ann", "dm:Ann:Ann/members")) {
      assertEquals(403, send("GET", "/api/rooms/" + closed, "").statusCode(), closed);
    }
    HttpRequest eve =
        HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms?name=Eve"))
            .header("Authorization", "Bearer another-key-of-nobody")
            .build();
    String seen = client.send(eve, HttpResponse.BodyHandlers.ofString()).body();
    assertTrue(!seen.contains("plans"), seen);
  }

  @Test
  void aNodesFiguresEndTheConnectionSoThatTheNextOnesMayBeAnothers() throws Exception {
    HttpResponse<String> stats = send("GET", "/api/stats", "");
    assertEquals("close", stats.headers().firstValue("Connection").orElse(""));
    assertTrue(send("GET", "/api/rooms", "").headers().firstValue("Connection").isEmpty());
  }

  @Test
  void whoIsKickedMutedOrBannedIsOnTheOtherNode() throws Exception {
    WebSocketClient ann = connect("/chat/r?name=Ann");
    ann.await("joined");
    ok("POST", "/api/rooms/r/mute", "{'user':'Ann','seconds':60,'reason':'loud'}");
    ann.send("{'type':'message','room':'r','text':'x'}");
    ann.await("\"muted\"", "retryAfter");
    ok("POST", "/api/rooms/r/unmute", "{'user':'Ann'}");
    ok("POST", "/api/rooms/r/kick", "{'user':'Ann'}");
    ann.await("left", "kicked");
    assertEquals(404, send("POST", "/api/rooms/r/kick", "{'user':'Ann'}").statusCode());
    ok("POST", "/api/rooms", "{'room':'kept'}");
    ok("POST", "/api/rooms/kept/ban", "{'user':'Ann'}");
    Awaitility.await().until(() -> refusal("/chat/kept?name=Ann") == 403);
    ok("POST", "/api/rooms/kept/unban", "{'user':'Ann'}");
  }

  @Test
  void aPrivateRoomIsRefusedBeforeTheUpgrade() throws Exception {
    ok("POST", "/api/rooms", "{'room':'secret','private':true}");
    assertEquals(403, refusal("/chat/secret?name=Ann"));
    assertEquals(403, send("GET", "/api/rooms/secret?name=Ann", "").statusCode());
    assertEquals(403, send("GET", "/api/rooms/secret/history?name=Ann", "").statusCode());
    assertEquals(403, send("GET", "/api/rooms/secret/members?name=Ann", "").statusCode());
    assertEquals("{\"rooms\":[]}", send("GET", "/api/rooms?name=Ann", "").body());
  }

  @Test
  void whoIsBannedFromTheServiceIsClosedAndNotLetInUntilUnbanned() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ok("POST", "/api/users/Ann/ban", "{'seconds':60,'reason':'spam'}");
    assertEquals(4003, ann.closed.get(10, TimeUnit.SECONDS));
    assertEquals(403, refusal("/chat?name=Ann"));
    ok("POST", "/api/users/Ann/unban", "");
    Awaitility.await().ignoreExceptions().until(() -> connect("/chat?name=Ann") != null);
    ok("POST", "/api/users/Ann/mute", "");
    ok("POST", "/api/users/Ann/unmute", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | POST | /api/rooms | {}",
        "400 | POST | /api/rooms | {'room':''}",
        "400 | POST | /api/rooms | {'room':'r','private':1}",
        "400 | POST | /api/rooms | {'room':'r','slow':86401}",
        "403 | POST | /api/rooms | {'room':'mod:r'}",
        "403 | POST | /api/rooms | {'room':'dm:a:b'}",
        "404 | POST | /api/rooms/nowhere/kick | {'user':'u'}",
        "404 | POST | /api/rooms/nowhere/mute | {'user':'u'}",
        "404 | POST | /api/rooms/nowhere/unban | {'user':'u'}",
        "400 | POST | /api/rooms/r/ban | {}",
        "400 | POST | /api/rooms/r/ban | {'user':'u','seconds':0}",
        "400 | POST | /api/rooms/r/ban | {'user':'u','seconds':315360001}",
        "400 | POST | /api/rooms/r/ban | {'user':7}",
        "400 | POST | /api/users/u/ban | {'seconds':'x'}",
        "400 | POST | /api/users/u%00/ban | {}",
        "405 | PUT | /api/rooms/r/ban | {}",
        "405 | PUT | /api/rooms | {}",
      })
  void whatIsWrongIsRefused(int status, String method, String path, String body) throws Exception {
    HttpResponse<String> response = send(method, path, body);
    assertEquals(status, response.statusCode(), response::body);
  }

  @Test
  void withoutAKeyNothingIsDecided() throws Exception {
    for (String path : List.of("/api/rooms", "/api/rooms/r/ban", "/api/users/u/ban")) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.url() + path))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"room\":\"r\"}"))
              .build();
      assertEquals(
          401, client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode(), path);
    }
  }
}
