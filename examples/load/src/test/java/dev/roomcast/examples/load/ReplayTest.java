package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import dev.roomcast.tyrus.ChatServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that was exported and is played again. */
class ReplayTest {

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Backend backend = Backend.inMemory();
  private ChatNode chat;
  private ChatServer server;

  @BeforeEach
  void start() throws IOException {
    Limits limits =
        Limits.DEFAULTS.toBuilder().commandsBurst(5).drain(Duration.ofMillis(100)).build();
    chat = ChatNode.builder(backend).limits(limits).start();
    server = ChatServer.builder(chat).port(0).start();
    Awaitility.await().until(chat::ready);
  }

  @AfterEach
  void close() {
    chat.close();
    server.close();
    backend.close();
  }

  private int run(String... args) {
    return Load.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }

  private String url() {
    return server.url().replace("http:", "ws:") + "/chat";
  }

  private void say(String user, String fields) {
    chat.writes()
        .message(
            "general",
            ("{'user':{'id':'" + user + "','name':'" + user + "'}," + fields + "}")
                .replace('\'', '"'),
            null)
        .toCompletableFuture()
        .join();
  }

  private List<String> export(String room) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/" + room + "/export"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .toList();
  }

  /** What a frame says, without what every log has of its own. */
  private static String said(String line) {
    JsonObject frame = JsonParser.parseString(line).getAsJsonObject();
    String name =
        frame.has("user") ? frame.getAsJsonObject("user").get("name").getAsString() : "application";
    List.of("room", "ts", "user", "epoch").forEach(frame::remove);
    return name + " " + frame;
  }

  @Test
  void whatIsReplayedIsTheSameAgainInItsOrder() throws Exception {
    say("Ann", "'text':'first','data':{'n':1.50}");
    say("Bob", "'text':'waves','kind':'action'");
    for (int i = 0; i < 20; i++) { // more than a connection may send at once
      say("Ann", "'text':'again','replyTo':1");
    }
    List<String> before = export("general");
    Path file = Files.write(folder.resolve("general.jsonl"), before);
    assertEquals(
        Load.KEPT,
        run("replay", file.toString(), "--url", url(), "--room", "copy", "--speed", "0"),
        () -> err.toString(StandardCharsets.UTF_8));
    assertEquals(
        before.stream().map(ReplayTest::said).toList(),
        export("copy").stream().map(ReplayTest::said).toList());
    String report = out.toString(StandardCharsets.UTF_8);
    assertTrue(report.startsWith("replayed 22 frames of 2 users"), report);
  }

  private Path file(String... frames) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String frame : frames) {
      lines.add(
          ("{'room':'general','ts':"
                      + lines.size()
                      + ",'offset':"
                      + (lines.size() + 1)
                      + ","
                      + frame)
                  .replace('\'', '"')
              + "}");
    }
    return Files.write(folder.resolve("frames.jsonl"), lines);
  }

  private static String by(String user, String type, String fields) {
    return "'type':'" + type + "','user':{'id':'" + user + "','name':'" + user + "'}," + fields;
  }

  /** What there is to be read at the end: texts, and how many there are of each reaction. */
  private List<String> state(String room) throws Exception {
    List<String> state = new ArrayList<>();
    for (String line : export(room)) {
      JsonObject frame = JsonParser.parseString(line).getAsJsonObject();
      if (!frame.get("type").getAsString().equals("message") || frame.has("deleted")) {
        continue;
      }
      StringBuilder one = new StringBuilder(frame.get("text").getAsString());
      if (frame.has("reactions")) {
        JsonObject reactions = frame.getAsJsonObject("reactions");
        reactions
            .keySet()
            .forEach(each -> one.append(each).append(reactions.getAsJsonArray(each).size()));
      }
      state.add(one.toString());
    }
    return state;
  }

  @Test
  void editsReactionsAndDeletionsAreReplayedToWhatBecameOfThem() throws Exception {
    Path talk =
        file(
            by("Ann", "message", "'text':'frist'"),
            by("Bob", "message", "'text':'gone'"),
            by("Ann", "edit", "'target':1,'text':'first'"),
            by("Bob", "react", "'target':1,'emoji':'\ud83d\udc4d','on':true"),
            by("Ann", "react", "'target':1,'emoji':'\ud83d\udc4d','on':true"),
            by("Ann", "react", "'target':2,'emoji':'\ud83d\udc4d','on':true"),
            by("Bob", "edit", "'target':2,'text':'still gone'"),
            by("Bob", "delete", "'target':2"),
            by("Ann", "react", "'target':1,'emoji':'\ud83d\udc4d','on':false"),
            by("Bob", "message", "'text':'an answer','replyTo':1"));
    assertEquals(Load.KEPT, run("replay", talk.toString(), "--url", url(), "--speed", "0"));
    assertEquals(List.of("first\ud83d\udc4d1", "an answer"), state("general"));
    assertEquals(10, export("general").size());

    Path exported = Files.write(folder.resolve("general.jsonl"), export("general"));
    assertEquals(
        Load.KEPT,
        run("replay", exported.toString(), "--url", url(), "--room", "copy", "--speed", "0"),
        () -> out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8));
    assertEquals(state("general"), state("copy"));
    String report = out.toString(StandardCharsets.UTF_8).lines().toList().get(1);
    // The message that is gone, its edit, a reaction to it, and its deletion.
    assertTrue(report.startsWith("replayed 6 frames of 2 users"), report);
    assertTrue(report.endsWith("0 refused, 4 skipped"), report);
  }

  @Test
  void aFileThatIsNoExportAndAServerThatIsNotThereGiveOneLine() throws Exception {
    Path file = Files.writeString(folder.resolve("bad.jsonl"), "{\"type\":\"message\"}\n");
    assertEquals(Load.COULD_NOT_RUN, run("replay", file.toString(), "--url", url()));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("not a frame"));
    assertEquals(2, run("replay", file.toString(), "--url", "http://127.0.0.1:1/chat"));
    assertEquals(2, run("replay", file.toString(), "--url", url(), "--speed", "-1"));
    assertEquals(2, run("replay", "--url", url()));
    assertEquals(4, err.toString(StandardCharsets.UTF_8).lines().count());
  }
}
