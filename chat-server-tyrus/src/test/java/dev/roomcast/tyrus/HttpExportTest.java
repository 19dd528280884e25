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
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
}
