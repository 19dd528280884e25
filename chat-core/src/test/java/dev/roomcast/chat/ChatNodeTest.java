package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two nodes on one in-memory store: every command, and what is promised about it. */
class ChatNodeTest {

  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .presenceInterval(Duration.ofMillis(20))
          .drain(Duration.ofMillis(10))
          .build();

  private final InMemoryBackend first = Backend.inMemory();
  private final InMemoryBackend second = first.join();
  private ChatNode here;
  private ChatNode there;

  @BeforeEach
  void startNodes() {
    here = ChatNode.builder(first).limits(LIMITS).start();
    there = ChatNode.builder(second).limits(LIMITS).start();
  }

  @AfterEach
  void closeNodes() {
    here.close();
    there.close();
    first.close();
    second.close();
  }

  @Test
  void aMessageReachesTheMembersOnAllNodesOnce() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(there, "Bob");
    ann.join("general");
    bob.join("general");
    ann.send("{'type':'message','id':7,'room':'general','text':'Hi <b>\uD83D\uDE00</b>'}");

    JsonObject got = bob.awaitFrames("message", 1).get(0);
    assertEquals("Hi <b>\uD83D\uDE00</b>", got.get("text").getAsString());
    assertEquals("Ann", got.getAsJsonObject("user").get("name").getAsString());
    assertEquals(1, got.get("offset").getAsLong());
    JsonObject ack = ann.last("ack");
    assertEquals(7, ack.get("re").getAsInt());
    assertEquals(got.get("epoch"), ack.get("epoch"));
    assertEquals(1, ann.awaitFrames("message", 1).size());
  }

  @Test
  void allNodesSeeConcurrentPublishersInOneOrder() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(there, "Bob");
    ann.join("general");
    bob.join("general");
    int each = 200;
    List<Thread> threads =
        List.of(ann, bob).stream()
            .map(
                client ->
                    new Thread(
                        () ->
                            IntStream.range(0, each)
                                .forEach(
                                    i ->
                                        client.send(
                                            "{'type':'message','room':'general','text':'"
                                                + client.session.user().name()
                                                + i
                                                + "'}"))))
            .toList();
    threads.forEach(Thread::start);
    ann.awaitFrames("message", 2 * each);
    bob.awaitFrames("message", 2 * each);
    assertEquals(LongStream.rangeClosed(1, 2L * each).boxed().toList(), ann.offsets());
    assertEquals(ann.offsets(), bob.offsets());
    assertEquals(ann.texts(), bob.texts());
  }

  @Test
  void aLateJoinerReceivesHistoryThenLive() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    ann.send("{'type':'message','room':'general','text':'one'}");
    ann.send("{'type':'message','room':'general','text':'two'}");
    ann.awaitFrames("message", 2);

    Client bob = Client.connect(there, "Bob");
    JsonObject joined = bob.join("general");
    assertEquals(2, joined.getAsJsonArray("history").size());
    assertEquals(2, joined.get("offset").getAsLong());
    assertEquals(2, joined.get("count").getAsLong());
    ann.send("{'type':'message','room':'general','text':'three'}");
    assertEquals(3, bob.awaitFrames("message", 1).get(0).get("offset").getAsLong());
  }

  @Test
  void aResumedSessionGetsExactlyWhatItMissedAndNobodySeesItLeave() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    JsonObject position = bob.join("general");
    String resume = bob.transport.only("welcome").get("resume").getAsString();
    ann.awaitFrames("presence", 1);
    bob.session.closed(1006);
    ann.send("{'type':'message','room':'general','text':'missed'}");
    ann.awaitFrames("message", 1);

    Client again = Client.resume(there, resume);
    JsonObject welcome = again.transport.only("welcome");
    assertTrue(welcome.get("resumed").getAsBoolean());
    assertEquals("[\"general\"]", welcome.get("rooms").toString());
    again.send(
        "{'type':'join','room':'general','since':{'offset':"
            + position.get("offset")
            + ",'epoch':"
            + position.get("epoch")
            + "}}");
    JsonObject joined = again.last("joined");
    assertTrue(joined.get("recovered").getAsBoolean());
    assertEquals(1, joined.getAsJsonArray("history").size());
    assertEquals(bob.session.user(), again.session.user());
    assertEquals(
        0,
        ann.transport.frames("presence").stream()
            .filter(frame -> !frame.getAsJsonArray("left").isEmpty())
            .count());

    Client late = Client.resume(there, resume);
    assertFalse(late.transport.only("welcome").get("resumed").getAsBoolean());
    assertNotEquals(again.session.id(), late.session.id());
  }

  @Test
  void anEpochThatIsGoneIsNotRecovered() {
    Client ann = Client.connect(here, "Ann");
    ann.send("{'type':'join','room':'general','since':{'offset':3,'epoch':'other'}}");
    assertFalse(ann.last("joined").get("recovered").getAsBoolean());
  }

  @Test
  void aRepeatedKeyIsLoggedOnceOnWhicheverNode() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    String resume = ann.transport.only("welcome").get("resume").getAsString();
    ann.send("{'type':'message','id':1,'room':'general','text':'once','key':'k'}");
    ann.awaitFrames("ack", 1);
    ann.session.closed(1006);

    Client again = Client.resume(there, resume);
    again.join("general");
    again.send("{'type':'message','id':2,'room':'general','text':'once','key':'k'}");
    JsonObject ack = again.last("ack");
    assertTrue(ack.get("duplicate").getAsBoolean());
    assertEquals(1, ack.get("offset").getAsLong());
  }

  @Test
  void aSlowMemberIsClosedAndHoldsUpNobody() {
    Client ann = Client.connect(here, "Ann");
    Client slow = Client.connect(here, "Slow");
    ann.join("general");
    slow.join("general");
    slow.transport.stall();
    String text = "x".repeat(3_000);
    for (int i = 0; i < 400; i++) {
      ann.send("{'type':'message','room':'general','text':'" + text + "'}");
    }
    ann.awaitFrames("message", 400);
    await().until(() -> slow.transport.closeCode() == 4013);
    assertEquals(1, here.stats().tooSlow());
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  void presenceIsToldOncePerUser() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    Client bob = Client.connect(there, "Bob");
    bob.join("general");
    JsonObject came = ann.awaitFrames("presence", 1).get(0);
    assertEquals(2, came.get("count").getAsLong());
    bob.session.closed(1000);
    JsonObject left = ann.awaitFrames("presence", 2).get(1);
    assertEquals(1, left.getAsJsonArray("left").size());
    assertEquals(1, left.get("count").getAsLong());
  }

  @Test
  void aPathRoomIsJoinedAsPartOfConnecting() {
    Client ann = Client.connectTo(here, "Ann", "general");
    assertEquals("general", ann.last("joined").get("room").getAsString());
  }

  @Test
  void theApplicationPublishesWithoutASession() {
    Client ann = Client.connect(there, "Ann");
    ann.join("orders");
    Publication publication =
        here.room("orders")
            .publish("system", Json.of("state", "paid"))
            .toCompletableFuture()
            .join();
    assertEquals(1, publication.offset());
    JsonObject event = ann.last("event");
    assertEquals("{\"state\":\"paid\"}", event.get("data").toString());
    assertFalse(event.has("user"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "no json|bad_json|",
        "[1]|bad_json|",
        "{'type':'dance'}|unknown_type|type",
        "{'type':'message','room':'general'}|not_in_room,bad_request|text",
        "{'type':'message','room':'else','text':'x'}|not_in_room|room",
        "{'type':'join'}|bad_request|room",
        "{'type':'join','room':''}|bad_request|room",
        "{'type':'join','room':5}|bad_request|room",
        "{'type':'history','room':'nowhere'}|no_such_room|room"
      })
  void badInputIsAnsweredAndTheConnectionStays(String frame, String codes, String field) {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    ann.send(frame);
    JsonObject error = ann.last("error");
    assertTrue(
        List.of(codes.split(",", -1)).contains(error.get("code").getAsString()), error.toString());
    if (field != null) {
      assertTrue(error.get("message").getAsString().startsWith(field), error.toString());
    }
    ann.send("{'type':'ping','ts':5}");
    assertEquals(5, ann.last("pong").get("ts").getAsInt());
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  void aDrainingNodeSendsItsClientsAwayAndTakesNoMore() {
    Client ann = Client.connect(here, "Ann");
    assertFalse(here.drain(Duration.ofMillis(50)), "the client does not close");
    assertTrue(ann.last("closing").has("reconnectAfter"));
    assertEquals(1001, ann.transport.closeCode());
    CompletionException refused =
        assertThrows(
            CompletionException.class,
            () ->
                here.admit(ConnectRequest.of(Map.of("name", "Bob"), null, null, "127.0.0.1"))
                    .toCompletableFuture()
                    .join());
    assertEquals(ErrorCode.UNAVAILABLE, ChatException.of(refused).code());
    assertFalse(here.ready());
  }
}
