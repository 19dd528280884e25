package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Authorizer;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A room's log as a stream of lines. */
class HttpExportTest {

  private final Backend backend = Backend.inMemory();
  private ChatNode chat;
  private ChatServer server;

  @BeforeEach
  void start() throws IOException {
    chat =
        ChatNode.builder(backend)
            .limits(
                Limits.DEFAULTS.toBuilder()
                    .historyCount(10_000)
                    .historyBytes(64L << 20)
                    .drain(Duration.ZERO)
                    .build())
            .authorizer(
                (user, action, room) ->
                    action != Authorizer.Action.HISTORY || !room.equals("secret"))
            .start();
    server = ChatServer.builder(chat).port(0).start();
  }

  @AfterEach
  void close() {
    chat.close();
    server.close();
    backend.close();
  }

  private void publish(String room, int from, int to, String text) {
    for (int i = from; i < to; i++) {
      chat.room(room)
          .publish("said", Json.of("number", i, "text", text))
          .toCompletableFuture()
          .join();
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theWholeLogIsALineAFrameInOrder() throws Exception {
    publish("general", 0, 1_234, "ä");
    HttpResponse<String> answer = get("/api/rooms/general/export");
    assertEquals(200, answer.statusCode());
    assertEquals(
        "application/x-ndjson", answer.headers().firstValue("Content-Type").orElse("none"));
    List<String> lines = answer.body().lines().toList();
    assertEquals(1_234, lines.size());
    for (int i = 0; i < lines.size(); i++) {
      assertTrue(lines.get(i).contains("\"data\":{\"number\":" + i + ",\"text\":\"ä\"}"));
      assertTrue(lines.get(i).contains("\"offset\":" + (i + 1) + ","));
    }
    assertTrue(answer.body().endsWith("}\n"));
  }

  @Test
  void whoMayNotReadTheHistoryGetsNothingAndNeitherDoesAnybodyOfARoomThatIsNotThere()
      throws Exception {
    publish("secret", 0, 1, "hush");
    assertEquals(403, get("/api/rooms/secret/export").statusCode());
    assertEquals(404, get("/api/rooms/nowhere/export").statusCode());
    assertEquals(400, get("/api/rooms/%00/export").statusCode());
  }

  @Test
  void aSlowReaderGetsAllOfItAndOnlyWhatWasThereWhenItAsked() throws Exception {
    publish("large", 0, 3_000, "x".repeat(3_000));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/rooms/large/export HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      byte[] first = in.readNBytes(1_000);
      publish("large", 3_000, 3_001, "later");
      String all =
          new String(first, StandardCharsets.UTF_8)
              + new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(3_000, all.lines().filter(line -> line.startsWith("{\"type\"")).count());
    }
  }

  @Test
  void aLogThatEndsMeanwhileDoesNotLookComplete() throws Exception {
    publish("large", 0, 3_000, "x".repeat(3_000));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/rooms/large/export HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      in.readNBytes(1_000);
      chat.room("large").destroy().toCompletableFuture().join();
      chat.room("large").publish("new", Json.NULL).toCompletableFuture().join();
      byte[] rest;
      try {
        rest = in.readAllBytes();
      } catch (IOException e) {
        return; // cut, which nobody takes for the end
      }
      String end = new String(rest, StandardCharsets.UTF_8);
      assertTrue(!end.endsWith("0\r\n\r\n"), "the last chunk says that this is all");
    }
  }

  /** Were the whole log made ready for each of them, that would be 270 MB. */
  @Test
  void manyReadersThatStopHoldAPieceEachAndNoThread() throws Exception {
    publish("large", 0, 3_000, "x".repeat(3_000));
    long before = usedMemory();
    List<Socket> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        Socket socket = new Socket();
        readers.add(socket);
        socket.setReceiveBufferSize(4_096);
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket
            .getOutputStream()
            .write(
                "GET /api/rooms/large/export HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
                    .getBytes(StandardCharsets.UTF_8));
      }
      for (Socket socket : readers) {
        assertEquals('H', socket.getInputStream().read(), "the answer has begun");
      }
      assertEquals(200, get("/api/rooms").statusCode());
      assertTrue(usedMemory() - before < 150L << 20, () -> "held: " + (usedMemory() - before));
      InputStream last = readers.get(29).getInputStream();
      String all = new String(last.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(3_000, all.lines().filter(line -> line.startsWith("{\"type\"")).count());
    } finally {
      for (Socket socket : readers) {
        socket.close();
      }
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> usedMemory() - before < 50L << 20); // who goes leaves nothing
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void theExportHasWhatBecameOfMessages() throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<String> answers = new CopyOnWriteArrayList<>();
    WebSocket ann =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create(server.url().replace("http", "ws") + "/chat/talk?name=Ann"),
                new WebSocket.Listener() {
                  @Override
                  public @Nullable CompletionStage<?> onText(
                      WebSocket from, CharSequence text, boolean last) {
                    answers.add(text.toString());
                    if (text.toString().contains("\"type\":\"pong\"")) {
                      done.complete(null);
                    }
                    from.request(1);
                    return null;
                  }
                })
            .join();
    for (String command :
        List.of(
            "{'type':'message','room':'talk','text':'first'}",
            "{'type':'message','room':'talk','text':'secret'}",
            "{'type':'edit','room':'talk','target':1,'text':'second thoughts'}",
            "{'type':'react','room':'talk','target':1,'emoji':'\ud83d\udc4d'}",
            "{'type':'edit','room':'talk','target':2,'text':'more secret'}",
            "{'type':'delete','room':'talk','target':2}",
            "{'type':'ping'}")) {
      ann.sendText(command.replace('\'', '"'), true).join();
    }
    done.get(20, TimeUnit.SECONDS);
    List<String> lines = get("/api/rooms/talk/export").body().lines().toList();
    ann.abort();
    assertEquals(6, lines.size(), answers::toString);
    assertTrue(lines.get(0).contains("\"text\":\"second thoughts\""), lines.get(0));
    assertTrue(lines.get(0).contains("\"edited\":"), lines.get(0));
    assertTrue(lines.get(0).contains("\"reactions\":{\"\ud83d\udc4d\":["), lines.get(0));
    assertTrue(lines.get(1).contains("\"deleted\":true"), lines.get(1));
    assertEquals(List.of(), lines.stream().filter(line -> line.contains("secret")).toList());
    assertTrue(lines.get(5).startsWith("{\"type\":\"delete\""), lines.get(5));
  }
}
