package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Order, dedupe, repair and joining of one room, with a store that answers when it is told to. */
class RoomTest {

  private static final Limits LIMITS =
      StillNodes.LIMITS.toBuilder().historyCount(20_000).outboxBytes(16 << 20).build();

  private final StillNodes nodes = new StillNodes();
  private final HeldWay way = new HeldWay();
  private final ChatNode node = nodes.start(LIMITS, backend -> new FarBackend(backend, way));
  private final ChatNode elsewhere = nodes.start(LIMITS);
  private final Client ann = Client.connect(node, "Ann");

  @AfterEach
  void closeNodes() {
    way.goOn();
    nodes.close();
  }

  /** Publishes at the other node. */
  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      elsewhere.room("room").publish("e", Json.value(i));
    }
  }

  private static List<Long> range(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  /** The offsets of the history of the last join, and of everything live. */
  private static List<Long> seen(Client client) {
    List<Long> seen = new ArrayList<>();
    for (JsonElement frame : client.last("joined").getAsJsonArray("history")) {
      seen.add(frame.getAsJsonObject().get("offset").getAsLong());
    }
    seen.addAll(live(client));
    return seen;
  }

  private static List<Long> live(Client client) {
    return client.transport.frames("event").stream()
        .map(frame -> frame.get("offset").getAsLong())
        .toList();
  }

  private static void ask(Client client) {
    client.send("{'type':'join','room':'room'}");
  }

  @Test
  void announcementsInAnyOrderAndDoubledAreDeliveredInOrderAndOnce() {
    ann.join("room");
    List<Publication> unheard = way.deaf();
    publish(6);
    List<Publication> shuffled = new ArrayList<>(unheard);
    Collections.reverse(shuffled);
    way.announce(shuffled);
    way.announce(unheard);
    assertEquals(range(1, 6), live(ann));
    assertTrue(node.stats().duplicatesDropped() >= 6);
    assertEquals(1, node.stats().repairs(), "the first hole found all of them in the log");
  }

  @Test
  void whatWasNotHeardIsReadFromTheLog() {
    ann.join("room");
    way.deaf();
    publish(3);
    assertEquals(List.of(), live(ann));
    way.hear();
    publish(1);
    assertEquals(range(1, 4), live(ann));
    assertEquals(1, node.stats().repairs());
    assertEquals(0, node.stats().gaps());
  }

  @Test
  void aRepairThatIsRefusedIsTriedAgain() {
    ann.join("room");
    way.deaf();
    publish(3);
    way.hear();
    way.refuse("history");
    publish(1);
    nodes.clock.advanceSeconds(2);
    assertEquals(List.of(), live(ann));
    way.goOn();
    nodes.clock.advance(ChatNode.RETRY);
    assertEquals(range(1, 4), live(ann));
  }

  @Test
  void aGapIsRepairedWithoutAnotherAnnouncement() {
    ann.join("room");
    way.deaf();
    publish(1_200);
    way.listener().onGap("room");
    assertEquals(range(1, 1_200), live(ann), "read page by page");
  }

  @Test
  void aJoinerGetsItsHistoryThenWhatWasPublishedWhileItWasRead() {
    publish(3);
    way.hold("history");
    ask(ann);
    publish(4);
    assertEquals(0, ann.count("joined"));
    way.goOn();
    assertEquals(range(1, 7), seen(ann));
    publish(1);
    assertEquals(range(1, 8), seen(ann));
  }

  @Test
  void whatIsPublishedWhileTheRoomIsSubscribedToIsNotLost() {
    publish(2);
    way.hold("subscribe");
    ask(ann);
    publish(3);
    way.hold("history");
    way.release(0);
    publish(2);
    way.goOn();
    assertEquals(range(1, 7), seen(ann));
  }

  @Test
  void aHistoryAheadOfTheAnnouncementsReachesTheOtherMembersToo() {
    ann.join("room");
    List<Publication> unheard = way.deaf();
    publish(3);
    Client bob = Client.connect(node, "Bob");
    bob.join("room");
    assertEquals(range(1, 3), seen(bob));
    assertEquals(range(1, 3), live(ann));
    way.announce(unheard);
    way.hear();
    publish(1);
    assertEquals(range(1, 4), seen(bob));
    assertEquals(range(1, 4), live(ann));
  }

  @Test
  void whoWantsNoHistoryIsJoinedAtThePositionOfTheRoom() {
    ann.join("room");
    way.deaf();
    publish(3);
    Client bob = Client.connect(node, "Bob");
    bob.send("{'type':'join','room':'room','history':0}");
    way.hear();
    publish(1);
    assertEquals(3, bob.last("joined").get("offset").getAsLong());
    assertEquals(range(4, 4), live(bob));
    assertEquals(range(1, 4), live(ann));
  }

  @Test
  void answersThatOvertakeEachOtherDoNotMakeAHole() {
    ann.join("room");
    publish(1);
    way.hold("history");
    Client bob = Client.connect(node, "Bob");
    ask(bob);
    way.deaf();
    publish(1);
    way.hear();
    publish(1);
    way.release(1); // the repair; the joiner's history is asked for again
    publish(1);
    way.goOn(); // first the old history, which knows of one publication
    publish(1);
    assertEquals(range(1, 5), seen(bob));
    assertEquals(range(1, 5), live(ann));
  }

  @Test
  void aLogThatLostItsEndIsTold() {
    JsonObject joined = ann.join("room");
    publish(10);
    nodes.store.loseTail("room", 4);
    publish(2);
    JsonObject gap = ann.last("gap");
    assertEquals(7, gap.get("from").getAsLong());
    assertEquals(6, gap.get("offset").getAsLong());
    assertTrue(!gap.get("epoch").equals(joined.get("epoch")));
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 7L, 8L), live(ann));
    assertEquals(1, ann.count("gap"));
  }

  @Test
  void aLogThatChangesWhileItIsReadIsReadAgain() {
    ann.join("room");
    publish(10);
    way.deaf();
    publish(1);
    way.hear();
    way.hold("history");
    publish(1);
    nodes.store.loseTail("room", 6);
    publish(1); // offset 7 of the new epoch, below what the old one had
    way.goOn();
    assertEquals(7, ann.last("gap").get("from").getAsLong());
    List<Long> live = live(ann);
    assertEquals(7, live.get(live.size() - 1));
  }

  @Test
  void whatIsNotRetainedAnyMoreIsAGap() {
    elsewhere.room("room").retain(new Retention(10, Duration.ofHours(1), 1 << 20));
    ann.join("room");
    way.deaf();
    publish(100);
    way.hear();
    publish(1);
    JsonObject gap = ann.last("gap");
    assertEquals(1, gap.get("from").getAsLong());
    assertEquals(range(gap.get("offset").getAsLong() + 1, 101), live(ann));
  }

  @Test
  void aRoomThatIsGivenUpWhileItIsRepairedCanBeJoinedAgain() {
    ann.join("room");
    way.deaf();
    publish(1);
    way.hear();
    way.hold("history");
    publish(1);
    ann.send("{'type':'leave','room':'room'}");
    nodes.clock.advanceSeconds(2);
    assertEquals(0, node.stats().rooms());
    ask(ann);
    publish(1);
    way.goOn();
    publish(1);
    assertEquals(range(1, 4), seen(ann));
  }

  @Test
  void aJoinThatIsRefusedLeavesNothingBehind() {
    Client bob = Client.connect(elsewhere, "Bob");
    bob.join("room");
    for (String call : List.of("subscribe", "history", "join")) {
      way.refuse(call);
      ask(ann);
      assertEquals("unavailable", ann.last("error").get("code").getAsString());
      way.goOn();
      nodes.clock.advanceSeconds(2.5);
      assertEquals(0, node.stats().rooms(), call);
      ann.send("{'type':'members','room':'room'}");
      assertEquals(1, ann.last("members").get("count").getAsInt(), call);
    }
    ask(ann);
    publish(1);
    assertEquals(range(1, 1), live(ann));
  }

  @Test
  void aMemberWhoseJoinAnewIsRefusedStaysAMember() {
    ann.join("room");
    way.refuse("history");
    ask(ann);
    assertEquals(1, ann.count("error"));
    way.goOn();
    publish(2);
    assertEquals(range(1, 2), live(ann));
    ask(ann);
    publish(1);
    assertEquals(range(1, 3), live(ann), "and is one once");
  }

  @Test
  void whoGoesWhileItsHistoryIsReadGetsNothing() {
    Client bob = Client.connect(node, "Bob");
    bob.join("room");
    way.hold("history");
    ask(ann);
    ann.session.closed(1006);
    publish(1);
    way.goOn();
    publish(1);
    assertEquals(0, ann.count("joined") + ann.count("event"));
    assertEquals(range(1, 2), live(bob));
  }

  @Test
  void nothingComesAfterLeft() {
    ann.join("room");
    publish(1);
    ann.send("{'type':'leave','id':1,'room':'room'}");
    publish(3);
    assertEquals("left", ann.last("left").get("reason").getAsString());
    assertEquals(range(1, 1), live(ann));
  }

  @Test
  void moreThanARoomHoldsIsReadFromTheLog() {
    ann.join("room");
    way.deaf();
    publish(1);
    way.hear();
    way.hold("history");
    publish(10_000);
    way.goOn();
    publish(1);
    assertEquals(range(1, 10_002), live(ann));
  }

  @Test
  void whoComesWhileTheListOfMembersIsReadIsNotTakenForGone() {
    ann.join("room");
    way.hold("members");
    way.listener().onGap("room");
    Client bob = Client.connect(elsewhere, "Bob");
    bob.join("room");
    nodes.clock.advanceSeconds(1);
    way.goOn();
    nodes.clock.advanceSeconds(1);
    List<JsonObject> frames = ann.transport.frames("presence");
    assertTrue(frames.stream().allMatch(f -> f.getAsJsonArray("left").isEmpty()), "" + frames);
    assertEquals(2, frames.get(frames.size() - 1).get("count").getAsInt());
  }

  @Test
  void aListOfMembersThatIsRefusedIsAskedForAgain() {
    Client bob = Client.connect(elsewhere, "Bob");
    bob.join("room");
    ann.join("room");
    way.refuse("members");
    way.listener().onGap("room");
    bob.session.closed(1000);
    nodes.clock.advanceSeconds(1);
    way.goOn();
    long before = way.calls("members");
    nodes.clock.advanceSeconds(1);
    assertEquals(1, way.calls("members") - before);
  }
}
