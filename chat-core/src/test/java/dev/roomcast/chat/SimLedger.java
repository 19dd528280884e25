package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What clients of a simulation said and saw, and the first promise that was broken. Confined to the
 * simulation's thread.
 */
final class SimLedger {

  private final Set<String> sent = new HashSet<>();
  private final Set<String> sentAgain = new HashSet<>();
  private final Map<String, String> acked = new LinkedHashMap<>();
  private final Set<String> lost = new HashSet<>();
  private final Set<String> damaged = new HashSet<>();
  private final Map<String, String> seen = new HashMap<>();
  private final Set<String> deletes = new HashSet<>();
  private final Set<String> changed = new HashSet<>();
  private final Set<String> conversations = new TreeSet<>();
  private final List<String> trace = new ArrayList<>();
  private final boolean tracing;
  private @Nullable String problem;

  SimLedger(boolean tracing) {
    this.tracing = tracing;
  }

  void trace(Supplier<String> line) {
    if (tracing) {
      trace.add(line.get());
    }
  }

  List<String> trace() {
    return trace;
  }

  /** Notes that a promise was broken; the first one counts. */
  void broken(String what) {
    if (problem == null) {
      problem = what;
      trace(() -> "BROKEN: " + what);
    }
  }

  void check(boolean kept, Supplier<String> what) {
    if (!kept) {
      broken(what.get());
    }
  }

  @Nullable String problem() {
    return problem;
  }

  /** Somebody will send this; texts are different, and each is its own key. */
  void wants(String sender, int number) {
    sent.add(text(sender, number));
  }

  /** Somebody will give a message this text. */
  void wantsEdit(String text) {
    sent.add(text);
  }

  void wantsDelete(String room, long target) {
    deletes.add(room + '/' + target);
  }

  boolean mayBeDeleted(String room, long target) {
    return deletes.contains(room + '/' + target);
  }

  void wantsDirect(String text, String room) {
    sent.add(text);
    conversations.add(room);
  }

  /** The conversations in which something was said, or was to be. */
  Set<String> conversations() {
    return conversations;
  }

  /** A change of the message at {@code target} was acknowledged as logged. */
  void changed(String room, long offset, long target) {
    changed.add(room + '/' + offset + '/' + target);
  }

  static String text(String sender, int number) {
    return sender + '.' + number;
  }

  /** The text may be logged at its first or at a later attempt: its place is open. */
  void sendsAgain(String text) {
    sentAgain.add(text);
  }

  void acknowledged(String room, String text) {
    acked.put(text, room);
  }

  /** The store is about to lose these frames of a room. */
  void loses(String room, List<Publication> publications) {
    damaged.add(room);
    publications.forEach(publication -> lost.add(what(publication.body())));
  }

  /** Some frames of the room are not to be had any more: gaps are right. */
  void damages(String room) {
    damaged.add(room);
  }

  boolean isDamaged(String room) {
    return damaged.contains(room);
  }

  /** What a frame is, whatever was made of it since: a message has its text as its key. */
  private static String what(JsonObject frame) {
    return frame.has("key")
        ? frame.get("key").getAsString()
        : frame.get("type").getAsString()
            + ' '
            + frame.get("target")
            + frame.getAsJsonObject("user").get("id")
            + frame.get("emoji")
            + frame.get("on");
  }

  private static String what(Json body) {
    return what(body.tree().getAsJsonObject());
  }

  /** A logged frame as a client saw it: the same for everybody, and sent by somebody. */
  void sees(String who, JsonObject frame) {
    String place =
        frame.get("room").getAsString() + '/' + frame.get("epoch") + '/' + frame.get("offset");
    String what = what(frame);
    String before = seen.putIfAbsent(place, what);
    check(
        before == null || before.equals(what),
        () -> who + " saw " + what + " at " + place + ", others saw " + before);
    for (String field : List.of("key", "text")) {
      check(
          !frame.has(field) || sent.contains(frame.get(field).getAsString()),
          () -> who + " saw what nobody sent: " + frame);
    }
  }

  /** Compares with the log at the end. */
  void compare(String room, History log) {
    Map<String, Long> offsets = new HashMap<>();
    Map<Long, JsonObject> frames = new HashMap<>();
    for (Publication publication : log.publications()) {
      JsonObject frame = publication.body().tree().getAsJsonObject();
      frames.put(publication.offset(), frame);
      if (!frame.has("key")) {
        continue;
      }
      String text = what(frame);
      Long twice = offsets.put(text, publication.offset());
      check(
          twice == null,
          () -> text + " is in the log at " + twice + " and " + publication.offset());
      check(sent.contains(text), () -> text + " is in the log, and nobody sent it");
    }
    checkOrder(log);
    if (!isDamaged(room)) {
      String wrong = SimState.wrong(log.publications());
      check(wrong == null, () -> room + ": " + wrong);
      for (String change : changed) {
        String[] parts = change.split("/", 3);
        JsonObject frame = frames.get(Long.valueOf(parts[1]));
        check(
            !parts[0].equals(room)
                || frame != null
                    && frame.has("target")
                    && frame.get("target").getAsString().equals(parts[2]),
            () -> "a change was acknowledged and is not in the log: " + change);
      }
    }
    acked.forEach(
        (text, where) ->
            check(
                !where.equals(room) || offsets.containsKey(text) || lost.contains(text),
                () -> text + " was acknowledged and is not in the log of " + room));
  }

  /** What a sender sent once is in the order sent. */
  private void checkOrder(History log) {
    Map<String, Integer> last = new HashMap<>();
    for (Publication publication : log.publications()) {
      String text = what(publication.body());
      if (publication.body().tree().getAsJsonObject().has("key") && !sentAgain.contains(text)) {
        int dot = text.indexOf('.');
        int number = Integer.parseInt(text.substring(dot + 1));
        Integer before = last.put(text.substring(0, dot), number);
        check(before == null || before < number, () -> text + " is in the log after " + before);
      }
    }
  }
}
