package dev.roomcast.examples.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a log that are said again by guests of their users' names, one after the other: each
 * when the one before was acknowledged, so that the new log has the order of the old one. Offsets
 * in them, {@code replyTo} and {@code target}, become the new ones. An export has messages as they
 * are now: deleted ones are skipped with all that is about them, and an edit changes nothing that
 * the message has not got already. Confined to one thread.
 */
final class Replay implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 30;
  private static final Set<String> COMMANDS = Set.of("message", "event", "edit", "delete", "react");

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI server;
  private final @Nullable String into;
  private final double speed;
  private final Map<String, Guest> guests = new HashMap<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private final Map<String, Integer> problems = new TreeMap<>();
  private long firstTs = -1;
  private long startedNanos;
  private int played;
  private int refused;
  private int skipped;

  /**
   * Makes a replay.
   *
   * @param into the room to play into, null for the frames' own
   * @param speed how many times as fast as it was, 0 for as fast as it goes
   */
  Replay(URI server, @Nullable String into, double speed) {
    this.server = server;
    this.into = into;
    this.speed = speed;
  }

  /** Says one frame again, when its time has come. */
  void play(String line) throws IOException, InterruptedException {
    JsonObject frame = parse(line);
    String type = text(frame, "type");
    if (!COMMANDS.contains(type) || frame.has("deleted")) {
      skipped++;
      return;
    }
    String from = text(frame, "room");
    if (frame.has("target") && now(frame, from, "target") == null) {
      skipped++; // it is about a message that was deleted, or that the file does not have
      return;
    }
    String room = into == null ? from : into;
    Guest guest = guest(frame);
    guest.join(room);
    awaitTime(frame.get("ts").getAsLong());
    JsonObject answer = guest.say(command(frame, from, room));
    if (text(answer, "type").equals("ack")) {
      played++;
      if (frame.has("offset") && answer.has("offset")) {
        offsets.put(from + ' ' + frame.get("offset"), answer.get("offset").getAsLong());
      }
    } else {
      refused++;
      problems.merge(text(answer, "code") + ": " + text(answer, "message"), 1, Integer::sum);
    }
  }

  private JsonObject command(JsonObject frame, String from, String room) {
    JsonObject command = new JsonObject();
    for (String field : List.of("type", "text", "kind", "data", "name", "emoji", "on")) {
      if (frame.has(field)) {
        command.add(field, frame.get(field));
      }
    }
    for (String field : List.of("replyTo", "target")) {
      Long now = now(frame, from, field);
      if (now != null) {
        command.addProperty(field, now);
      }
    }
    command.addProperty("room", room);
    return command;
  }

  /** The new offset of the message that a field is about; null when there is none. */
  private @Nullable Long now(JsonObject frame, String from, String field) {
    return frame.has(field) ? offsets.get(from + ' ' + frame.get(field)) : null;
  }

  private static JsonObject parse(String line) throws IOException {
    try {
      JsonObject frame = JsonParser.parseString(line).getAsJsonObject();
      if (frame.has("type") && frame.has("room") && frame.has("ts")) {
        return frame;
      }
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException("not a frame: " + clip(line), e);
    }
    throw new IOException("not a frame, type, room and ts expected: " + clip(line));
  }

  private static String clip(String line) {
    return line.length() <= 60 ? line : line.substring(0, 60) + "...";
  }

  private static String text(JsonObject frame, String field) {
    JsonElement value = frame.get(field);
    return value == null ? "" : value.getAsString();
  }

  private void awaitTime(long ts) throws InterruptedException {
    if (firstTs < 0) {
      firstTs = ts;
      startedNanos = System.nanoTime();
    }
    if (speed > 0) {
      long due = startedNanos + (long) ((ts - firstTs) / speed * 1_000_000);
      long wait = due - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
    }
  }

  /** The guest that speaks for the frame's user; what the application said has one, too. */
  private Guest guest(JsonObject frame) throws IOException, InterruptedException {
    JsonObject user = frame.getAsJsonObject("user");
    String id = user == null ? "" : text(user, "id");
    Guest guest = guests.get(id);
    if (guest == null) {
      guest = new Guest(user == null ? "application" : text(user, "name"));
      guests.put(id, guest);
    }
    return guest;
  }

  int refused() {
    return refused;
  }

  void print(PrintStream out) {
    double seconds = firstTs < 0 ? 0 : (System.nanoTime() - startedNanos) / 1e9;
    out.printf(
        "replayed %,d frames of %,d users in %.1f s, %,d refused, %,d skipped%n",
        played, guests.size(), seconds, refused, skipped);
    problems.forEach((problem, times) -> out.printf("  %,d times %s%n", times, problem));
  }

  @Override
  public void close() {
    guests.values().forEach(guest -> guest.socket.abort());
  }

  /** One user's connection. */
  private final class Guest implements WebSocket.Listener {
    private final BlockingQueue<JsonObject> answers = new LinkedBlockingQueue<>();
    private final Set<String> rooms = new HashSet<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;
    private int id;

    Guest(String name) throws IOException, InterruptedException {
      String query = "?name=" + URLEncoder.encode(name, StandardCharsets.UTF_8);
      try {
        socket = http.newWebSocketBuilder().buildAsync(URI.create(server + query), this).join();
      } catch (CompletionException e) {
        throw new IOException("no connection to " + server + ": " + e.getCause(), e);
      }
    }

    void join(String room) throws IOException, InterruptedException {
      if (rooms.add(room)) {
        JsonObject join = new JsonObject();
        join.addProperty("type", "join");
        join.addProperty("room", room);
        join.addProperty("history", 0);
        JsonObject answer = say(join);
        if (!text(answer, "type").equals("joined")) {
          throw new IOException("cannot join " + room + ": " + text(answer, "message"));
        }
      }
    }

    /** Sends a command and returns its answer. */
    JsonObject say(JsonObject command) throws IOException, InterruptedException {
      command.addProperty("id", ++id);
      while (true) {
        socket.sendText(command.toString(), true).join();
        JsonObject answer = answer();
        if (!text(answer, "code").equals("rate_limited")) {
          return answer;
        }
        TimeUnit.MILLISECONDS.sleep(answer.get("retryAfter").getAsLong());
      }
    }

    private JsonObject answer() throws IOException, InterruptedException {
      while (true) {
        JsonObject answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
          throw new IOException("no answer within " + PATIENCE_SECONDS + " s");
        } else if (answer.has("re") && answer.get("re").getAsInt() == id) {
          return answer;
        } else if (text(answer, "type").equals("lost")) {
          throw new IOException("the connection was closed: " + text(answer, "reason"));
        }
      }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        JsonObject frame = JsonParser.parseString(text.toString()).getAsJsonObject();
        text.setLength(0);
        if (frame.has("re")) {
          answers.add(frame);
        }
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      lost(code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      lost(error.toString());
    }

    private void lost(String reason) {
      JsonObject lost = new JsonObject();
      lost.addProperty("type", "lost");
      lost.addProperty("reason", reason);
      answers.add(lost);
    }
  }
}
