package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Judges a recorded history: whether every member of every room saw its log, and the log has
 * everything that was acknowledged, once, in order.
 *
 * <p>Confined to one thread.
 */
final class Checker {

  /** Up to so many missed frames a member is expected to be given, and not told of a hole. */
  private static final int RECOVERABLE = 100;

  private final List<Sent> messages;
  private final boolean lossy;
  private final List<Violation> violations = new ArrayList<>();

  /** Which message is at a place, and who said so first. */
  private final Map<Place, Witness> places = new HashMap<>();

  /** Which place each message has, or had in an older epoch. */
  private final Map<Integer, Place> placeOf = new HashMap<>();

  /** A place in a room's log. While nothing is ever lost offsets alone say which one it is. */
  private record Place(String room, String epoch, long offset) {}

  private record Witness(int message, String said) {}

  /**
   * @param lossy whether the store may lose what it had, with a new epoch each time
   */
  Checker(List<Sent> messages, boolean lossy) {
    this.messages = messages;
    this.lossy = lossy;
  }

  /** Returns everything that is wrong, in no particular order. */
  List<Violation> check(List<Track> tracks, Map<String, RoomLog> logs) {
    for (RoomLog log : logs.values()) {
      for (int i = 0; i < log.messages().size(); i++) {
        note(
            log.room(),
            log.top().epoch(),
            log.from() + i,
            log.messages().get(i),
            "the log",
            List::of);
      }
    }
    for (Sent sent : messages) {
      acknowledged(sent, logs.get(sent.room));
    }
    sendingOrder();
    for (Track track : tracks) {
      new Walk(track, logs.get(track.room)).walk();
    }
    return violations;
  }

  private void report(Violation.Kind kind, String where, String what, List<String> evidence) {
    violations.add(new Violation(kind, where, what, evidence));
  }

  /** Notes that a message was seen at a place; both must be the only one for the other. */
  private void note(
      String room,
      String epoch,
      long offset,
      int message,
      String who,
      Supplier<List<String>> evidence) {
    Place place = new Place(room, lossy ? epoch : "", offset);
    if (message == Messages.UNNAMED) {
      return;
    }
    if (message < 0) {
      report(
          Violation.Kind.PHANTOM,
          who,
          "nobody sent what is at " + offset + " in " + room,
          evidence.get());
      return;
    }
    Witness before = places.putIfAbsent(place, new Witness(message, who));
    if (before != null && before.message() != message) {
      List<String> both = new ArrayList<>(evidence.get());
      both.add(before.said() + " has " + messages.get(before.message()));
      both.add(who + " has " + messages.get(message));
      report(Violation.Kind.DISAGREEMENT, who, "two messages at " + offset + " in " + room, both);
    }
    Place other = placeOf.putIfAbsent(message, place);
    if (other != null && !other.equals(place) && other.epoch().equals(place.epoch())) {
      List<String> both = new ArrayList<>(evidence.get());
      both.add(messages.get(message) + " is at " + other.offset() + " and at " + offset);
      report(Violation.Kind.DOUBLED, who, "one message at two places in " + room, both);
    }
  }

  private void acknowledged(Sent sent, @Nullable RoomLog log) {
    Position acked = sent.acked;
    List<String> evidence = List.of(sent.toString());
    if (acked == null) {
      if (!sent.givenUp && !sent.done) {
        report(Violation.Kind.STUCK, sent.room, "never acknowledged", evidence);
      }
      return;
    }
    note(sent.room, acked.epoch(), acked.offset(), sent.index, "the ack", () -> evidence);
    if (log == null) {
      report(Violation.Kind.LOST, sent.room, "the room has no log", evidence);
    } else if (lossy && !log.top().epoch().equals(acked.epoch())) {
      return; // Told by the new epoch; that members were told is checked with what they saw.
    } else if (acked.offset() >= log.from()
        && !(log.has(acked.offset()) && isThere(sent, log.at(acked.offset())))) {
      report(Violation.Kind.LOST, sent.room, "not in the log", evidence);
    }
  }

  /** An edit has lost its text when its message was deleted. */
  private static boolean isThere(Sent sent, int found) {
    return found == sent.index || found == Messages.UNNAMED && sent.kind == Sent.Kind.EDIT;
  }

  /** What a client sent once, on one connection, is in the log in the order sent. */
  private void sendingOrder() {
    Map<String, Sent> last = new HashMap<>();
    for (Sent sent : messages) {
      if (sent.acked == null || sent.attempts != 1) {
        continue;
      }
      Sent before = last.put(sent.client + " " + sent.connection + " " + sent.room, sent);
      if (before == null || before.acked == null) {
        continue;
      }
      boolean sameLog = before.acked.epoch().equals(sent.acked.epoch()) || !lossy;
      if (sameLog && before.acked.offset() >= sent.acked.offset()) {
        report(
            Violation.Kind.REORDERED,
            sent.room,
            "sent one after the other, logged the other way round",
            List.of(before.toString(), sent.toString()));
      }
    }
  }

  /** Goes through what one client saw of one room. Confined to one thread. */
  private final class Walk {
    private final Track track;
    private final @Nullable RoomLog log;
    private @Nullable Position position;
    private int step;

    /** The offsets seen, of the epoch seen last. */
    private final BitSet had = new BitSet();

    /** The offsets seen since it was last told that it would be. */
    private final BitSet heard = new BitSet();

    private String epochOfHad = "";

    /** Whether it is told of a conversation without having joined. */
    private boolean hears;

    private long hearsSince;
    private boolean joined;

    Walk(Track track, @Nullable RoomLog log) {
      this.track = track;
      this.log = log;
    }

    void walk() {
      for (Seen event : track.seen) {
        step++;
        if (event instanceof Seen.Joined joined) {
          joined(joined);
        } else if (event instanceof Seen.Frames frames) {
          frames(frames);
        } else if (event instanceof Seen.Gap gap) {
          gap(gap);
        } else {
          position = null;
          joined = false;
          hears = event instanceof Seen.Hears;
          hearsSince = event.at();
          heard.clear();
        }
      }
      if (hears) {
        toldAll();
      }
      if (position != null && log != null && !position.equals(log.top())) {
        boolean behind = position.offset() < log.top().offset();
        bad(
            behind ? Violation.Kind.LOST : Violation.Kind.EPOCH,
            "stays at " + Seen.text(position) + ", the log is at " + Seen.text(log.top()));
      }
    }

    /** What was sent after it could hear, and was acknowledged, it has heard by now. */
    private void toldAll() {
      for (Sent sent : messages) {
        Position at = sent.acked;
        if (at != null
            && sent.room.equals(track.room)
            && sent.sentAt > hearsSince
            && !heard.get((int) at.offset())) {
          bad(Violation.Kind.LOST, "was never told of " + sent);
        }
      }
    }

    private void joined(Seen.Joined joined) {
      this.joined = true;
      Position at = joined.position();
      Position since = joined.since();
      if (joined.from() + joined.messages().size() != at.offset() + 1) {
        bad(Violation.Kind.HOLE, "the history does not end at the position of joined");
      }
      if (since != null && Boolean.TRUE.equals(joined.recovered())) {
        if (!since.epoch().equals(at.epoch())) {
          bad(Violation.Kind.EPOCH, "recovered from another epoch");
        } else if (joined.from() != since.offset() + 1) {
          bad(
              joined.from() > since.offset() + 1 ? Violation.Kind.HOLE : Violation.Kind.DOUBLED,
              "recovered, but not exactly what was missed");
        }
      } else if (since != null
          && since.epoch().equals(at.epoch())
          && at.offset() - since.offset() <= RECOVERABLE) {
        bad(Violation.Kind.NOT_RECOVERED, "recovered:false for a part that is retained");
      }
      note(joined.messages(), at.epoch(), joined.from());
      position = at;
    }

    private void frames(Seen.Frames frames) {
      Position expected = position;
      if (expected == null && hears) {
        note(frames.messages, frames.epoch, frames.from);
        position = new Position(frames.epoch, frames.last());
        return;
      }
      if (expected == null) {
        bad(Violation.Kind.UNEXPECTED, "frames of a room that it has not joined");
      } else if (!expected.epoch().equals(frames.epoch)
          && !isFirst(expected, frames)
          && !goesOn(expected, frames)) {
        bad(Violation.Kind.EPOCH, "a new epoch without a gap");
      } else if (frames.from > expected.offset() + 1) {
        bad(Violation.Kind.HOLE, "offset " + (expected.offset() + 1) + " is missing");
      } else if (frames.from <= expected.offset()) {
        bad(
            had.get((int) frames.from) ? Violation.Kind.DOUBLED : Violation.Kind.REORDERED,
            "offset " + frames.from + " after " + expected.offset());
      }
      note(frames.messages, frames.epoch, frames.from);
      position = new Position(frames.epoch, frames.last());
    }

    /** A room without a log has no epoch yet; its first frame brings one. */
    private static boolean isFirst(Position expected, Seen.Frames frames) {
      return expected.equals(Position.NONE) && frames.from == 1;
    }

    /** Who has not joined a conversation is told of a new epoch by its first frame. */
    private boolean goesOn(Position expected, Seen.Frames frames) {
      return hears && !joined && !lossy && frames.from == expected.offset() + 1;
    }

    private void gap(Seen.Gap gap) {
      Position at = gap.position();
      Position expected = position;
      boolean newEpoch = expected == null || !expected.epoch().equals(at.epoch());
      if (!newEpoch && gap.from() > at.offset()) {
        bad(Violation.Kind.EPOCH, "a gap that says nothing");
      } else if (!lossy && gap.from() <= at.offset()) {
        bad(Violation.Kind.EPOCH, "a gap, but nothing was lost");
      }
      if (lossy && newEpoch) {
        sameBelow(gap);
      }
      position = at;
    }

    /** What a gap does not name has to be the same in both epochs. */
    private void sameBelow(Seen.Gap gap) {
      String epoch = gap.position().epoch();
      int end = (int) gap.from();
      for (int at = had.nextSetBit(0); at >= 0 && at < end; at = had.nextSetBit(at + 1)) {
        Witness old = places.get(new Place(track.room, epochOfHad, at));
        Witness now = places.get(new Place(track.room, epoch, at));
        if (old != null && now != null && old.message() != now.message()) {
          bad(
              Violation.Kind.EPOCH,
              "offset " + at + " is another message, the gap does not say so");
          return;
        }
      }
    }

    private void note(Indexes indexes, String epoch, long from) {
      if (lossy && !epoch.equals(epochOfHad)) {
        had.clear();
        epochOfHad = epoch;
      }
      had.set((int) from, (int) from + indexes.size());
      heard.set((int) from, (int) from + indexes.size());
      for (int i = 0; i < indexes.size(); i++) {
        Checker.this.note(
            track.room, epoch, from + i, indexes.get(i), track.toString(), this::lastSteps);
      }
    }

    private void bad(Violation.Kind kind, String what) {
      report(kind, track.toString(), what, lastSteps());
    }

    /** The event at hand and what led to it. */
    private List<String> lastSteps() {
      List<String> lines = new ArrayList<>();
      for (Seen event : track.seen.subList(Math.max(0, step - 3), step)) {
        lines.add(track + " " + event);
      }
      return lines;
    }
  }
}
