package dev.roomcast.examples.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Position;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads over HTTP what a server has of rooms. Thread-safe. */
final class LogReader {

  private static final int PAGE = 500;
  private static final String WHO = "name=checker";

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI server;
  private final Messages messages;

  /**
   * @param server as {@code ws://host:port/chat} or {@code http://host:port}
   */
  LogReader(URI server, Messages messages) {
    this.server = URI.create("http://" + server.getRawAuthority());
    this.messages = messages;
  }

  /** Reads the whole retained log of a room, page by page. */
  RoomLog log(String room) throws IOException, InterruptedException {
    return log(room, WHO);
  }

  /** Reads the log of a conversation, as one of its users. */
  RoomLog conversation(String room, String user) throws IOException, InterruptedException {
    return log(room.replace(":", "%3A"), "name=" + user);
  }

  private RoomLog log(String room, String who) throws IOException, InterruptedException {
    List<JsonObject> all = new ArrayList<>();
    Indexes indexes = new Indexes();
    long from = 1;
    long after = 0;
    JsonObject page;
    do {
      page = get(room, "/history?after=" + after + "&limit=" + PAGE + "&" + who);
      JsonArray frames = page.getAsJsonArray("frames");
      for (JsonElement one : frames) {
        long offset = one.getAsJsonObject().get("offset").getAsLong();
        from = indexes.size() == 0 ? offset : from;
        if (offset != from + indexes.size()) {
          throw new IOException(
              "the log of "
                  + room
                  + " has a hole at "
                  + (from + indexes.size())
                  + " in HTTP history");
        }
        all.add(one.getAsJsonObject());
        indexes.add(messages.indexOf(one.getAsJsonObject()));
        after = offset;
      }
    } while (page.get("more").getAsBoolean());
    Position top = new Position(page.get("epoch").getAsString(), page.get("top").getAsLong());
    return new RoomLog(
        room.replace("%3A", ":"),
        top,
        indexes.size() == 0 ? top.offset() + 1 : from,
        indexes,
        List.copyOf(all));
  }

  /** Reads who is in a room: names by ids. */
  Map<String, String> members(String room) throws IOException, InterruptedException {
    Map<String, String> members = new TreeMap<>();
    String after = "";
    while (true) {
      JsonObject page =
          get(
              room,
              "/members?limit=" + PAGE + "&" + WHO + (after.isEmpty() ? "" : "&after=" + after));
      for (JsonElement one : page.getAsJsonArray("members")) {
        JsonObject user = one.getAsJsonObject();
        members.put(user.get("id").getAsString(), user.get("name").getAsString());
      }
      if (!page.has("next")) {
        return members;
      }
      after = URLEncoder.encode(page.get("next").getAsString(), StandardCharsets.UTF_8);
    }
  }

  private JsonObject get(String room, String what) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(server + "/api/rooms/" + room + what))
                .timeout(Duration.ofSeconds(20))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(
          "reading " + room + " failed with " + answer.statusCode() + ": " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }
}
