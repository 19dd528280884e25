package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the application is told of messages that did not reach a member. */
class UndeliveredTest {

  private final StillNodes nodes = new StillNodes();
  private final HeldWay way = new HeldWay();
  private final List<Undelivered> told = new ArrayList<>();
  private final List<String> leaves = new ArrayList<>();
  private final ChatNode here = start(backend -> new FarBackend(backend, way));
  private final ChatNode there = start(backend -> backend);
  private final Client ann = Client.connect(there, "Ann");

  private ChatNode start(UnaryOperator<Backend> wrapper) {
    ChatListener listener =
        new ChatListener() {
          @Override
          public void onLeave(ClientSession session, String room) {
            leaves.add(room);
          }

          @Override
          public void onUndelivered(Undelivered undelivered) {
            told.add(undelivered);
          }
        };
    return nodes.start(StillNodes.LIMITS, wrapper, builder -> builder.listener(listener));
  }

  @AfterEach
  void closeNodes() {
    way.goOn();
    nodes.close();
  }

  private void say(String room, int messages) {
    if (!ann.session.rooms().contains(room)) {
      ann.join(room);
    }
    for (int i = 0; i < messages; i++) {
      ann.say(room, "m" + i);
    }
  }

  private void timeIsOver() {
    nodes.clock.advance(StillNodes.LIMITS.resumeTtl());
  }

  private Undelivered only() {
    assertEquals(1, told.size(), told::toString);
    return told.get(0);
  }

  private static void is(Undelivered found, Client client, String room, long last, long newest) {
    assertEquals(client.session.user(), found.session().user());
    assertEquals(client.session.id(), found.session().id());
    assertEquals(room, found.room());
    assertEquals(newest, found.newest().offset());
    assertEquals(found.newest().at(last), found.last());
  }

  @Test
  void whoDoesNotComeBackIsToldOfOncePerRoomWithWhatItGot() {
    Client bob = Client.connect(here, "Bob");
    for (String room : List.of("a", "b", "quiet")) {
      bob.join(room);
    }
    say("a", 3);
    say("b", 1);
    say("quiet", 1);
    bob.session.closed(1006);
    say("a", 4);
    say("b", 2);
    assertTrue(told.isEmpty(), "it may come back");
    timeIsOver();
    assertEquals(2, told.size(), told::toString);
    told.sort((x, y) -> x.room().compareTo(y.room()));
    is(told.get(0), bob, "a", 3, 7);
    is(told.get(1), bob, "b", 1, 3);
    assertEquals(List.of(1006, 1006), told.stream().map(Undelivered::code).toList());
    assertTrue(leaves.containsAll(List.of("a", "b", "quiet")));
  }

  @Test
  void whoIsTooSlowIsToldOfWithWhatWasWritten() {
    Client slow = Client.connect(here, "Slow");
    slow.join("a");
    say("a", 2);
    slow.transport.stall();
    String text = "x".repeat(3_000);
    for (int i = 0; i < 400; i++) {
      ann.say("a", text);
    }
    assertEquals(4013, slow.transport.closeCode());
    timeIsOver();
    is(only(), slow, "a", 2, 402);
    assertEquals(4013, only().code());
  }

  @Test
  void whatWasWrittenMeanwhileCounts() {
    Client slow = Client.connect(here, "Slow");
    slow.join("a");
    slow.transport.stall();
    say("a", 1);
    slow.transport.writeOne();
    say("a", 3); // the first of these is in flight, the others wait
    slow.session.closed(1006);
    timeIsOver();
    is(only(), slow, "a", 1, 4);
  }

  @Test
  void whoseJoinedWasNotWrittenIsWhereItSaid() {
    Client bob = Client.connect(here, "Bob");
    say("a", 5);
    JsonObject at = bob.join("a");
    bob.session.closed(1006);
    say("a", 2);
    Client again = Client.resume(here, bob.resumeSecret());
    again.transport.stall();
    again.send("{'type':'ping'}"); // whose answer does not get away
    again.send("{'type':'join','room':'a','since':{'offset':4,'epoch':" + at.get("epoch") + "}}");
    assertTrue(again.session.rooms().contains("a"));
    again.session.closed(1006);
    timeIsOver();
    is(only(), again, "a", 4, 7);
  }

  @Test
  void whoCameBackAndClaimedNothingIsWhereItWas() {
    Client bob = Client.connect(here, "Bob");
    bob.join("a");
    say("a", 1);
    bob.session.closed(1006);
    say("a", 1);
    Client again = Client.resume(here, bob.resumeSecret());
    again.session.closed(1001);
    timeIsOver();
    is(only(), again, "a", 1, 2);
    assertEquals(1001, only().code());
  }

  @Test
  void howFarItGotIsNotKnownOnTheOtherNodeUntilItIsClaimed() {
    Client bob = Client.connect(here, "Bob");
    bob.join("a");
    say("a", 1);
    bob.session.closed(1006);
    Client again = Client.resume(there, bob.resumeSecret());
    again.session.closed(1006);
    timeIsOver();
    assertNull(only().last());
    assertEquals(1, only().newest().offset());
  }

  @Test
  void nothingIsToldOfWhoGoesOnHereOrElsewhereLeavesOrSaysGoodbye() {
    Client here1 = Client.connect(here, "Here");
    Client elsewhere = Client.connect(here, "Elsewhere");
    Client leaves = Client.connect(here, "Leaves");
    Client bye = Client.connect(here, "Bye");
    Client alone = Client.connect(here, "Alone");
    for (Client client : List.of(here1, elsewhere, leaves, bye)) {
      client.join("a");
    }
    alone.join("alone");
    JsonObject joined = here1.last("joined");
    here1.session.closed(1006);
    elsewhere.session.closed(1006);
    leaves.send("{'type':'leave','room':'a'}");
    leaves.session.closed(1006);
    bye.transport.stall();
    bye.session.closed(1000);
    alone.session.closed(1006);
    say("a", 3);
    Client.resume(here, here1.resumeSecret()).join("a", joined);
    Client.resume(there, elsewhere.resumeSecret()).join("a", joined);
    timeIsOver();
    assertEquals(List.of(), told);
  }

  @Test
  void whoIsDisconnectedIsToldOfAtOnce() {
    Client bob = Client.connect(here, "Bob");
    bob.join("a");
    bob.transport.stall();
    say("a", 2);
    bob.session.disconnect();
    is(only(), bob, "a", 0, 2);
    assertEquals(4003, only().code());
  }

  @Test
  void whoDidNotGoOnElsewhereIsToldOfWhenTheNodeIsClosed() {
    Client stays = Client.connect(here, "Stays");
    Client goes = Client.connect(here, "Goes");
    stays.join("a");
    JsonObject joined = goes.join("a");
    here.startDrain(Duration.ofSeconds(2));
    nodes.clock.advanceSeconds(1);
    assertEquals(1001, stays.transport.closeCode());
    stays.session.closed(1001);
    goes.session.closed(1001);
    say("a", 2);
    Client.resume(there, goes.resumeSecret()).join("a", joined);
    assertFalse(here.stop().toCompletableFuture().isCompletedExceptionally());
    is(only(), stays, "a", 0, 2);
    assertEquals(1001, only().code());
  }

  @Test
  void aNewLogIsToldAndOneThatOnlyHasANewEpochIsNot() {
    Client bob = Client.connect(here, "Bob");
    Client eve = Client.connect(here, "Eve");
    bob.join("a");
    eve.join("b");
    say("a", 3);
    say("b", 3);
    bob.session.closed(1006);
    eve.session.closed(1006);
    nodes.store.loseTail("a", 0);
    nodes.store.loseTail("b", 0);
    say("b", 1);
    timeIsOver();
    assertEquals("b", only().room());
  }

  @Test
  void nothingIsToldOfWhoWentOnElsewhereUnheard() {
    Client bob = Client.connect(here, "Bob");
    bob.join("a");
    bob.session.closed(1006);
    say("a", 1);
    way.deaf();
    Client.resume(there, bob.resumeSecret()).join("a");
    timeIsOver();
    assertEquals(List.of("a"), leaves, "this node does not know");
    assertEquals(List.of(), told);
  }

  @Test
  void aStoreThatIsAwayIsAskedUntilItAnswers() {
    Client bob = Client.connect(here, "Bob");
    bob.join("a");
    bob.session.closed(1006);
    say("a", 1);
    way.refuse("history");
    timeIsOver();
    assertEquals(List.of(), told);
    way.goOn();
    nodes.clock.advanceSeconds(1);
    is(only(), bob, "a", 0, 1);
  }
}
