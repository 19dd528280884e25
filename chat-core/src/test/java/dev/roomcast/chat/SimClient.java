package dev.roomcast.chat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of a simulation: it reconnects, resumes, claims its rooms, sends again what was not
 * acknowledged, and watches over what it is promised. Confined to the simulation's thread.
 */
final class SimClient {

  final String name;
  final String user;

  /** So many messages are less than three quarters of an outbox. */
  private static final int SURE_TO_FIT = 60;

  private final Simulation sim;
  private final Map<String, SimView> views = new LinkedHashMap<>();
  private final Map<String, String> unacknowledged = new LinkedHashMap<>();
  private final Set<String> tried = new HashSet<>();
  private final Set<String> underWay = new LinkedHashSet<>();
  private final Map<String, @Nullable Position> joins = new HashMap<>();
  private final SimTalk talk;
  private @Nullable SimLink link;
  private @Nullable String resume;
  private boolean welcome;
  private boolean gone;
  private int attempts;
  private int ids;

  SimClient(Simulation sim, String name, String user) {
    this.sim = sim;
    this.name = name;
    this.user = user;
    this.talk = new SimTalk(sim, this);
  }

  SimTalk talk() {
    return talk;
  }

  boolean isWelcome() {
    return welcome;
  }

  boolean isIn(String room) {
    return view(room).joined;
  }

  int nextId() {
    sim.ledger.wants(name, ids);
    return ids++;
  }

  private SimView view(String room) {
    return views.computeIfAbsent(room, unused -> new SimView());
  }

  /** Connects to any node, and tries again until it is welcome. */
  void connect() {
    if (gone) {
      return;
    }
    int attempt = ++attempts;
    sim.later(Duration.ofSeconds(3), () -> giveUp(attempt));
    SimNode node = sim.anyNode();
    if (node == null) {
      return;
    }
    Map<String, String> query = new HashMap<>(Map.of("user", user));
    if (resume != null && sim.chance(0.95)) {
      query.put("resume", resume);
    }
    String room = sim.chance(0.2) ? sim.anyRoom() : null;
    if (room != null) {
      view(room).wanted = true;
    }
    sim.later(
        () ->
            node.node
                .admit(ConnectRequest.of(query, null, room, "127.0.0.1"))
                .whenComplete(
                    (admission, failure) ->
                        sim.later(() -> admitted(attempt, node, admission, failure))));
  }

  private void giveUp(int attempt) {
    if (attempt == attempts && !welcome) {
      hangUp(1006);
      connect();
    }
  }

  private void admitted(
      int attempt, SimNode node, @Nullable Admission admission, @Nullable Throwable failure) {
    if (admission == null) {
      ErrorCode code = ChatException.of(java.util.Objects.requireNonNull(failure)).code();
      sim.ledger.check(code == ErrorCode.UNAVAILABLE, () -> name + " is refused: " + code);
      return;
    }
    if (!node.alive()) {
      return;
    }
    SimLink opened = new SimLink(sim, node, this);
    ClientSession session = node.node.connect(admission, opened);
    opened.open(session);
    sim.trace(() -> name + " connects to " + node.node.id() + " as " + session.id());
    if (attempt == attempts && !gone && link == null) {
      link = opened;
    } else {
      opened.cut();
    }
  }

  void closed(SimLink of, int code) {
    if (of != link) {
      return;
    }
    sim.trace(() -> name + " is closed: " + code);
    sim.ledger.check(
        Set.of(1000, 1001, 1006, 4008, 4013, 4009).contains(code),
        () -> name + " is closed: " + code);
    forgetLink();
    sim.later(Duration.ofMillis(sim.upTo(1_500)), this::connect);
  }

  private void forgetLink() {
    link = null;
    welcome = false;
    attempts++;
    joins.clear();
    underWay.clear();
    talk.away();
    views.values().forEach(view -> view.joined = false);
  }

  private void hangUp(int code) {
    SimLink before = link;
    if (before != null) {
      before.bye(code);
      forgetLink();
    }
  }

  /** Loses its connection. */
  void cut() {
    if (link != null) {
      link.cut();
    }
  }

  void stall(Duration duration) {
    SimLink stalled = link;
    if (stalled != null) {
      stalled.stall();
      sim.later(duration, stalled::goOn);
    }
  }

  /** Goes for good: with a goodbye, or without a word. */
  void go(boolean politely) {
    gone = true;
    if (politely) {
      hangUp(1000);
    } else if (link != null) {
      link.cut();
    }
  }

  boolean isOn(SimNode node) {
    return link != null && link.node() == node;
  }

  void join(String room) {
    SimView view = view(room);
    view.wanted = true;
    if (!welcome || joins.keySet().stream().anyMatch(id -> id.startsWith(room + " "))) {
      return;
    }
    Position since = sim.chance(0.9) ? view.position : null;
    String id = room + " " + ids++;
    joins.put(id, since);
    send(
        "{'type':'join','id':'"
            + id
            + "','room':'"
            + room
            + "'"
            + (since == null
                ? ",'history':" + sim.upTo(20)
                : ",'since':{'offset':" + since.offset() + ",'epoch':'" + since.epoch() + "'}")
            + "}");
  }

  void leave(String room) {
    view(room).wanted = false;
    if (welcome) {
      send("{'type':'leave','id':'" + room + " " + ids++ + "','room':'" + room + "'}");
    }
  }

  void type(String room) {
    if (view(room).joined) {
      send("{'type':'typing','room':'" + room + "','active':" + sim.chance(0.7) + "}");
    }
  }

  void say(String room) {
    if (view(room).wanted) {
      String text = SimLedger.text(name, nextId());
      unacknowledged.put(text, room);
      sendText(text, room);
    }
  }

  private void sendText(String text, String room) {
    if (view(room).joined && unacknowledged.containsKey(text) && underWay.add(text)) {
      if (!tried.add(text)) {
        sim.ledger.sendsAgain(text);
      }
      send(
          "{'type':'message','id':'"
              + text
              + "','key':'"
              + text
              + "','room':'"
              + room
              + "','text':'"
              + text
              + "'}");
    }
  }

  /** Says that it has read some of a room that it is in. */
  void read(String room) {
    Position position = view(room).position;
    if (view(room).joined && position != null) {
      talk.read(room, position.offset());
    }
  }

  void send(String frame) {
    if (link != null) {
      sim.trace(() -> name + " > " + frame);
      link.send(frame.replace('\'', '"'));
    }
  }

  void receive(SimLink from, String text) {
    if (from != link) {
      return;
    }
    sim.trace(() -> name + " < " + text.replaceAll("reconnectAfter.:[0-9]+", "reconnectAfter"));
    JsonObject frame = JsonParser.parseString(text).getAsJsonObject();
    String re = frame.has("re") ? frame.get("re").getAsString() : "";
    switch (frame.get("type").getAsString()) {
      case "welcome" -> welcome(frame);
      case "joined" -> joined(frame, re);
      case "message", "edit", "delete", "react" -> message(frame);
      case "direct" -> talk.told(frame);
      case "read" -> talk.mark(frame);
      case "ack" -> {
        String room = unacknowledged.remove(re);
        if (room != null) {
          sim.ledger.acknowledged(room, re);
          talk.said(room, frame);
        } else {
          talk.ack(re, frame);
        }
      }
      case "gap" -> gap(frame);
      case "presence" -> view(frame.get("room").getAsString()).presence(frame);
      case "left" -> left(frame);
      case "error" -> error(frame, re);
      default -> {}
    }
  }

  private void welcome(JsonObject frame) {
    welcome = true;
    resume = frame.get("resume").getAsString();
    talk.welcome();
    views.forEach(
        (room, view) -> {
          if (view.wanted) {
            join(room);
          }
        });
    for (JsonElement room : frame.getAsJsonArray("rooms")) {
      if (!view(room.getAsString()).wanted && sim.chance(0.5)) {
        leave(room.getAsString());
      }
    }
  }

  private void joined(JsonObject frame, String id) {
    String room = frame.get("room").getAsString();
    SimView view = view(room);
    Position since = joins.remove(id);
    long top = frame.get("offset").getAsLong();
    JsonArray history = frame.getAsJsonArray("history");
    long expected = top - history.size();
    if (frame.has("recovered") && frame.get("recovered").getAsBoolean()) {
      check(
          since != null
              && since.epoch().equals(frame.get("epoch").getAsString())
              && since.offset() == expected,
          () -> "recovered from " + since + " by " + frame);
    } else {
      check(
          since == null || sim.ledger.isDamaged(room) || top - since.offset() > SURE_TO_FIT,
          () -> "not recovered from " + since);
    }
    for (JsonElement element : history) {
      JsonObject logged = element.getAsJsonObject();
      check(logged.get("offset").getAsLong() == ++expected, () -> "history with a hole: " + frame);
      sim.ledger.sees(name, logged);
    }
    check(expected == top, () -> "history does not end at its position: " + frame);
    view.joined(frame);
    talk.joined(room);
    List<String> texts = new ArrayList<>(unacknowledged.keySet());
    texts.forEach(text -> sendText(text, String.valueOf(unacknowledged.get(text))));
    if (!view.wanted) {
      leave(room);
    }
  }

  private void check(boolean kept, Supplier<String> what) {
    sim.ledger.check(kept, () -> name + ": " + what.get());
  }

  private void message(JsonObject frame) {
    SimView view = view(frame.get("room").getAsString());
    Position position = view.position;
    Position next = SimView.position(frame);
    check(
        view.joined && position != null, () -> "got a frame of a room that it is not in: " + frame);
    check(
        position != null && position.plus(1).equals(next),
        () -> "at " + position + " got " + frame);
    view.position = next;
    sim.ledger.sees(name, frame);
    talk.sees(frame);
  }

  private void gap(JsonObject frame) {
    String room = frame.get("room").getAsString();
    SimView view = view(room);
    check(view.joined, () -> "got a gap in a room that it is not in: " + frame);
    check(sim.ledger.isDamaged(room), () -> "gap without a loss: " + frame);
    view.position = SimView.position(frame);
  }

  private void left(JsonObject frame) {
    String room = frame.get("room").getAsString();
    view(room).joined = false;
    if (frame.get("reason").getAsString().equals("removed")) {
      underWay.clear();
    }
    if (view(room).wanted) {
      sim.later(Duration.ofMillis(200), () -> claim(room));
    }
  }

  private void claim(String room) {
    if (view(room).wanted && !view(room).joined) {
      join(room);
    }
  }

  private void error(JsonObject frame, String re) {
    String code = frame.get("code").getAsString();
    String room = unacknowledged.get(re);
    if (room != null) {
      underWay.remove(re);
      check(
          code.equals("unavailable") || !view(room).joined || sim.ledger.isDamaged(room),
          () -> "cannot say in a room that it is in: " + frame);
      sim.later(Duration.ofMillis(300), () -> sendText(re, room));
    } else if (joins.containsKey(re)) {
      joins.remove(re);
      check(code.equals("unavailable"), () -> "cannot join: " + frame);
      String refused = re.substring(0, re.indexOf(' '));
      sim.later(Duration.ofMillis(300), () -> claim(refused));
    } else {
      talk.error(re, frame);
    }
  }

  /** The rooms it wants to be in. */
  Set<String> wanted() {
    Set<String> wanted = new TreeSet<>();
    views.forEach(
        (room, view) -> {
          if (view.wanted) {
            wanted.add(room);
          }
        });
    return wanted;
  }

  /** Compares what it sees of a room with what there is. */
  void compare(String room, Position top, Set<String> members) {
    SimView view = view(room);
    if (view.wanted) {
      check(view.joined, () -> "is not in " + room + " at the end, welcome: " + welcome);
      check(
          top.equals(view.position),
          () -> "is at " + view.position + " of " + room + ", not " + top);
      check(
          members.equals(view.members),
          () -> "sees " + view.members + " in " + room + ", not " + members);
    }
  }

  void checkAllAcknowledged() {
    talk.checkAllAcknowledged();
    unacknowledged.forEach(
        (text, room) ->
            check(!view(room).wanted, () -> "got no answer to " + text + " in " + room));
  }

  @Override
  public String toString() {
    return name;
  }
}
