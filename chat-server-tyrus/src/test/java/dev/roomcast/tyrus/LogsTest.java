package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of clients, also of hostile ones, and what it never says. */
class LogsTest {

  private static final String TOKEN = "t0ken-that-n0body-may-see";
  private static final String TEXT = "a text that stays between us";
  private static final String HOSTILE = "x\" code=\"1000\u2028\u202e\u0085{}";

  private final Backend backend = Backend.inMemory();
  private final Events events = new Events();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Logger ours = (Logger) LoggerFactory.getLogger("dev.roomcast");
  private final @Nullable Level before = ours.getLevel();
  private ChatNode chat;
  private ChatServer server;

  /** Keeps every event as an encoder writes it, for nothing else counts. */
  private static final class Events extends AppenderBase<ILoggingEvent> {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<Map<String, String>> clients = new CopyOnWriteArrayList<>();
    private final JsonEncoder encoder = new JsonEncoder();

    @Override
    public void start() {
      encoder.setContext(getContext());
      encoder.start();
      super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(new String(encoder.encode(event), StandardCharsets.UTF_8));
      if (event.getLoggerName().startsWith("roomcast.") && event.getKeyValuePairs() != null) {
        Map<String, String> pairs =
            event.getKeyValuePairs().stream()
                .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
        pairs.put("message", event.getFormattedMessage());
        clients.add(pairs);
      }
    }

    List<Map<String, String>> of(String message) {
      return clients.stream()
          .filter(event -> Objects.equals(event.get("message"), message))
          .toList();
    }
  }

  @BeforeEach
  void start() throws Exception {
    events.setContext((LoggerContext) LoggerFactory.getILoggerFactory());
    events.start();
    root.addAppender(events);
    ours.setLevel(Level.TRACE);
    Limits limits =
        Limits.DEFAULTS.toBuilder().logMessages(1).drain(Duration.ofMillis(100)).build();
    chat =
        ChatNode.builder(backend)
            .limits(limits)
            .authenticator(
                request -> {
                  String token = request.bearerToken();
                  if (token == null || !token.startsWith(TOKEN)) {
                    throw new ChatException(ErrorCode.UNAUTHORIZED, "no such token");
                  }
                  return new User(
                      Objects.requireNonNullElse(request.parameter("name"), "ann"), "Ann");
                })
            .start();
    server = ChatServer.builder(chat).port(0).start();
  }

  @AfterEach
  void close() {
    chat.close();
    server.close();
    backend.close();
    root.detachAppender(events);
    events.stop();
    ours.setLevel(before);
  }

  private WebSocketClient connect(String pathAndQuery, String... headers) {
    return new WebSocketClient(server.url() + pathAndQuery, headers);
  }

  @Test
  void aConnectionIsLoggedWhenItComesAndWhenItGoes() {
    WebSocketClient ann = connect("/chat/general", "Authorization", "Bearer " + TOKEN);
    ann.await("\"type\":\"joined\"");
    ann.send("{'type':'message','id':1,'room':'general','text':'" + TEXT + "'}");
    ann.await("\"type\":\"ack\"");
    chat.writes().disconnect("ann").toCompletableFuture().join();
    assertEquals(4003, ann.closed.join());
    Awaitility.await().until(() -> !events.of("disconnected").isEmpty());
    Map<String, String> came = events.of("connected").get(0);
    assertEquals("ann", came.get("user"));
    assertEquals("127.0.0.1", came.get("address"));
    assertEquals("false", came.get("resumed"));
    Map<String, String> went = events.of("disconnected").get(0);
    assertEquals(came.get("session"), went.get("session"));
    assertEquals("4003", went.get("code"));
    assertEquals("1", went.get("rooms"));
    assertTrue(Double.parseDouble(went.get("seconds")) >= 0);
    assertTrue(Long.parseLong(went.get("bytesIn")) > TEXT.length());
    assertTrue(Long.parseLong(went.get("bytesOut")) > TEXT.length());
    Map<String, String> said = events.of("published").get(0);
    assertEquals("general", said.get("room"));
    assertEquals("1", said.get("offset"));
    assertFalse(events.lines.toString().contains(TEXT));
  }

  @Test
  void whoIsRefusedIsLoggedWithTheReasonAndAFloodOfThemIsSummedUp() {
    for (int i = 0; i < 40; i++) {
      Assertions.assertThrows(CompletionException.class, () -> connect("/chat?token=wrong"));
    }
    List<Map<String, String>> refused = events.of("refused to connect");
    assertFalse(refused.isEmpty());
    assertEquals("unauthorized", refused.get(0).get("reason"));
    assertEquals("401", refused.get(0).get("status"));
    assertEquals("127.0.0.1", refused.get(0).get("address"));
    Assertions.assertThrows(
        CompletionException.class,
        () -> connect("/chat?token=" + TOKEN, "Origin", "https://evil.example"));
    Awaitility.await()
        .until(
            () -> {
              Assertions.assertThrows(CompletionException.class, () -> connect("/chat"));
              long told = events.of("refused to connect").size();
              return told > 10
                  && events.of("refused to connect").stream()
                      .anyMatch(event -> event.containsKey("unlogged"));
            });
  }

  @Test
  void noLogOfAHostileRunHasASecretOrALineOfSomebodyElses() throws Exception {
    WebSocketClient ann =
        connect(
            "/chat?token="
                + TOKEN
                + "1&name="
                + java.net.URLEncoder.encode("ev\"il", StandardCharsets.UTF_8));
    String welcome = ann.await("\"type\":\"welcome\"");
    String resume = welcome.replaceAll(".*\"resume\":\"([^\"]+)\".*", "$1");
    ann.send("{'type':'auth','token':'" + TOKEN + "2'}");
    ann.send("{'type':'nonsense','token':'" + TOKEN + "3'}");
    ann.send("not JSON " + TOKEN);
    ann.send("{'type':'join','room':" + "'" + HOSTILE.replace("\"", "\\\"") + "'}");
    ann.send(
        "{'type':'message','room':'" + HOSTILE.replace("\"", "\\\"") + "','text':'" + TEXT + "'}");
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .subprotocols("roomcast.v1.json", "bearer." + TOKEN + "4")
        .buildAsync(
            URI.create(server.url().replaceFirst("^http", "ws") + "/chat"),
            new WebSocket.Listener() {})
        .join();
    connect("/chat?name=ev%22il&resume=" + resume, "Authorization", "Bearer " + TOKEN + "5")
        .await("welcome");
    Assertions.assertThrows(
        CompletionException.class, () -> connect("/chat?token=x" + TOKEN + "&resume=" + resume));
    Assertions.assertThrows(CompletionException.class, () -> connect("/chat/%00?token=" + TOKEN));
    Assertions.assertThrows(
        CompletionException.class,
        () -> connect("/chat?token=" + TOKEN, "Origin", "https://evil.example/?" + TOKEN));
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/r/events"))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    WebSocketClient eve = connect("/chat?token=" + TOKEN);
    eve.await("welcome");
    eve.sendBinary();
    eve.closed.join();
    Awaitility.await().until(() -> !events.of("disconnected").isEmpty());
    for (String line : events.lines) {
      if (line.contains("\"loggerName\":\"jdk.") || line.contains("org.glassfish")) {
        continue; // clients of this test and the container are others' code
      }
      assertFalse(line.contains(TOKEN), line);
      assertFalse(line.contains(TEXT), line);
      assertFalse(line.contains(resume.substring(resume.indexOf('.') + 1)), line);
      assertFalse(
          line.chars().anyMatch(c -> c == '\u202e' || c == '\u2028' || c == '\u0085'), line);
      JsonObject event = JsonParser.parseString(line).getAsJsonObject();
      assertTrue(event.has("level"), line);
    }
    Map<String, String> evil =
        events.of("connected").stream()
            .filter(event -> event.getOrDefault("user", "").startsWith("ev"))
            .findFirst()
            .orElseThrow();
    assertEquals("ev\\\"il", evil.get("user"), "a quote cannot end the value");
  }
}
