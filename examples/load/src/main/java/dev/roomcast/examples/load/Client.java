package dev.roomcast.examples.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Position;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One person: joins rooms, sends with keys until there is an ack, and after every break comes back
 * to any of the servers, resumes, and claims its rooms with the positions it knows.
 *
 * <p>Confined to the loop's thread.
 */
final class Client implements WebSocket.Listener {

  private static final long RETRY_MS = 250;
  private static final long PING_MS = 5_000;
  private static final long DEAF_NANOS = 20_000_000_000L;
  private static final int MAX_ATTEMPTS_SHIFT = 4;

  private final Loop loop;
  private final List<URI> servers;
  private final Messages messages;
  private final Tally tally;
  private final int number;
  private final Random random;
  private final Map<String, Seat> seats = new LinkedHashMap<>();
  private final Map<Integer, Asked> asked = new HashMap<>();
  private @Nullable WebSocket socket;
  private String resume = "";
  private String user = "";
  private boolean online;
  private boolean stopped;
  private boolean wanted;
  private boolean stalled;
  private int attempt;
  private int connections;
  private int nextId;
  private long lostAt;
  private long lastHeard;
  private long reconnectAfter;

  /** A room that it wants to be in, and what it has to say there. */
  private static final class Seat {
    final Track track;
    final Map<Integer, Sent> unacked = new LinkedHashMap<>();
    @Nullable Position since;
    boolean wanted = true;
    boolean live;
    boolean joining;

    Seat(Track track) {
      this.track = track;
    }
  }

  /** What an answer belongs to. */
  private sealed interface Asked {
    record Message(Seat seat, Sent sent) implements Asked {}

    record Join(Seat seat) implements Asked {}

    record Leave(Seat seat) implements Asked {}

    record Ping() implements Asked {}
  }

  Client(Loop loop, List<URI> servers, Messages messages, Tally tally, int number, Random random) {
    this.loop = loop;
    this.servers = servers;
    this.messages = messages;
    this.tally = tally;
    this.number = number;
    this.random = random;
  }

  /** Connects, and from now on always again. */
  void start() {
    connect(servers.get(Math.floorMod(number, servers.size())));
    ping();
  }

  private void connect(URI server) {
    if (stopped || socket != null) {
      return;
    }
    connections++;
    lastHeard = System.nanoTime();
    String query = "?name=client" + number + (resume.isEmpty() ? "" : "&resume=" + resume);
    try {
      socket = WebSocket.connect(loop, server, query, this);
    } catch (IOException e) {
      closed(1006);
    }
  }

  @Override
  public void opened() {
    lastHeard = System.nanoTime();
  }

  @Override
  public void closed(int code) {
    long now = System.nanoTime();
    tally.closes.merge(code, 1, Integer::sum);
    socket = null;
    asked.clear();
    if (online) {
      online = false;
      lostAt = now;
    }
    for (Seat seat : seats.values()) {
      if (seat.live) {
        seat.since = seat.track.position();
        seat.live = false;
        seat.track.add(new Seen.Away(now, code));
      }
      seat.joining = false;
    }
    stalled = false;
    if (code == 403) {
      // A secret that the server does not take from us is of no use.
      tally.odd("client " + number + " was refused with 403");
      resume = "";
    }
    if (!stopped) {
      long backoff = 50L << Math.min(attempt++, MAX_ATTEMPTS_SHIFT);
      long wait = reconnectAfter + backoff / 2 + random.nextInt((int) backoff);
      reconnectAfter = 0;
      loop.after(wait, () -> connect(servers.get(random.nextInt(servers.size()))));
    }
  }

  private void ping() {
    loop.after(
        PING_MS,
        () -> {
          if (stopped) {
            return;
          }
          WebSocket open = socket;
          if (open != null && !stalled && System.nanoTime() - lastHeard > DEAF_NANOS) {
            tally.errors.merge("(no sign of life)", 1, Integer::sum);
            open.cut();
          } else if (online && !stalled) {
            ask("{\"type\":\"ping\"", new Asked.Ping());
          }
          ping();
        });
  }

  /** Sends a command: its JSON without the end. */
  private void ask(String start, Asked what) {
    WebSocket open = socket;
    if (open != null) {
      int id = ++nextId;
      asked.put(id, what);
      open.send(start + ",\"id\":" + id + "}");
    }
  }

  @Override
  public void text(String text) {
    long now = System.nanoTime();
    lastHeard = now;
    JsonObject frame = JsonParser.parseString(text).getAsJsonObject();
    switch (string(frame, "type")) {
      case "message" -> message(now, frame);
      case "ack" -> ack(now, frame);
      case "presence" -> presence(now, frame);
      case "welcome" -> welcome(frame);
      case "joined" -> joined(now, frame);
      case "left" -> left(now, frame);
      case "gap" -> gap(now, frame);
      case "error" -> error(frame);
      case "pong" -> asked.remove(re(frame));
      case "closing" -> reconnectAfter = frame.get("reconnectAfter").getAsLong();
      default -> tally.odd(this + ": unexpected frame " + text);
    }
  }

  private static String string(JsonObject frame, String field) {
    return frame.get(field).getAsString();
  }

  private static Position position(JsonObject frame) {
    return new Position(string(frame, "epoch"), frame.get("offset").getAsLong());
  }

  private static int re(JsonObject frame) {
    JsonElement re = frame.get("re");
    return re == null ? 0 : re.getAsInt();
  }

  private void message(long now, JsonObject frame) {
    Seat seat = seats.get(string(frame, "room"));
    int index = messages.indexOf(frame);
    if (seat == null || !seat.live) {
      tally.odd(this + " is no member, but got " + frame);
      return;
    }
    if (index < 0) {
      tally.odd(this + ": nobody sent " + frame);
    } else {
      tally.toMember.add(now - messages.get(index).due);
    }
    tally.delivered++;
    seat.track.frame(now, position(frame), index);
  }

  private void ack(long now, JsonObject frame) {
    if (!(asked.remove(re(frame)) instanceof Asked.Message message)) {
      tally.odd(this + ": an ack for nothing " + frame);
      return;
    }
    Sent sent = message.sent();
    message.seat().unacked.remove(sent.index);
    sent.acked = position(frame);
    sent.ackedAt = now;
    sent.duplicate = frame.has("duplicate");
    tally.duplicates += sent.duplicate ? 1 : 0;
    tally.toAck.add(now - sent.due);
    tally.acked++;
    tally.lastAckedAt = now;
  }

  private void welcome(JsonObject frame) {
    online = true;
    attempt = 0;
    tally.welcomes++;
    user = frame.getAsJsonObject("user").get("id").getAsString();
    if (frame.get("resumed").getAsBoolean()) {
      tally.resumed++;
    } else if (!resume.isEmpty()) {
      tally.notResumed++;
    }
    resume = string(frame, "resume");
    seats.values().forEach(this::giveUpWhatAnotherUserSent);
    for (Seat seat : seats.values()) {
      if (seat.wanted) {
        askToJoin(seat);
      }
    }
    served();
  }

  /** Keys are a user's own: what a guest sent, another guest cannot send again. */
  private void giveUpWhatAnotherUserSent(Seat seat) {
    for (Sent sent : List.copyOf(seat.unacked.values())) {
      if (sent.attempts > 0 && !sent.user.equals(user)) {
        sent.givenUp = true;
        seat.unacked.remove(sent.index);
      }
    }
  }

  private void askToJoin(Seat seat) {
    if (!online || seat.live || seat.joining || !seat.wanted) {
      return;
    }
    seat.joining = true;
    Position since = seat.since;
    String claim =
        since == null
            ? ",\"history\":0"
            : ",\"since\":{\"offset\":" + since.offset() + ",\"epoch\":\"" + since.epoch() + "\"}";
    ask("{\"type\":\"join\",\"room\":\"" + seat.track.room + "\"" + claim, new Asked.Join(seat));
  }

  private void joined(long now, JsonObject frame) {
    asked.remove(re(frame));
    Seat seat = seats.get(string(frame, "room"));
    if (seat == null) {
      tally.odd(this + " never asked for " + frame);
      return;
    }
    JsonElement recovered = frame.get("recovered");
    JsonArray history = frame.getAsJsonArray("history");
    Indexes indexes = new Indexes();
    for (int i = 0; i < history.size(); i++) {
      JsonObject one = history.get(i).getAsJsonObject();
      indexes.add(messages.indexOf(one));
      if (one.get("offset").getAsLong()
          != history.get(0).getAsJsonObject().get("offset").getAsLong() + i) {
        tally.odd(this + ": the history has a hole, " + frame);
      }
    }
    Position at = position(frame);
    long from =
        indexes.size() == 0
            ? at.offset() + 1
            : history.get(0).getAsJsonObject().get("offset").getAsLong();
    if (recovered != null) {
      tally.recovered += recovered.getAsBoolean() ? 1 : 0;
      tally.notRecovered += recovered.getAsBoolean() ? 0 : 1;
    }
    seat.track.add(
        new Seen.Joined(
            now,
            seat.since,
            recovered == null ? null : recovered.getAsBoolean(),
            at,
            from,
            indexes));
    seat.joining = false;
    seat.live = true;
    seat.track.roster.clear();
    users(frame, "members").forEach(seat.track.roster::put);
    seat.track.count = frame.get("count").getAsLong();
    List.copyOf(seat.unacked.values()).forEach(sent -> write(seat, sent));
    served();
  }

  /** Notes the end of an interruption, when it is one: all rooms are live again. */
  private void served() {
    boolean all = online && seats.values().stream().allMatch(seat -> !seat.wanted || seat.live);
    if (all && lostAt != 0) {
      long now = System.nanoTime();
      tally.interruptions.add(new Tally.Interruption(lostAt, now, wanted));
      lostAt = 0;
      wanted = false;
    }
  }

  private void presence(long now, JsonObject frame) {
    Seat seat = seats.get(string(frame, "room"));
    if (seat == null || !seat.live) {
      tally.odd(this + " is no member, but got " + frame);
      return;
    }
    users(frame, "joined").forEach(seat.track.roster::put);
    for (String user : users(frame, "left").keySet()) {
      seat.track.roster.remove(user);
      tally.leaves.add(new Tally.Leave(now, seat.track.room, user, number));
    }
    seat.track.count = frame.get("count").getAsLong();
  }

  private static Map<String, String> users(JsonObject frame, String field) {
    Map<String, String> users = new LinkedHashMap<>();
    if (frame.has(field)) {
      for (JsonElement one : frame.getAsJsonArray(field)) {
        users.put(string(one.getAsJsonObject(), "id"), string(one.getAsJsonObject(), "name"));
      }
    }
    return users;
  }

  private void left(long now, JsonObject frame) {
    asked.remove(re(frame));
    Seat seat = seats.get(string(frame, "room"));
    if (seat == null || !string(frame, "reason").equals("left")) {
      tally.odd(this + " did not ask for " + frame);
      return;
    }
    seat.track.add(new Seen.Left(now, "left"));
    seat.live = false;
    seat.since = null;
    askToJoin(seat);
  }

  private void gap(long now, JsonObject frame) {
    tally.gaps++;
    Seat seat = seats.get(string(frame, "room"));
    if (seat == null || !seat.live) {
      tally.odd(this + " is no member, but got " + frame);
      return;
    }
    seat.track.add(new Seen.Gap(now, position(frame), frame.get("from").getAsLong()));
  }

  private void error(JsonObject frame) {
    String code = string(frame, "code");
    tally.errors.merge(code, 1, Integer::sum);
    Asked what = asked.remove(re(frame));
    JsonElement after = frame.get("retryAfter");
    long wait = after == null ? RETRY_MS + random.nextInt((int) RETRY_MS) : after.getAsLong() + 1;
    boolean later = List.of("unavailable", "rate_limited", "internal").contains(code);
    if (what instanceof Asked.Join join) {
      join.seat().joining = false;
      loop.after(wait, () -> askToJoin(join.seat()));
    } else if (what instanceof Asked.Message message && later) {
      int connection = connections;
      loop.after(
          wait,
          () -> {
            if (connection == connections && message.seat().live) {
              write(message.seat(), message.sent());
            }
          });
    } else if (what instanceof Asked.Leave leave) {
      leave.seat().wanted = true;
    }
    if (!later || code.equals("internal")) {
      tally.odd(this + " got " + frame + " for " + what);
    }
  }

  /** Wants to be in a room, now and after every break. */
  void join(String room) {
    Seat seat = seats.computeIfAbsent(room, name -> new Seat(new Track(number, name)));
    seat.wanted = true;
    askToJoin(seat);
  }

  /** Leaves a room, unless something is still to be acknowledged there. */
  void leave(String room) {
    Seat seat = seats.get(room);
    if (seat != null && seat.live && seat.wanted && seat.unacked.isEmpty()) {
      seat.wanted = false;
      ask("{\"type\":\"leave\",\"room\":\"" + room + "\"", new Asked.Leave(seat));
    }
  }

  /** Sends a message in a room that it wants to be in; at the latest when it is there. */
  @Nullable Sent send(String room, long due) {
    Seat seat = seats.get(room);
    if (seat == null || !seat.wanted || user.isEmpty()) {
      return null;
    }
    Sent sent = messages.add(number, room, due);
    seat.unacked.put(sent.index, sent);
    if (seat.live) {
      write(seat, sent);
    }
    return sent;
  }

  private void write(Seat seat, Sent sent) {
    if (sent.attempts++ == 0) {
      sent.connection = connections;
      sent.user = user;
      tally.sent++;
      if (tally.firstSentAt == 0) {
        tally.firstSentAt = System.nanoTime();
      }
    }
    ask(
        "{\"type\":\"message\",\"room\":\""
            + sent.room
            + "\",\"key\":\""
            + sent.key
            + "\",\"text\":\""
            + messages.text(sent)
            + "\"",
        new Asked.Message(seat, sent));
  }

  /** Breaks the connection: politely, or as a broken line does. */
  void disconnect(boolean politely, boolean itself) {
    WebSocket open = socket;
    if (open != null && online) {
      wanted = itself;
      if (politely) {
        open.close(1001);
      } else {
        open.cut();
      }
    }
  }

  /** Stops reading for a while. */
  void stall(long millis) {
    WebSocket open = socket;
    if (open != null && online && !stalled) {
      stalled = true;
      open.reading(false);
      loop.after(
          millis,
          () -> {
            if (open == socket) {
              stalled = false;
              lastHeard = System.nanoTime();
              open.reading(true);
            }
          });
    }
  }

  /** Ends for good: says goodbye, so that its session ends too. */
  void stop() {
    giveUp();
    WebSocket open = socket;
    if (open != null) {
      open.close(1000);
    }
  }

  /** Ends for good without a word: its session has to end by itself. */
  void vanish() {
    giveUp();
    WebSocket open = socket;
    if (open != null) {
      open.cut();
    }
  }

  private void giveUp() {
    stopped = true;
    for (Seat seat : seats.values()) {
      seat.unacked.values().forEach(sent -> sent.givenUp = true);
      seat.unacked.clear();
    }
  }

  boolean stopped() {
    return stopped;
  }

  /** Whether it is live in all its rooms and nothing is to be acknowledged. */
  boolean settled() {
    return stopped || live() && seats.values().stream().allMatch(seat -> seat.unacked.isEmpty());
  }

  /** Whether it is live in all rooms that it wants to be in. */
  boolean live() {
    return online && !stalled && seats.values().stream().allMatch(seat -> seat.live == seat.wanted);
  }

  /** The rooms it wants to be in. */
  List<String> rooms() {
    return seats.values().stream()
        .filter(seat -> seat.wanted)
        .map(seat -> seat.track.room)
        .toList();
  }

  @Nullable Track track(String room) {
    Seat seat = seats.get(room);
    return seat == null ? null : seat.track;
  }

  /** What it waits for. */
  String state() {
    List<String> waiting = new ArrayList<>();
    seats.forEach(
        (room, seat) -> {
          if (seat.live != seat.wanted) {
            waiting.add((seat.wanted ? "to join " : "to leave ") + room);
          }
          seat.unacked.values().forEach(sent -> waiting.add("for the ack of " + sent));
        });
    return (online ? "online" : "offline") + ", waits " + waiting;
  }

  List<Track> tracks() {
    return seats.values().stream().map(seat -> seat.track).toList();
  }

  String user() {
    return user;
  }

  int number() {
    return number;
  }

  @Override
  public String toString() {
    return "client " + number;
  }
}
