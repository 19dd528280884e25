package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A client of a node in a test, without a network. Confined to the test's thread. */
final class Client {

  final RecordingTransport transport = new RecordingTransport();
  final ClientSession session;

  private Client(ChatNode node, Map<String, String> query, @Nullable String room) {
    Admission admission =
        node.admit(ConnectRequest.of(query, null, room, "127.0.0.1")).toCompletableFuture().join();
    session = node.connect(admission, transport);
    awaitFrames("welcome", 1);
  }

  static Client connect(ChatNode node, String name) {
    return new Client(node, Map.of("name", name), null);
  }

  static Client connectTo(ChatNode node, String name, String room) {
    return new Client(node, Map.of("name", name), room);
  }

  static Client resume(ChatNode node, String resume) {
    return new Client(node, Map.of("name", "again", "resume", resume), null);
  }

  void send(String frame) {
    session.receive(frame.replace('\'', '"'));
  }

  /** Joins a room and waits until that is done. */
  JsonObject join(String room) {
    int before = transport.frames("joined").size();
    send("{'type':'join','room':'" + room + "'}");
    return awaitFrames("joined", before + 1).get(before);
  }

  /** Joins a room again after a position, and waits until that is done. */
  JsonObject join(String room, JsonObject since) {
    int before = transport.frames("joined").size();
    send(
        "{'type':'join','room':'"
            + room
            + "','since':{'offset':"
            + since.get("offset")
            + ",'epoch':"
            + since.get("epoch")
            + "}}");
    return awaitFrames("joined", before + 1).get(before);
  }

  /** Sends a message without an id or a key. */
  void say(String room, String text) {
    send("{'type':'message','room':'" + room + "','text':'" + text + "'}");
  }

  String resumeSecret() {
    return transport.only("welcome").get("resume").getAsString();
  }

  /** Frames of a type; waits until there are so many, which costs no time when there are. */
  List<JsonObject> awaitFrames(String type, int count) {
    List<JsonObject> frames = transport.frames(type);
    if (frames.size() < count) {
      await()
          .pollInterval(Duration.ofMillis(5))
          .until(() -> transport.frames(type).size() >= count);
      frames = transport.frames(type);
    }
    return frames;
  }

  int count(String type) {
    return transport.frames(type).size();
  }

  JsonObject last(String type) {
    List<JsonObject> all = awaitFrames(type, 1);
    return all.get(all.size() - 1);
  }

  List<String> texts() {
    return transport.frames("message").stream().map(f -> f.get("text").getAsString()).toList();
  }

  List<Long> offsets() {
    return transport.frames("message").stream().map(f -> f.get("offset").getAsLong()).toList();
  }
}
