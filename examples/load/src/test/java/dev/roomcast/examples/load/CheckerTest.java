package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The checker on histories that are right, and on each kind of broken one. */
class CheckerTest {

  private static final String ROOM = "r";
  private final List<Sent> messages = new ArrayList<>();
  private final Track track = new Track(1, ROOM);
  private boolean lossy;

  /** Messages 0, 1, 2 ... of one client, acknowledged at 1, 2, 3 ... */
  private void acknowledged(int count) {
    for (int i = 0; i < count; i++) {
      Sent sent = new Sent(i, 1, ROOM, "k" + i, 0);
      sent.attempts = 1;
      sent.connection = 1;
      sent.acked = new Position("e", i + 1);
      messages.add(sent);
    }
  }

  private void joined(
      @Nullable Position since, @Nullable Boolean recovered, long at, int... history) {
    joined("e", since, recovered, at, history);
  }

  private void joined(
      String epoch,
      @Nullable Position since,
      @Nullable Boolean recovered,
      long at,
      int... history) {
    Position position = new Position(epoch, at);
    long from = at - history.length + 1;
    track.add(new Seen.Joined(0, since, recovered, position, from, Indexes.of(history)));
  }

  private void frame(long offset, int message) {
    track.frame(0, new Position("e", offset), message);
  }

  private static Position at(long offset) {
    return new Position("e", offset);
  }

  private Set<Violation.Kind> verdict(RoomLog log) {
    return new Checker(messages, lossy)
        .check(List.of(track), Map.of(ROOM, log)).stream()
            .map(Violation::kind)
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<Violation.Kind> verdict(int... log) {
    return verdict(new RoomLog(ROOM, at(log.length), 1, Indexes.of(log)));
  }

  @Test
  void historyThenLiveThenRecoveryIsKept() {
    acknowledged(5);
    joined(null, null, 1, 0);
    frame(2, 1);
    track.add(new Seen.Away(0, 1006));
    joined(at(2), true, 4, 2, 3);
    frame(5, 4);
    assertEquals(Set.of(), verdict(0, 1, 2, 3, 4));
  }

  @Test
  void whoLeftMayMissTheRest() {
    acknowledged(2);
    joined(null, null, 1, 0);
    track.add(new Seen.Left(0, "left"));
    assertEquals(Set.of(), verdict(0, 1));
  }

  @Test
  void anAcknowledgedMessageThatIsNotInTheLogIsLost() {
    acknowledged(2);
    joined(null, null, 1, 0);
    assertEquals(Set.of(Violation.Kind.LOST), verdict(0));
  }

  @Test
  void aMemberThatNeverGotTheEndOfTheLogLostIt() {
    acknowledged(2);
    joined(null, null, 1, 0);
    assertEquals(Set.of(Violation.Kind.LOST), verdict(0, 1));
  }

  @Test
  void anOffsetThatIsLeftOutIsAHole() {
    acknowledged(3);
    joined(null, null, 1, 0);
    frame(3, 2);
    assertEquals(Set.of(Violation.Kind.HOLE), verdict(0, 1, 2));
  }

  @Test
  void aFrameThatComesTwiceIsADouble() {
    acknowledged(2);
    joined(null, null, 1, 0);
    frame(2, 1);
    frame(2, 1);
    assertEquals(Set.of(Violation.Kind.DOUBLED), verdict(0, 1));
  }

  @Test
  void aFrameThatComesLateIsReordered() {
    acknowledged(3);
    joined(null, null, 1, 0);
    frame(3, 2);
    frame(2, 1);
    assertTrue(verdict(0, 1, 2).contains(Violation.Kind.REORDERED));
  }

  @Test
  void aMessageThatIsLoggedTwiceIsADouble() {
    acknowledged(2);
    joined(null, null, 1, 0);
    frame(2, 1);
    frame(3, 0);
    assertEquals(Set.of(Violation.Kind.DOUBLED), verdict(0, 1, 0));
  }

  @Test
  void whatNobodySentIsAPhantom() {
    acknowledged(1);
    joined(null, null, 1, 0);
    frame(2, -1);
    assertEquals(Set.of(Violation.Kind.PHANTOM), verdict(0, -1));
  }

  @Test
  void twoMembersThatSeeOneOffsetDifferentlyDisagree() {
    acknowledged(2);
    joined(null, null, 1, 0);
    frame(2, 0);
    assertTrue(verdict(0, 1).contains(Violation.Kind.DISAGREEMENT));
  }

  @Test
  void whatWasSentInOrderIsLoggedInOrder() {
    acknowledged(2);
    messages.get(0).acked = at(2);
    messages.get(1).acked = at(1);
    joined(null, null, 2, 1, 0);
    assertEquals(Set.of(Violation.Kind.REORDERED), verdict(1, 0));
    messages.get(0).attempts = 2;
    assertEquals(Set.of(), verdict(1, 0));
  }

  @Test
  void whatWasNeverAcknowledgedIsStuckUnlessItWasGivenUp() {
    acknowledged(1);
    messages.get(0).acked = null;
    assertEquals(Set.of(Violation.Kind.STUCK), verdict());
    messages.get(0).givenUp = true;
    assertEquals(Set.of(), verdict());
  }

  @Test
  void recoveredWithLessThanWasMissedIsAHole() {
    acknowledged(3);
    joined(null, null, 1, 0);
    track.add(new Seen.Away(0, 1006));
    joined(at(1), true, 3, 2);
    assertEquals(Set.of(Violation.Kind.HOLE), verdict(0, 1, 2));
  }

  @Test
  void recoveredWithMoreThanWasMissedIsADouble() {
    acknowledged(2);
    joined(null, null, 1, 0);
    track.add(new Seen.Away(0, 1006));
    joined(at(1), true, 2, 0, 1);
    assertEquals(Set.of(Violation.Kind.DOUBLED), verdict(0, 1));
  }

  @Test
  void notRecoveredThoughRetainedIsBroken() {
    acknowledged(2);
    joined(null, null, 1, 0);
    track.add(new Seen.Away(0, 1006));
    joined(at(1), false, 2, 0, 1);
    assertEquals(Set.of(Violation.Kind.NOT_RECOVERED), verdict(0, 1));
  }

  @Test
  void aNewEpochWithoutAGapIsBroken() {
    acknowledged(1);
    joined("old", null, null, 0);
    frame(1, 0);
    assertEquals(Set.of(Violation.Kind.EPOCH), verdict(0));
  }

  @Test
  void aGapOfNothingEndsAnEpochWithoutLoss() {
    acknowledged(2);
    joined("old", null, null, 1, 0);
    track.add(new Seen.Gap(0, at(1), 2));
    frame(2, 1);
    assertEquals(Set.of(), verdict(0, 1));
  }

  @Test
  void aGapWhereNothingWasLostIsBroken() {
    acknowledged(2);
    joined("old", null, null, 1, 0);
    track.add(new Seen.Gap(0, at(1), 1));
    frame(2, 1);
    assertEquals(Set.of(Violation.Kind.EPOCH), verdict(0, 1));
  }

  @Test
  void aStoreThatMayLoseHasToSaySo() {
    lossy = true;
    acknowledged(2);
    messages.get(0).acked = new Position("old", 1);
    messages.get(1).acked = at(1);
    joined("old", null, null, 1, 0);
    frame(1, 1);
    assertEquals(Set.of(Violation.Kind.EPOCH), verdict(1));
    track.seen.add(1, new Seen.Gap(0, at(0), 1));
    assertEquals(Set.of(), verdict(1));
  }

  @Test
  void aGapThatNamesTooLittleIsBroken() {
    lossy = true;
    acknowledged(2);
    messages.get(0).acked = new Position("old", 1);
    messages.get(1).acked = at(1);
    joined("old", null, null, 1, 0);
    track.add(new Seen.Gap(0, at(1), 2));
    assertEquals(Set.of(Violation.Kind.EPOCH), verdict(1));
  }

  @Test
  void framesWithoutJoinedHaveNoReason() {
    acknowledged(1);
    frame(1, 0);
    assertEquals(Set.of(Violation.Kind.UNEXPECTED), verdict(0));
  }

  @Test
  void theEvidenceIsWhatLedToIt() {
    acknowledged(3);
    joined(null, null, 1, 0);
    frame(3, 2);
    Violation hole =
        new Checker(messages, false)
            .check(List.of(track), Map.of(ROOM, new RoomLog(ROOM, at(3), 1, Indexes.of(0, 1, 2))))
            .get(0);
    assertEquals("client 1 in r", hole.where());
    assertEquals(
        List.of(
            "client 1 in r joined at 1@e with 1 frames from 1",
            "client 1 in r frames 3@e: messages [2]"),
        hole.evidence());
  }
}
