package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every command of the protocol, between clients of two nodes, on any store. */
public abstract class CommandsContract extends TwoNodes {

  private Client ann;
  private Client bob;

  /** Connects Ann to one node and Bob to the other. */
  @BeforeEach
  void connect() {
    ann = Client.connect(here, "Ann");
    bob = Client.connect(there, "Bob");
  }

  private void joinBoth(String room) {
    ann.join(room);
    bob.join(room);
  }

  @Test
  public void joinShowsWhoIsThereAndIsSeenOnTheOtherNode() {
    joinBoth("general");
    JsonObject joined = bob.last("joined");
    assertEquals(2, joined.get("count").getAsInt());
    assertEquals(2, names(joined, "members").size());
    assertTrue(names(joined, "members").containsAll(List.of("Ann", "Bob")));
    JsonObject came = ann.awaitFrames("presence", 1).get(0);
    assertEquals(List.of("Bob"), names(came, "joined"));
    assertEquals(2, came.get("count").getAsInt());
  }

  @Test
  public void anApplicationsEventSparesTheSessionThatCausedItOnWhicheverNode() {
    joinBoth("general");
    Json data = Json.of("except", "somebody");
    here.room("general").announce("moved", data, bob.session.id()).toCompletableFuture().join();
    here.room("general").announce("seen", data).toCompletableFuture().join();
    for (Client client : List.of(ann, bob)) {
      BackendContract.until(
          () ->
              client.transport.frames("event").stream()
                  .anyMatch(event -> event.get("name").getAsString().equals("seen")));
    }
    assertEquals(2, ann.count("event"));
    assertEquals(1, bob.count("event"));
    assertFalse(ann.transport.frames("event").get(0).has("except"));
  }

  @Test
  public void leaveIsSeenOnTheOtherNodeAndEndsTheFrames() {
    joinBoth("general");
    ann.awaitFrames("presence", 1);
    bob.send("{'type':'leave','id':1,'room':'general'}");
    assertEquals("left", bob.last("left").get("reason").getAsString());
    JsonObject left = ann.awaitFrames("presence", 2).get(1);
    assertEquals(List.of("Bob"), names(left, "left"));
    assertEquals(1, left.get("count").getAsInt());
    ann.say("general", "alone");
    ann.awaitFrames("message", 1);
    bob.say("general", "not in here");
    assertEquals("not_in_room", bob.last("error").get("code").getAsString());
    assertEquals(0, bob.count("message"));
  }

  @Test
  public void aGoodbyeIsSeenAsOneLeave() {
    joinBoth("general");
    ann.awaitFrames("presence", 1);
    bob.session.closed(1000);
    assertEquals(List.of("Bob"), names(ann.awaitFrames("presence", 2).get(1), "left"));
  }

  @Test
  public void aMessageArrivesWithEverythingThatItsSenderGave() {
    joinBoth("general");
    ann.say("general", "first");
    ann.send(
        "{'type':'message','id':7,'room':'general','text':'Hi <b>\ud83d\ude00</b>','kind':'action',"
            + "'key':'k1','replyTo':1,'data':{'b':1.50,'a':[12345678901234567890]}}");
    JsonObject got = bob.awaitFrames("message", 2).get(1);
    JsonObject ack = ann.last("ack");
    assertEquals("Hi <b>\ud83d\ude00</b>", got.get("text").getAsString());
    assertEquals("action", got.get("kind").getAsString());
    assertEquals("k1", got.get("key").getAsString());
    assertEquals(1, got.get("replyTo").getAsInt());
    assertEquals("{\"b\":1.50,\"a\":[12345678901234567890]}", got.get("data").toString());
    assertEquals("Ann", got.getAsJsonObject("user").get("name").getAsString());
    assertEquals(7, ack.get("re").getAsInt());
    for (String field : List.of("offset", "epoch", "ts")) {
      assertEquals(got.get(field), ack.get(field));
    }
    assertEquals(got, ann.awaitFrames("message", 2).get(1), "the same frame everywhere");
    assertEquals("text", bob.transport.frames("message").get(0).get("kind").getAsString());
  }

  @Test
  public void aLateJoinerReceivesHistoryThenLive() {
    ann.join("general");
    ann.say("general", "one");
    ann.say("general", "two");
    ann.awaitFrames("message", 2);
    JsonObject joined = bob.join("general");
    assertEquals(List.of("one", "two"), each(joined.getAsJsonArray("history"), "text"));
    assertEquals(2, joined.get("offset").getAsLong());
    ann.say("general", "three");
    assertEquals(3, bob.awaitFrames("message", 1).get(0).get("offset").getAsLong());
  }

  @Test
  public void anEventIsLoggedWithItsDataAndAnEphemeralOneIsNot() {
    joinBoth("general");
    ann.send(
        "{'type':'event','id':'a','room':'general','name':'cursor','data':{'x':1.50},'ephemeral':true}");
    JsonObject moved = bob.awaitFrames("event", 1).get(0);
    assertEquals("{\"x\":1.50}", moved.get("data").toString());
    assertEquals("Ann", moved.getAsJsonObject("user").get("name").getAsString());
    assertFalse(moved.has("offset"));
    assertEquals("a", ann.last("ack").get("re").getAsString());
    ann.send("{'type':'event','id':'b','room':'general','name':'paid','data':null}");
    JsonObject paid = bob.awaitFrames("event", 2).get(1);
    assertEquals(1, paid.get("offset").getAsLong());
    assertTrue(paid.get("data").isJsonNull());
    bob.send("{'type':'history','id':1,'room':'general'}");
    assertEquals(List.of("paid"), each(bob.last("history").getAsJsonArray("frames"), "name"));
  }

  @Test
  public void theApplicationPublishesWithoutASession() {
    joinBoth("orders");
    Publication publication =
        BackendContract.get(here.room("orders").publish("system", Json.of("state", "paid")));
    assertEquals(1, publication.offset());
    for (Client client : List.of(ann, bob)) {
      JsonObject event = client.last("event");
      assertEquals("{\"state\":\"paid\"}", event.get("data").toString());
      assertNull(event.get("user"));
    }
  }

  @Test
  public void typingIsSeenOnTheOtherNodeAndIsNoHistory() {
    joinBoth("general");
    ann.send("{'type':'typing','room':'general','active':true}");
    ann.send("{'type':'typing','room':'general','active':false}");
    List<JsonObject> typing = bob.awaitFrames("typing", 2);
    assertTrue(typing.get(0).get("active").getAsBoolean());
    assertFalse(typing.get(1).get("active").getAsBoolean());
    assertEquals("Ann", typing.get(0).getAsJsonObject("user").get("name").getAsString());
    bob.send("{'type':'history','id':1,'room':'general'}");
    assertEquals(0, bob.last("history").getAsJsonArray("frames").size());
  }

  @Test
  public void whateverIsSentReachesItsRoomOnceOnBothNodesAndNoOtherRoom() {
    joinBoth("general");
    Client cid = Client.connect(here, "Cid");
    Client dan = Client.connect(there, "Dan");
    cid.join("other");
    dan.join("other");
    for (Client sender : List.of(ann, bob)) {
      sender.say("general", "hello");
      sender.send("{'type':'event','room':'general','name':'logged','data':1}");
      sender.send("{'type':'event','room':'general','name':'announced','data':1,'ephemeral':true}");
      sender.send("{'type':'typing','room':'general','active':true}");
    }
    cid.say("other", "the last one here");
    for (Client member : List.of(ann, bob)) {
      member.awaitFrames("message", 2);
      member.awaitFrames("event", 4);
    }
    dan.awaitFrames("message", 1);
    cid.awaitFrames("message", 1);
    for (Client member : List.of(ann, bob)) {
      assertEquals(List.of("hello", "hello"), member.texts());
      assertEquals(4, member.count("event"));
    }
    for (Client stranger : List.of(cid, dan)) {
      assertEquals(List.of("the last one here"), stranger.texts());
      assertEquals(0, stranger.count("event") + stranger.count("typing"));
    }
  }

  @Test
  public void historyIsReadBothWaysOnTheOtherNode() {
    joinBoth("general");
    IntStream.rangeClosed(1, 7).forEach(i -> ann.say("general", "m" + i));
    bob.awaitFrames("message", 7);
    Client reader = Client.connect(there, "Reader");
    assertEquals("m6 m7 +", history(reader, "'limit':2"));
    assertEquals("m4 m5 +", history(reader, "'before':6,'limit':2"));
    assertEquals("m1 m2 ", history(reader, "'before':3,'limit':2"));
    assertEquals("m3 m4 +", history(reader, "'after':2,'limit':2"));
    assertEquals("m6 m7 ", history(reader, "'after':5,'limit':2"));
    assertEquals(7, reader.last("history").get("top").getAsInt());
  }

  private static String history(Client client, String part) {
    int before = client.count("history");
    client.send("{'type':'history','id':1,'room':'general'," + part + "}");
    JsonObject page = client.awaitFrames("history", before + 1).get(before);
    return String.join(" ", each(page.getAsJsonArray("frames"), "text"))
        + (page.get("more").getAsBoolean() ? " +" : " ");
  }

  @Test
  public void membersOfAllNodesArePaged() {
    joinBoth("general");
    Client tab = Client.resume(there, "none");
    tab.join("general");
    ann.send("{'type':'members','id':1,'room':'general','limit':2}");
    JsonObject page = ann.awaitFrames("members", 1).get(0);
    assertEquals(3, page.get("count").getAsInt());
    List<String> ids = each(page.getAsJsonArray("members"), "id");
    assertEquals(2, ids.size());
    assertEquals(ids.get(1), page.get("next").getAsString());
    ann.send("{'type':'members','id':2,'room':'general','after':'" + ids.get(1) + "'}");
    JsonObject rest = ann.awaitFrames("members", 2).get(1);
    assertEquals(1, rest.getAsJsonArray("members").size());
    assertFalse(rest.has("next"));
  }

  @Test
  public void roomsOfAllNodesAreListed() {
    joinBoth("b");
    ann.join("a");
    bob.join("c");
    ann.send("{'type':'rooms','id':1,'limit':2}");
    JsonObject page = ann.awaitFrames("rooms", 1).get(0);
    assertEquals(List.of("a", "b"), each(page.getAsJsonArray("rooms"), "room"));
    assertEquals(List.of("1", "2"), each(page.getAsJsonArray("rooms"), "count"));
    assertEquals("b", page.get("next").getAsString());
    ann.send("{'type':'rooms','id':2,'after':'b'}");
    JsonObject rest = ann.awaitFrames("rooms", 2).get(1);
    assertEquals(List.of("c"), each(rest.getAsJsonArray("rooms"), "room"));
    assertFalse(rest.has("next"));
  }

  @Test
  public void pingIsAnsweredInItsTurn() {
    joinBoth("general");
    ann.send("{'type':'message','id':1,'room':'general','text':'x'}");
    ann.send("{'type':'ping','id':2,'ts':1.50}");
    assertEquals("1.50", ann.last("pong").get("ts").toString());
    assertEquals(1, ann.count("ack"), "what was sent before is answered before");
  }

  @Test
  public void aRepeatedKeyIsLoggedOnceOnWhicheverNode() {
    joinBoth("general");
    ann.send("{'type':'message','id':1,'room':'general','text':'once','key':'k'}");
    JsonObject first = ann.last("ack");
    ann.session.closed(1006);
    Client again = Client.resume(there, ann.resumeSecret());
    again.join("general");
    again.send("{'type':'message','id':2,'room':'general','text':'once','key':'k'}");
    JsonObject ack = again.last("ack");
    assertTrue(ack.get("duplicate").getAsBoolean());
    for (String field : List.of("offset", "epoch", "ts")) {
      assertEquals(first.get(field), ack.get(field));
    }
    bob.send("{'type':'message','id':3,'room':'general','text':'bob','key':'k'}");
    assertFalse(bob.last("ack").has("duplicate"), "keys are the user's own");
  }

  @Test
  public void concurrentPublishersOfAllNodesAreSeenInOneOrder() {
    joinBoth("general");
    int each = 200;
    List<Thread> threads =
        List.of(ann, bob).stream()
            .map(
                client ->
                    new Thread(
                        () -> {
                          String name = client.session.user().name();
                          IntStream.range(0, each).forEach(i -> client.say("general", name + i));
                        }))
            .toList();
    threads.forEach(Thread::start);
    ann.awaitFrames("message", 2 * each);
    bob.awaitFrames("message", 2 * each);
    assertEquals(LongStream.rangeClosed(1, 2L * each).boxed().toList(), ann.offsets());
    assertEquals(ann.transport.frames("message"), bob.transport.frames("message"));
    for (String name : List.of("Ann", "Bob")) {
      assertEquals(
          IntStream.range(0, each).mapToObj(i -> name + i).toList(),
          ann.texts().stream().filter(text -> text.startsWith(name)).toList());
    }
  }
}
