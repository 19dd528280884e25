package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a log in memory keeps. */
class InMemoryLogTest {

  private final ManualClock clock = new ManualClock();
  private final InMemoryLog log =
      new InMemoryLog("room", Limits.DEFAULTS.retention(), clock, () -> "epoch");

  private void say(String author) {
    Json body = Json.of("text", "hello");
    log.publish(
        new Draft(body, clock.millis(), null).by(author), List.of(), (draft, publication) -> {});
  }

  @Test
  void marksAreKeptOfThoseWhoReadOrWroteLast() {
    say("ann");
    say("bob");
    for (int i = 2; i < InMemoryLog.MARKS; i++) {
      say("user " + i);
    }
    assertEquals(true, log.unread("ann").marked());
    log.markRead("ann", InMemoryLog.MARKS);
    say("one more");
    assertEquals(new Broker.Unread(true, 1), log.unread("ann"));
    assertEquals(false, log.unread("bob").marked(), "the one that was not moved for longest");
    assertEquals(true, log.unread("user 2").marked());
  }

  private Ack say(String author, String key) {
    Draft draft = new Draft(Json.of("text", "hello"), clock.millis(), key).by(author);
    InMemoryLog.Outcome outcome = log.publish(draft, List.of(), (each, publication) -> {});
    return Objects.requireNonNull(Objects.requireNonNull(outcome).ack());
  }

  @Test
  void aKeyIsKnownForTenMinutesAtLeastAndNotForEver() {
    for (int minute = 0; minute < 20; minute++) {
      String key = "key" + minute;
      assertFalse(say("ann", key).duplicate());
      clock.advance(Duration.ofMinutes(9));
      say("bob", "something" + minute);
      clock.advanceSeconds(59);
      assertTrue(say("ann", key).duplicate(), key);
    }
    say("ann", "old");
    clock.advance(Duration.ofMinutes(21));
    assertFalse(say("ann", "old").duplicate());
  }
}
