package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.Position;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpochCheckTest {

  private final Track track = new Track(1, "r");

  private List<Violation.Kind> verdict(long redisKills) {
    return new EpochCheck(redisKills).check(List.of(track)).stream().map(Violation::kind).toList();
  }

  @Test
  void eachKillOfRedisMayBringOneEpoch() {
    track.add(new Seen.Joined(0, null, null, new Position("a", 0), 1, new Indexes()));
    track.frame(0, new Position("a", 1), 0);
    track.add(new Seen.Gap(0, new Position("b", 1), 2));
    assertEquals(List.of(), verdict(1));
    assertEquals(List.of(Violation.Kind.EPOCH), verdict(0));
  }

  @Test
  void aRoomWithoutALogHasNoEpochYet() {
    track.add(new Seen.Joined(0, null, null, Position.NONE, 1, new Indexes()));
    track.frame(0, new Position("a", 1), 0);
    assertEquals(List.of(), verdict(0));
  }
}
