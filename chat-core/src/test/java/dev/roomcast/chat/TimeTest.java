package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node does to connections, sessions and rooms by the clock, without waiting for it. */
class TimeTest {

  private static final Limits LIMITS = StillNodes.LIMITS;

  private final StillNodes nodes = new StillNodes();
  private final ManualClock clock = nodes.clock;
  private final ChatNode here = nodes.start(LIMITS);

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private static List<String> changes(Client client, String field) {
    return client.transport.frames("presence").stream()
        .flatMap(frame -> frame.getAsJsonArray(field).asList().stream())
        .map(user -> user.getAsJsonObject().get("name").getAsString())
        .toList();
  }

  @Test
  void aQuietConnectionIsPingedOncePerHeartbeatAndThenClosed() {
    Client ann = Client.connect(here, "Ann");
    clock.advanceSeconds(25);
    assertEquals(0, ann.transport.pings());
    clock.advanceSeconds(1);
    assertEquals(1, ann.transport.pings());
    clock.advanceSeconds(36);
    assertEquals(2, ann.transport.pings());
    assertEquals(0, ann.transport.closeCode(), "2.5 heartbeats have just gone by");
    clock.advanceSeconds(1);
    assertEquals(4008, ann.transport.closeCode());
    assertEquals(0, here.stats().connections());
  }

  @Test
  void aSignOfLifeIsAsGoodAsAFrame() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    for (int i = 0; i < 10; i++) {
      clock.advanceSeconds(20);
      ann.session.alive();
      bob.send("{'type':'ping'}");
    }
    assertEquals(0, ann.transport.closeCode() + bob.transport.closeCode());
    assertEquals(0, ann.transport.pings() + bob.transport.pings());
  }

  @Test
  void typingEndsByItselfAfterSixSeconds() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    ann.send("{'type':'typing','room':'general','active':true}");
    clock.advanceSeconds(4);
    ann.send("{'type':'typing','room':'general','active':true}");
    clock.advanceSeconds(5.9);
    assertEquals(List.of(true, true), typing(ann));
    clock.advanceSeconds(0.1);
    assertEquals(List.of(true, true, false), typing(ann));
    clock.advanceSeconds(20);
    assertEquals(3, ann.count("typing"), "it ends once");
  }

  @Test
  void whoSaysSomethingOrGoesIsNotTypingAnyMore() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    bob.join("general");
    bob.send("{'type':'typing','room':'general','active':true}");
    bob.say("general", "hello");
    assertEquals(List.of(true, false), typing(ann));
    bob.send("{'type':'typing','room':'general','active':true}");
    bob.session.closed(1006);
    assertEquals(List.of(true, false, true, false), typing(ann));
    clock.advanceSeconds(10);
    assertEquals(4, ann.count("typing"));
  }

  private static List<Boolean> typing(Client client) {
    return client.transport.frames("typing").stream()
        .map(frame -> frame.get("active").getAsBoolean())
        .toList();
  }

  @Test
  void aSessionThatIsNotResumedLeavesOnceWhenItsTimeIsOver() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    bob.join("general");
    String resume = bob.resumeSecret();
    bob.session.closed(1006);
    clock.advanceSeconds(59.9);
    assertEquals(List.of(), changes(ann, "left"));
    clock.advanceSeconds(0.4);
    assertEquals(List.of("Bob"), changes(ann, "left"));
    clock.advanceSeconds(100);
    assertEquals(List.of("Bob"), changes(ann, "left"));
    Client again = Client.resume(here, resume);
    assertFalse(again.transport.only("welcome").get("resumed").getAsBoolean());
  }

  @Test
  void aSessionThatIsResumedInTimeNeverLeaves() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    JsonObject at = bob.join("general");
    for (int i = 0; i < 3; i++) {
      bob.session.closed(1006);
      clock.advanceSeconds(59.9);
      bob = Client.resume(here, bob.resumeSecret());
      assertTrue(bob.join("general", at).get("recovered").getAsBoolean());
      clock.advanceSeconds(1);
    }
    clock.advanceSeconds(60);
    assertEquals(List.of(), changes(ann, "left"));
  }

  @Test
  void roomsThatAResumedSessionDoesNotClaimAreLeft() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    ann.join("random");
    bob.join("general");
    bob.join("random");
    bob.session.closed(1006);
    Client again = Client.resume(here, bob.resumeSecret());
    again.join("general");
    clock.advanceSeconds(59);
    again.session.alive();
    assertEquals(List.of(), changes(ann, "left"));
    clock.advanceSeconds(2);
    JsonObject left = ann.last("presence");
    assertEquals("random", left.get("room").getAsString());
    assertEquals(List.of("Bob"), changes(ann, "left"));
    again.say("random", "x");
    assertEquals("not_in_room", again.last("error").get("code").getAsString());
    again.say("general", "x");
    assertEquals("general", ann.last("message").get("room").getAsString());
  }

  @Test
  void aWriteThatTakesTooLongIsTheEndOfItsConnection() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    ann.transport.stall();
    ann.say("general", "x");
    clock.advanceSeconds(10);
    assertEquals(0, ann.transport.closeCode());
    clock.advanceSeconds(1);
    assertEquals(4013, ann.transport.closeCode());
    assertEquals(1, here.stats().tooSlow());
  }

  @Test
  void theWriteTimeoutIsPerWrite() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    ann.transport.stall();
    for (int i = 0; i < 10; i++) {
      ann.say("general", "x");
      clock.advanceSeconds(6);
      ann.transport.writeOne();
    }
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  void changesOfPresenceWithinAnIntervalComeTogether() {
    ChatNode there = nodes.start(LIMITS);
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    clock.advanceSeconds(1);
    int before = ann.count("presence");
    List<Client> others =
        IntStream.range(0, 5).mapToObj(i -> Client.connect(there, "User" + i)).toList();
    others.forEach(client -> client.join("general"));
    others.get(0).send("{'type':'leave','room':'general'}");
    assertEquals(before, ann.count("presence"));
    clock.advance(LIMITS.presenceInterval());
    assertEquals(before + 1, ann.count("presence"));
    JsonObject frame = ann.last("presence");
    assertEquals(4, frame.getAsJsonArray("joined").size(), "one came and went unseen");
    assertEquals(0, frame.getAsJsonArray("left").size());
    assertEquals(5, frame.get("count").getAsInt());
    clock.advanceSeconds(10);
    assertEquals(before + 1, ann.count("presence"));
  }

  @Test
  void anEmptyRoomStaysSubscribedForAWhile() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    ann.send("{'type':'leave','room':'general'}");
    clock.advanceSeconds(1.9);
    assertEquals(1, here.stats().rooms());
    ann.join("general");
    ann.send("{'type':'leave','room':'general'}");
    clock.advanceSeconds(1.9);
    assertEquals(1, here.stats().rooms(), "the time begins anew");
    clock.advanceSeconds(0.2);
    assertEquals(0, here.stats().rooms());
    ann.join("general");
    ann.say("general", "heard");
    assertEquals("heard", ann.last("message").get("text").getAsString());
  }

  @Test
  void whoSendsTooMuchIsToldWhenToSendAgain() {
    ChatNode strict =
        nodes.start(LIMITS.toBuilder().commandsPerSecond(10).commandsBurst(20).build());
    Client ann = Client.connect(strict, "Ann");
    IntStream.range(0, 21).forEach(i -> ann.send("{'type':'ping','id':" + i + "}"));
    assertEquals(20, ann.count("pong"));
    JsonObject refused = ann.last("error");
    assertEquals("rate_limited", refused.get("code").getAsString());
    assertEquals(20, refused.get("re").getAsInt());
    clock.advance(Duration.ofMillis(refused.get("retryAfter").getAsLong() - 1));
    ann.send("{'type':'ping'}");
    assertEquals(20, ann.count("pong"));
    clock.advance(Duration.ofMillis(1));
    ann.send("{'type':'ping'}");
    assertEquals(21, ann.count("pong"));
    assertEquals(2, strict.stats().rateLimited());
  }

  @Test
  void whoDoesNotStopSendingTooMuchIsClosed() {
    ChatNode strict =
        nodes.start(LIMITS.toBuilder().commandsPerSecond(10).commandsBurst(20).build());
    Client ann = Client.connect(strict, "Ann");
    IntStream.range(0, 1_020).forEach(i -> ann.send("{'type':'ping'}"));
    assertEquals(0, ann.transport.closeCode());
    ann.send("{'type':'ping'}");
    assertEquals(1008, ann.transport.closeCode());
    assertEquals(0, strict.stats().connections());
  }

  @Test
  void theUsersOfADeadNodeLeaveOnceAndNotBeforeTheyCouldHaveComeBack() {
    ChatNode dying = nodes.start(LIMITS);
    ChatNode other = nodes.start(LIMITS);
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    Client bob = Client.connect(dying, "Bob");
    Client cleo = Client.connect(dying, "Cleo");
    JsonObject at = bob.join("general");
    cleo.join("general");
    nodes.kill(dying);
    for (int i = 0; i < 3; i++) {
      clock.advanceSeconds(23);
      ann.session.alive();
    }
    assertEquals(List.of(), changes(ann, "left"));
    Client again = Client.resume(other, cleo.resumeSecret());
    assertTrue(again.join("general", at).get("recovered").getAsBoolean());
    clock.advanceSeconds(2.5);
    assertEquals(List.of("Bob"), changes(ann, "left"));
    clock.advanceSeconds(20);
    assertEquals(List.of("Bob"), changes(ann, "left"));
    assertEquals(1, here.stats().reaped() + other.stats().reaped());
    Client late = Client.resume(here, bob.resumeSecret());
    assertFalse(late.transport.only("welcome").get("resumed").getAsBoolean());
  }
}
