package dev.roomcast.examples.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges whether messages are what the changes in the log make of them, read marks went forward,
 * and what is said to be unread is what is above them. Confined to one thread.
 */
final class StateCheck {

  private final List<Violation> violations = new ArrayList<>();

  /** A message, as the changes in the log leave it. */
  private static final class Message {
    final long offset;
    @Nullable String text;
    boolean edited;
    boolean deleted;
    final Map<String, Set<String>> reactions = new LinkedHashMap<>();

    Message(long offset) {
      this.offset = offset;
    }
  }

  /** Returns everything that is wrong with the logs by themselves. */
  List<Violation> states(Collection<RoomLog> logs) {
    logs.forEach(this::state);
    return violations;
  }

  private void state(RoomLog log) {
    Map<Long, Message> messages = new HashMap<>();
    for (JsonObject frame : log.frames()) {
      String type = Seat.string(frame, "type");
      long offset = frame.get("offset").getAsLong();
      if (type.equals("message") || type.equals("direct")) {
        messages.put(offset, new Message(offset));
        continue;
      }
      long target = frame.get("target").getAsLong();
      Message message = messages.get(target);
      if (message == null && target >= log.from() || message != null && message.deleted) {
        bad(log, "a change of what is no message (any more)", List.of(frame.toString()));
      } else if (message != null) {
        change(message, type, frame);
      }
    }
    for (JsonObject frame : log.frames()) {
      Message expected = messages.get(frame.get("offset").getAsLong());
      if (expected != null) {
        compare(log, expected, frame);
      } else if (Seat.string(frame, "type").equals("edit")) {
        Message edited = messages.get(frame.get("target").getAsLong());
        boolean without = edited != null && edited.deleted;
        if (edited != null && frame.has("text") == without) {
          bad(log, "the edits of a deleted message have no text, others have", evidence(frame));
        }
      }
    }
  }

  private static void change(Message message, String type, JsonObject frame) {
    switch (type) {
      case "edit" -> {
        message.edited = true;
        message.text = frame.has("text") ? Seat.string(frame, "text") : null;
      }
      case "delete" -> {
        message.deleted = true;
        message.reactions.clear();
      }
      default -> {
        String user = Seat.string(frame.getAsJsonObject("user"), "id");
        Set<String> users =
            message.reactions.computeIfAbsent(
                Seat.string(frame, "emoji"), emoji -> new TreeSet<>());
        if (frame.get("on").getAsBoolean()) {
          users.add(user);
        } else {
          users.remove(user);
        }
        message.reactions.values().removeIf(Set::isEmpty);
      }
    }
  }

  private void compare(RoomLog log, Message expected, JsonObject frame) {
    Map<String, Set<String>> reactions = new HashMap<>();
    JsonObject present = frame.getAsJsonObject("reactions");
    if (present != null) {
      for (Map.Entry<String, JsonElement> one : present.entrySet()) {
        reactions.put(one.getKey(), users(one.getValue().getAsJsonArray()));
      }
    }
    boolean deleted = frame.has("deleted");
    boolean right =
        deleted == expected.deleted
            && frame.has("text") != deleted
            && frame.has("edited") == (expected.edited && !deleted)
            && (deleted
                || !expected.edited
                || Objects.equals(expected.text, Seat.string(frame, "text")))
            && reactions.equals(expected.reactions);
    if (!right) {
      List<String> evidence = new ArrayList<>(evidence(frame));
      log.frames().stream()
          .filter(one -> one.has("target") && one.get("target").getAsLong() == expected.offset)
          .forEach(one -> evidence.add(one.toString()));
      bad(log, "a message is not what its changes make of it", evidence);
    }
  }

  private static Set<String> users(JsonArray array) {
    Set<String> users = new TreeSet<>();
    array.forEach(user -> users.add(user.getAsString()));
    return users;
  }

  private static List<String> evidence(JsonObject frame) {
    return List.of(frame.toString());
  }

  private void bad(RoomLog log, String what, List<String> evidence) {
    violations.add(new Violation(Violation.Kind.STATE, log.room(), what, evidence));
  }

  /** A change that was refused must have had a reason: its message was deleted. */
  List<Violation> refusals(List<Sent> all, Map<String, RoomLog> logs) {
    for (Sent sent : all) {
      RoomLog log = logs.get(sent.room);
      if (sent.refused.isEmpty() || log == null || !log.has(sent.target)) {
        continue;
      }
      JsonObject target = log.frames().get((int) (sent.target - log.from()));
      if (!target.has("deleted")) {
        violations.add(
            new Violation(
                Violation.Kind.UNEXPECTED,
                sent.room,
                "refused with " + sent.refused + ", but the message is there",
                List.of(sent.toString(), target.toString())));
      }
    }
    return violations;
  }

  /** Finds marks that went back, while somebody was in a room without a break. */
  List<Violation> marks(List<Track> tracks) {
    for (Track track : tracks) {
      Map<String, Track.Read> last = new HashMap<>();
      int checked = 0;
      for (Track.Read read : track.reads) {
        boolean broken =
            track.seen.subList(checked, read.step()).stream()
                .anyMatch(seen -> seen instanceof Seen.Away || seen instanceof Seen.Left);
        checked = read.step();
        if (broken) {
          last.clear();
        }
        Track.Read before = last.put(read.user(), read);
        if (before != null && before.offset() >= read.offset()) {
          violations.add(
              new Violation(
                  Violation.Kind.MARK,
                  track.toString(),
                  "a read mark that does not go forward",
                  List.of(before.toString(), read.toString())));
        }
      }
    }
    return violations;
  }

  /** Compares what people were told at the end with the logs: what is unread, and the list. */
  List<Violation> unread(List<Person> people, Map<String, RoomLog> logs) {
    for (Person person : people) {
      for (Track track : person.stopped() ? List.<Track>of() : person.tracks()) {
        RoomLog log = logs.get(track.room);
        if (log != null && track.position() != null) {
          unread(person, track, log, track.read > 0 || mark(person, track, log) > 0);
        }
      }
      for (Track track : person.stopped() ? List.<Track>of() : person.conversations()) {
        RoomLog log = logs.get(track.room);
        if (log != null && log.top().offset() > 0) {
          unread(person, track, log, true);
          if (!log.top().equals(track.listedAt)) {
            violations.add(
                new Violation(
                    Violation.Kind.LOST,
                    track.toString(),
                    "the list has "
                        + (track.listedAt == null ? "no such" : Seen.text(track.listedAt))
                        + ", the log is at "
                        + Seen.text(log.top()),
                    List.of()));
          }
        }
      }
    }
    return violations;
  }

  private void unread(Person person, Track track, RoomLog log, boolean marked) {
    long mark = mark(person, track, log);
    long above =
        log.frames().stream()
            .filter(frame -> frame.has("kind") && frame.get("offset").getAsLong() > mark)
            .count();
    Long expected = marked ? above : null;
    if (!Objects.equals(expected, track.unread)) {
      violations.add(
          new Violation(
              Violation.Kind.MARK,
              track.toString(),
              "was told that " + track.unread + " are unread, " + expected + " are above " + mark,
              List.of("up to " + Seen.text(new Position(log.top().epoch(), log.top().offset())))));
    }
  }

  /** Up to where a user has read: where it said so, and its own messages. */
  private static long mark(Person person, Track track, RoomLog log) {
    long own =
        log.frames().stream()
            .filter(frame -> frame.has("kind"))
            .filter(frame -> Seat.string(frame.getAsJsonObject("user"), "id").equals(person.user()))
            .mapToLong(frame -> frame.get("offset").getAsLong())
            .max()
            .orElse(0);
    return Math.max(own, track.read);
  }
}
