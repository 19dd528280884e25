package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a client of a simulation does besides sending messages: it changes them, says what it has
 * read, and talks with single users; and what it is told of that. Confined to the simulation's
 * thread.
 */
final class SimTalk {

  private final Simulation sim;
  private final SimClient client;

  /** Direct messages without an ack, and to whom they go. */
  private final Map<String, String> unacknowledged = new LinkedHashMap<>();

  private final Set<String> underWay = new HashSet<>();
  private final Map<String, Change> changes = new HashMap<>();
  private final Map<String, List<Long>> own = new HashMap<>();
  private final Map<String, List<Long>> seen = new HashMap<>();
  private final Map<String, Map<String, Long>> marks = new HashMap<>();

  /** Up to where conversations were told on this connection. */
  private final Map<String, Long> told = new HashMap<>();

  private long welcomeAt = Long.MAX_VALUE;
  private int ids;

  private record Change(String room, long target) {}

  SimTalk(Simulation sim, SimClient client) {
    this.sim = sim;
    this.client = client;
  }

  private void check(boolean kept, java.util.function.Supplier<String> what) {
    sim.ledger.check(kept, () -> client + ": " + what.get());
  }

  /** Edits or deletes an own message, or reacts to any. */
  void change(String room) {
    int what = sim.random.nextInt(10);
    List<Long> targets = (what < 5 ? own : seen).getOrDefault(room, List.of());
    if (!client.isIn(room) || targets.isEmpty() || sim.ledger.isDamaged(room)) {
      return;
    }
    long target = targets.get(sim.random.nextInt(targets.size()));
    String id = "change " + ids++;
    changes.put(id, new Change(room, target));
    String rest;
    if (what < 4) {
      String text = client.name + ".e" + ids++;
      sim.ledger.wantsEdit(text);
      rest = "'edit','text':'" + text + "'";
    } else if (what < 5) {
      sim.ledger.wantsDelete(room, target);
      rest = "'delete'";
    } else {
      rest = "'react','emoji':'\ud83d\udc4d','on':" + sim.chance(0.7);
    }
    client.send(
        "{'id':'" + id + "','room':'" + room + "','target':" + target + ",'type':" + rest + "}");
  }

  /** Says that it has read a part of what it has seen. */
  void read(String room, long position) {
    if (position > 0) {
      long offset = Math.max(1, position - sim.upTo(3));
      client.send("{'type':'read','room':'" + room + "','offset':" + offset + "}");
    }
  }

  /** Says something to one user. */
  void direct(String to) {
    String text = client.name + "." + client.nextId();
    sim.ledger.wantsDirect(text, Conversation.between(client.user, to).room());
    unacknowledged.put(text, to);
    send(text);
  }

  private void send(String text) {
    String to = unacknowledged.get(text);
    if (to != null && client.isWelcome() && underWay.add(text)) {
      sim.ledger.sendsAgain(text); // after a refusal it may come behind later ones
      client.send(
          "{'type':'direct','id':'%s','key':'%s','text':'%s','to':'%s'}"
              .formatted(text, text, text, to));
    }
  }

  void welcome() {
    welcomeAt = sim.clock.millis();
    List.copyOf(unacknowledged.keySet()).forEach(this::send);
  }

  void away() {
    welcomeAt = Long.MAX_VALUE;
    told.clear();
    underWay.clear();
    changes.clear();
    marks.clear();
  }

  void joined(String room) {
    marks.remove(room);
  }

  void ack(String id, JsonObject frame) {
    underWay.remove(id);
    if (unacknowledged.remove(id) != null) {
      sim.ledger.acknowledged(frame.get("room").getAsString(), id);
    }
    Change change = changes.remove(id);
    if (change != null && frame.has("offset")) {
      sim.ledger.changed(change.room(), frame.get("offset").getAsLong(), change.target());
    }
  }

  /** Notes where an own message is. */
  void said(String room, JsonObject ack) {
    own.computeIfAbsent(room, any -> new ArrayList<>()).add(ack.get("offset").getAsLong());
  }

  void error(String id, JsonObject frame) {
    String code = frame.get("code").getAsString();
    if (unacknowledged.containsKey(id)) {
      check(code.equals("unavailable"), () -> "cannot say to a user: " + frame);
      underWay.remove(id);
      sim.later(Duration.ofMillis(300), () -> send(id));
    }
    Change change = changes.remove(id);
    if (change != null) {
      boolean right =
          switch (code) {
            case "unavailable" -> true;
            case "no_such_message" -> sim.ledger.mayBeDeleted(change.room(), change.target());
            case "not_in_room" -> !client.isIn(change.room());
            default -> false;
          };
      check(right || sim.ledger.isDamaged(change.room()), () -> "cannot change: " + frame);
    }
  }

  /** A logged frame of a room. */
  void sees(JsonObject frame) {
    if (frame.get("type").getAsString().equals("message")) {
      seen.computeIfAbsent(frame.get("room").getAsString(), any -> new ArrayList<>())
          .add(frame.get("offset").getAsLong());
    }
  }

  /** A frame of a conversation: from the first one on without a hole, and none twice. */
  void told(JsonObject frame) {
    String room = frame.get("room").getAsString();
    long offset = frame.get("offset").getAsLong();
    Long before = told.put(room, offset);
    check(before == null || offset == before + 1, () -> "was told " + before + ", now " + frame);
    sim.ledger.sees(client.name, frame);
  }

  void mark(JsonObject frame) {
    String room = frame.get("room").getAsString();
    String reader = frame.getAsJsonObject("user").get("id").getAsString();
    long offset = frame.get("offset").getAsLong();
    Long before = marks.computeIfAbsent(room, any -> new HashMap<>()).put(reader, offset);
    check(
        before == null || before < offset || sim.ledger.isDamaged(room),
        () -> "the mark of " + reader + " was " + before + ", now " + frame);
  }

  /** What was logged in a conversation while it could hear, it was told; all was acknowledged. */
  void compare(Conversation conversation, History log) {
    if (conversation.has(client.user)) {
      boolean could = log.publications().stream().anyMatch(one -> one.ts() > welcomeAt);
      Long last = told.get(conversation.room());
      check(
          !could || last != null && last == log.top().offset(),
          () -> "was told " + last + " of " + conversation.room() + ", not " + log.top());
    }
  }

  void checkAllAcknowledged() {
    check(unacknowledged.isEmpty(), () -> "got no answer to " + unacknowledged);
  }
}
