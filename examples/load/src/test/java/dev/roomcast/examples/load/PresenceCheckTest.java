package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Times are in seconds; a session may be resumed for ten. */
class PresenceCheckTest {

  private static final Duration TTL = Duration.ofSeconds(10);

  private final Track ann = track(1);
  private final Track bob = track(2);
  private final List<Person> people = new ArrayList<>();

  private static Track track(int client) {
    Track track = new Track(client, "r");
    joined(track, 0);
    return track;
  }

  private static void joined(Track track, int at) {
    track.add(new Seen.Joined(nanos(at), null, null, new Position("e", 0), 1, new Indexes()));
  }

  private static long nanos(int seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private void bothAreIn() {
    people.add(new Person("ann", false, List.of("r"), List.of(ann)));
    people.add(new Person("bob", false, List.of("r"), List.of(bob)));
  }

  private void told(Track track, String... users) {
    for (String user : users) {
      track.roster.put(user, user);
    }
    track.count = users.length;
  }

  private List<Violation> ghosts(String... answered) {
    Map<String, String> members = new TreeMap<>();
    for (String user : answered) {
      members.put(user, user);
    }
    return new PresenceCheck(people).ghosts(Map.of("r", members));
  }

  private List<Violation> leave(int at) {
    return new PresenceCheck(people)
        .falseLeaves(List.of(new Tally.Leave(nanos(at), "r", "bob", 1)), TTL);
  }

  @Test
  void whoIsThereIsSaidToBeThere() {
    bothAreIn();
    told(ann, "ann", "bob");
    told(bob, "ann", "bob");
    assertEquals(List.of(), ghosts("ann", "bob"));
  }

  @Test
  void aGhostInTheStoreIsFound() {
    bothAreIn();
    told(ann, "ann", "bob");
    told(bob, "ann", "bob");
    Violation ghost = ghosts("ann", "bob", "cid").get(0);
    assertEquals("not there: [cid], missing: []", ghost.what());
  }

  @Test
  void aMemberThatWasNotToldIsFound() {
    bothAreIn();
    told(ann, "ann");
    told(bob, "ann", "bob");
    List<Violation> found = ghosts("ann", "bob");
    assertEquals("not there: [], missing: [bob]", found.get(0).what());
    assertTrue(found.get(1).what().contains("told of 1 users, there are 2"), found::toString);
  }

  @Test
  void whoIsGoneForGoodIsAGhost() {
    people.add(new Person("ann", false, List.of("r"), List.of(ann)));
    bob.add(new Seen.Away(nanos(1), 1000));
    people.add(new Person("bob", true, List.of("r"), List.of(bob)));
    told(ann, "ann", "bob");
    assertEquals("not there: [bob], missing: []", ghosts("ann").get(0).what());
  }

  @Test
  void aLeaveOfSomebodyWhoIsThereIsFalse() {
    bothAreIn();
    assertEquals(Violation.Kind.PRESENCE, leave(5).get(0).kind());
  }

  @Test
  void aLeaveDuringAShortBreakIsFalse() {
    bothAreIn();
    bob.add(new Seen.Away(nanos(3), 1006));
    joined(bob, 8);
    assertEquals(1, leave(7).size());
    assertEquals(1, leave(9).size());
  }

  @Test
  void aLeaveAfterALongBreakIsTrue() {
    bothAreIn();
    bob.add(new Seen.Away(nanos(3), 1006));
    joined(bob, 15);
    assertEquals(List.of(), leave(14));
    assertEquals(List.of(), leave(16));
  }

  @Test
  void aLeaveThatWasAskedForIsTrueAlsoWhenNobodyReadTheAnswer() {
    bothAreIn();
    bob.askedToLeave.add(nanos(4));
    assertEquals(List.of(), leave(5));
    assertEquals(1, leave(3).size());
  }

  @Test
  void aJoinThatFailedIsTakenBack() {
    Track late = new Track(2, "r");
    people.add(new Person("bob", false, List.of("r"), List.of(late)));
    assertEquals(List.of(), leave(5));
    joined(late, 4);
    assertEquals(List.of(), leave(5));
    assertEquals(1, leave(7).size());
  }
}
