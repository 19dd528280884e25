package dev.roomcast.examples.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Judges who was said to be where. Confined to one thread. */
final class PresenceCheck {

  /** A leave may be told so late, while Redis is away for instance. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A first attempt to join that failed may be taken back so late after the one that did not. */
  private static final long JUST_IN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final List<Person> people;

  PresenceCheck(List<Person> people) {
    this.people = people;
  }

  /** Compares with those who are there what servers answer, and what members were told. */
  List<Violation> ghosts(Map<String, Map<String, String>> answered) {
    Map<String, Set<String>> there = new HashMap<>();
    for (Person person : people) {
      if (!person.stopped()) {
        for (String room : person.rooms()) {
          there.computeIfAbsent(room, any -> new TreeSet<>()).add(person.user());
        }
      }
    }
    List<Violation> violations = new ArrayList<>();
    answered.forEach(
        (room, members) ->
            compare(
                violations,
                "the members of " + room,
                there.getOrDefault(room, Set.of()),
                members.keySet()));
    for (Person person : people) {
      for (Track track : person.tracks()) {
        Set<String> expected = there.getOrDefault(track.room, Set.of());
        if (track.position() != null) {
          compare(violations, "what " + track + " was told", expected, track.roster.keySet());
          if (track.count != expected.size()) {
            violations.add(
                new Violation(
                    Violation.Kind.GHOST,
                    track.toString(),
                    "was told of " + track.count + " users, there are " + expected.size(),
                    List.of()));
          }
        }
      }
    }
    return violations;
  }

  private static void compare(
      List<Violation> violations, String where, Set<String> expected, Set<String> found) {
    if (!expected.equals(found)) {
      Set<String> ghosts = new TreeSet<>(found);
      ghosts.removeAll(expected);
      Set<String> missing = new TreeSet<>(expected);
      missing.removeAll(found);
      violations.add(
          new Violation(
              Violation.Kind.GHOST,
              where,
              "not there: " + ghosts + ", missing: " + missing,
              List.of()));
    }
  }

  /** Finds the leaves that were told though the user was never away for as long as it may. */
  List<Violation> falseLeaves(List<Tally.Leave> leaves, Duration resumeTtl) {
    Map<String, Person> byUser =
        people.stream().collect(Collectors.toMap(Person::user, person -> person, (a, b) -> a));
    long enough = resumeTtl.toNanos() * 9 / 10;
    List<Violation> violations = new ArrayList<>();
    for (Tally.Leave leave : leaves) {
      Person person = byUser.get(leave.user());
      if (person == null || person.stopped()) {
        continue;
      }
      for (Track track : person.tracks()) {
        if (track.room.equals(leave.room()) && !mayHaveLeft(track, leave, enough)) {
          violations.add(
              new Violation(
                  Violation.Kind.PRESENCE,
                  "client " + leave.observer() + " in " + leave.room(),
                  "was told that " + leave.user() + " left, who had not",
                  last(track, leave.at())));
        }
      }
    }
    return violations;
  }

  private static boolean mayHaveLeft(Track track, Tally.Leave leave, long enough) {
    // Others may hear of a leave before the one who left, who may be gone before it reads of it.
    if (track.askedToLeave.stream()
        .anyMatch(asked -> asked < leave.at() && leave.at() - asked < LATE_NANOS)) {
      return true;
    }
    boolean in = false;
    long awaySince = leave.at();
    boolean away = false;
    for (Seen seen : track.seen) {
      if (seen.at() > leave.at()) {
        break;
      }
      if (seen instanceof Seen.Away) {
        away = true;
        awaySince = seen.at();
      } else if (seen instanceof Seen.Left) {
        in = false;
        away = false;
      } else if (seen instanceof Seen.Joined joined) {
        if (away && seen.at() - awaySince > enough && seen.at() > leave.at() - LATE_NANOS) {
          return true;
        }
        in = in || joined.since() != null || leave.at() - seen.at() > JUST_IN_NANOS;
        away = false;
      }
    }
    // Who is not in yet may have been in for a moment: a join that fails is taken back.
    return !in || away && leave.at() - awaySince > enough;
  }

  private static List<String> last(Track track, long until) {
    List<String> lines = new ArrayList<>();
    for (Seen seen : track.seen) {
      if (!(seen instanceof Seen.Frames)) {
        lines.add(
            String.format(
                java.util.Locale.ROOT, "%+.2f s: %s %s", (seen.at() - until) / 1e9, track, seen));
      }
    }
    return lines.subList(Math.max(0, lines.size() - 6), lines.size());
  }
}
