package dev.roomcast.examples.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.Position;
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
final class Client implements Line.Owner {

  private static final long RETRY_MS = 250;
  private static final long PING_MS = 5_000;

  private final Loop loop;
  private final Line line;
  private final Messages messages;
  private final Tally tally;
  private final int number;
  private final Random random;
  private final Map<String, Seat> seats = new LinkedHashMap<>();
  private final Map<Integer, Asked> asked = new HashMap<>();
  private final Directs directs;
  private boolean claiming;
  private boolean listed;
  private String resume = "";
  private String user = "";
  private boolean wanted;
  private boolean tired;
  private int nextId;
  private long startAt;
  private long lostAt;

  /** What an answer belongs to. */
  private sealed interface Asked {
    record Message(Seat seat, Sent sent) implements Asked {}

    record Rooms() implements Asked {}

    record Conversations() implements Asked {}

    record Join(Seat seat) implements Asked {}

    record Leave(Seat seat) implements Asked {}
  }

  Client(Loop loop, List<URI> servers, Messages messages, Tally tally, int number, Random random) {
    this.loop = loop;
    this.messages = messages;
    this.tally = tally;
    this.number = number;
    this.random = random;
    this.directs = new Directs(number, messages, tally);
    this.line = new Line(loop, servers, random, this);
  }

  /** Connects, and from now on always again. */
  void start() {
    start(System.nanoTime());
  }

  /** The same, when it should have been done at a moment that may have passed. */
  void start(long due) {
    startAt = due;
    line.start(number);
    ping();
  }

  @Override
  public String query() {
    return "?name=client" + number + (resume.isEmpty() ? "" : "&resume=" + resume);
  }

  @Override
  public void lost(int code) {
    long now = System.nanoTime();
    if (!line.stopped()) {
      tally.closes.merge(code, 1, Integer::sum);
    }
    asked.clear();
    if (line.online()) {
      lostAt = now;
      if (!line.stopped()) {
        tally.lost(now);
      }
    }
    seats.values().forEach(seat -> seat.away(now, code));
    directs.away(now, code);
    if (tired) {
      giveUp();
    }
    if (code == 403) {
      // A secret that the server does not take from us is of no use.
      tally.odd("client " + number + " was refused with 403");
      resume = "";
    }
  }

  private void ping() {
    loop.after(
        PING_MS,
        () -> {
          if (line.stopped()) {
            return;
          }
          if (line.cutIfDeaf()) {
            tally.errors.merge("(no sign of life)", 1, Integer::sum);
          } else if (line.reads()) {
            line.send("{\"type\":\"ping\"}");
          }
          ping();
        });
  }

  /** Sends a command: its JSON without the end. */
  private void ask(String start, Asked what) {
    if (line.online()) {
      int id = ++nextId;
      asked.put(id, what);
      line.send(start + ",\"id\":" + id + "}");
    }
  }

  @Override
  public void text(String text) {
    long now = System.nanoTime();
    JsonObject frame = JsonParser.parseString(text).getAsJsonObject();
    switch (Seat.string(frame, "type")) {
      case "message", "presence", "gap", "direct", "edit", "delete", "react", "read" ->
          inRoom(now, frame);
      case "rooms" -> rooms(frame);
      case "conversations" -> conversations(frame);
      case "ack" -> ack(now, frame);
      case "welcome" -> welcome(now, frame);
      case "joined" -> joined(now, frame);
      case "left" -> left(now, frame);
      case "error" -> error(frame);
      case "pong" -> {}
      case "closing" -> line.reconnectAfter(frame.get("reconnectAfter").getAsLong());
      default -> tally.odd(this + ": unexpected frame " + text);
    }
  }

  private static int re(JsonObject frame) {
    JsonElement re = frame.get("re");
    return re == null ? 0 : re.getAsInt();
  }

  private void inRoom(long now, JsonObject frame) {
    String room = Seat.string(frame, "room");
    Seat seat = Directs.is(room) ? directs.seat(room) : seats.get(room);
    if (seat == null || !seat.live) {
      tally.odd(this + " is no member, but got " + frame);
      return;
    }
    switch (Seat.string(frame, "type")) {
      case "message" -> seat.message(now, frame);
      case "presence" -> seat.presence(now, frame);
      case "read" -> seat.read(now, frame);
      case "direct", "edit", "delete", "react" -> seat.change(now, frame);
      default -> seat.gap(now, frame);
    }
  }

  private void ack(long now, JsonObject frame) {
    if (!(asked.remove(re(frame)) instanceof Asked.Message message)) {
      tally.odd(this + ": an ack for nothing " + frame);
      return;
    }
    Sent sent = message.sent();
    message.seat().unacked.remove(sent.index);
    sent.done = !frame.has("offset");
    sent.acked = sent.done ? null : Seat.position(frame);
    sent.ackedAt = now;
    message.seat().targets.acknowledged(sent);
    sent.duplicate = frame.has("duplicate");
    tally.duplicates += sent.duplicate ? 1 : 0;
    tally.acked(sent.due, now);
  }

  private void welcome(long now, JsonObject frame) {
    line.welcomed();
    tally.welcomed(now);
    if (user.isEmpty()) {
      tally.toWelcome.add(now - startAt);
    }
    user = frame.getAsJsonObject("user").get("id").getAsString();
    if (frame.get("resumed").getAsBoolean()) {
      tally.resumed++;
    } else if (!resume.isEmpty()) {
      tally.notResumed++;
    }
    resume = Seat.string(frame, "resume");
    // Keys are a user's own: what a guest sent, another guest cannot send again.
    seats
        .values()
        .forEach(seat -> seat.giveUp(sent -> sent.attempts > 0 && !sent.user.equals(user)));
    directs.welcome(now);
    for (Seat seat : directs.seats()) {
      List.copyOf(seat.unacked.values()).forEach(sent -> write(seat, sent));
    }
    for (Seat seat : seats.values()) {
      if (seat.wanted) {
        askToJoin(seat);
      }
    }
    if (claiming) {
      claim();
    }
    served();
  }

  private void askToJoin(Seat seat) {
    if (!line.online() || seat.live || seat.joining || !seat.wanted) {
      return;
    }
    seat.joining = true;
    ask(join(seat, 0), new Asked.Join(seat));
  }

  private static String join(Seat seat, int history) {
    Position since = seat.since;
    return "{\"type\":\"join\",\"room\":\""
        + seat.track.room
        + "\""
        + (since == null
            ? ",\"history\":" + history
            : ",\"since\":{\"offset\":" + since.offset() + ",\"epoch\":\"" + since.epoch() + "\"}");
  }

  private void joined(long now, JsonObject frame) {
    asked.remove(re(frame));
    String room = Seat.string(frame, "room");
    if (Directs.is(room)) {
      directs.seat(room).joined(now, frame);
      directs.seat(room).claimed = true;
      return;
    }
    Seat seat = seats.get(room);
    if (seat == null) {
      tally.odd(this + " never asked for " + frame);
      return;
    }
    seat.joined(now, frame);
    List.copyOf(seat.unacked.values()).forEach(sent -> write(seat, sent));
    served();
  }

  /** Notes the end of an interruption, when it is one: all rooms are live again. */
  private void served() {
    boolean all =
        line.online() && seats.values().stream().allMatch(seat -> !seat.wanted || seat.live);
    if (all && lostAt != 0) {
      long now = System.nanoTime();
      tally.interruptions.add(new Tally.Interruption(lostAt, now, wanted));
      lostAt = 0;
      wanted = false;
    }
  }

  private void left(long now, JsonObject frame) {
    asked.remove(re(frame));
    Seat seat = seats.get(Seat.string(frame, "room"));
    if (seat == null || !Seat.string(frame, "reason").equals("left")) {
      tally.odd(this + " did not ask for " + frame);
      return;
    }
    seat.left(now);
    askToJoin(seat);
  }

  private void error(JsonObject frame) {
    String code = Seat.string(frame, "code");
    tally.errors.merge(code, 1, Integer::sum);
    Asked what = asked.remove(re(frame));
    JsonElement after = frame.get("retryAfter");
    long wait = after == null ? RETRY_MS + random.nextInt((int) RETRY_MS) : after.getAsLong() + 1;
    boolean later = List.of("unavailable", "rate_limited", "internal").contains(code);
    if (what instanceof Asked.Message message && message.sent().kind.changes() && gone(code)) {
      gone(message.seat(), message.sent(), code);
      return;
    }
    if (what instanceof Asked.Join join) {
      join.seat().joining = false;
      loop.after(
          wait,
          () -> {
            if (Directs.is(join.seat().track.room)) {
              claim(join.seat());
            } else {
              askToJoin(join.seat());
            }
          });
    } else if (what instanceof Asked.Message message && later) {
      int connection = line.number();
      loop.after(
          wait,
          () -> {
            if (connection == line.number() && message.seat().live) {
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

  private static boolean gone(String code) {
    return code.equals("no_such_message");
  }

  /** Somebody deleted the message meanwhile; that was itself, when it has asked before. */
  private void gone(Seat seat, Sent sent, String code) {
    seat.unacked.remove(sent.index);
    sent.refused = code;
    sent.givenUp = true;
  }

  /** Wants to be in a room, now and after every break. */
  void join(String room) {
    Seat seat = seats.computeIfAbsent(room, name -> new Seat(number, name, messages, tally));
    seat.wanted = true;
    askToJoin(seat);
  }

  /** Leaves a room, unless something is still to be acknowledged there. */
  void leave(String room) {
    Seat seat = seats.get(room);
    if (seat != null && seat.live && seat.wanted && seat.unacked.isEmpty()) {
      seat.wanted = false;
      seat.track.askedToLeave.add(System.nanoTime());
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

  /** Changes a message of a room that it is in. */
  void change(String room, Sent.Kind kind, Random choice, long due) {
    Seat seat = Directs.is(room) ? directs.seat(room) : seats.get(room);
    Long target = seat == null || !seat.live ? null : seat.targets.choose(kind, choice);
    if (seat != null && target != null) {
      Sent sent = messages.add(number, room, kind, target, due);
      seat.targets.begun(sent);
      seat.unacked.put(sent.index, sent);
      write(seat, sent);
    }
  }

  /** Says something to another client. */
  void direct(String to, long due) {
    if (!user.isEmpty()) {
      Seat seat = directs.seat(Directs.room(user, to));
      Sent sent = messages.add(number, seat.track.room, Sent.Kind.DIRECT, 0, due);
      seat.unacked.put(sent.index, sent);
      write(seat, sent);
    }
  }

  /** Says that it has read most of what it has seen of a room. */
  void read(String room, Random choice) {
    Seat seat = seats.get(room);
    Position at = seat == null || !seat.live ? null : seat.track.position();
    if (seat != null && at != null && at.offset() > 0) {
      // Now and then it says less than before, as another device of its user might.
      long offset = Math.max(1, at.offset() - choice.nextInt(5));
      seat.read = Math.max(seat.read, offset);
      sendRead(seat, offset);
    }
  }

  private void sendRead(Seat seat, long offset) {
    line.send("{\"type\":\"read\",\"room\":\"" + seat.track.room + "\",\"offset\":" + offset + "}");
  }

  /** Asks at the end for what it has not read, and joins its conversations. */
  void claim() {
    claiming = true;
    listed = false;
    if (line.online()) {
      for (Seat seat : seats.values()) {
        seat.track.read = seat.read;
        if (seat.read > 0 && seat.live) {
          sendRead(seat, seat.read);
        }
      }
      ask("{\"type\":\"rooms\",\"limit\":500", new Asked.Rooms());
      ask("{\"type\":\"conversations\",\"limit\":100", new Asked.Conversations());
    }
  }

  private void rooms(JsonObject frame) {
    asked.remove(re(frame));
    for (JsonElement one : frame.getAsJsonArray("rooms")) {
      JsonObject room = one.getAsJsonObject();
      Seat seat = seats.get(Seat.string(room, "room"));
      if (seat != null) {
        seat.track.unread = room.has("unread") ? room.get("unread").getAsLong() : null;
      }
    }
    if (frame.has("next")) {
      String after = Seat.string(frame, "next");
      ask("{\"type\":\"rooms\",\"limit\":500,\"after\":\"" + after + "\"", new Asked.Rooms());
    }
  }

  private void conversations(JsonObject frame) {
    asked.remove(re(frame));
    directs.listed(frame);
    if (frame.has("next")) {
      String after = Seat.string(frame, "next");
      ask(
          "{\"type\":\"conversations\",\"limit\":100,\"after\":\"" + after + "\"",
          new Asked.Conversations());
      return;
    }
    listed = true;
    directs.seats().forEach(this::claim);
  }

  private void claim(Seat seat) {
    Position known = seat.track.position();
    if (known != null) {
      seat.since = known;
    }
    ask(join(seat, 500), new Asked.Join(seat));
  }

  /** Whether it has asked for all at the end, and has the answers. */
  boolean claimed() {
    return line.stopped()
        || listed && asked.isEmpty() && directs.seats().stream().allMatch(seat -> seat.claimed);
  }

  private void write(Seat seat, Sent sent) {
    if (sent.attempts++ == 0) {
      sent.connection = line.number();
      sent.sentAt = System.nanoTime();
      sent.user = user;
      tally.sent(sent.sentAt);
    }
    ask(messages.command(sent), new Asked.Message(seat, sent));
  }

  /** Breaks the connection: politely, or as a broken line does. */
  void disconnect(boolean politely, boolean itself) {
    if (line.online()) {
      wanted = itself;
      if (politely) {
        line.close(1001);
      } else {
        line.cut();
      }
    }
  }

  Line line() {
    return line;
  }

  /** Ends for good: says goodbye, so that its session ends too. */
  void stop() {
    giveUp();
    line.close(1000);
  }

  /** Ends for good without a word: its session has to end by itself. */
  void vanish() {
    giveUp();
    line.cut();
  }

  /** Decides whether it comes back after the next break: only its node's end ends its session. */
  void tired(boolean value) {
    tired = value;
  }

  private void giveUp() {
    line.stop();
    seats.values().forEach(seat -> seat.giveUp(sent -> true));
    directs.seats().forEach(seat -> seat.giveUp(sent -> true));
  }

  /** Whether it is live in all its rooms and nothing is to be acknowledged. */
  boolean settled() {
    return line.stopped()
        || live()
            && seats.values().stream().allMatch(seat -> seat.unacked.isEmpty())
            && directs.seats().stream().allMatch(seat -> seat.unacked.isEmpty());
  }

  /** Whether it is live in all rooms that it wants to be in. */
  boolean live() {
    return line.reads() && seats.values().stream().allMatch(seat -> seat.live == seat.wanted);
  }

  /** The rooms it wants to be in. */
  List<String> rooms() {
    return seats.values().stream()
        .filter(seat -> seat.wanted)
        .map(seat -> seat.track.room)
        .toList();
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
    for (Seat seat : directs.seats()) {
      seat.unacked.values().forEach(sent -> waiting.add("for the ack of " + sent));
      if (claiming && !seat.claimed) {
        waiting.add("to join " + seat.track.room);
      }
    }
    return (line.online() ? "online" : "offline") + ", waits " + waiting;
  }

  /** What there is to know of it, when all is over. */
  Person person() {
    List<Track> tracks = seats.values().stream().map(seat -> seat.track).toList();
    return new Person(user, line.stopped(), rooms(), tracks, directs.tracks());
  }

  int number() {
    return number;
  }

  @Override
  public String toString() {
    return "client " + number;
  }
}
