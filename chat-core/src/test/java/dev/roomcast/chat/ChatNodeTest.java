package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a node does with its own clients. */
class ChatNodeTest {

  private final StillNodes nodes = new StillNodes();
  private final ChatNode here = nodes.start(StillNodes.LIMITS);

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  @Test
  void anEpochThatIsGoneIsNotRecovered() {
    Client ann = Client.connect(here, "Ann");
    ann.send("{'type':'join','room':'general','since':{'offset':3,'epoch':'other'}}");
    assertFalse(ann.last("joined").get("recovered").getAsBoolean());
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
    assertEquals(4013, slow.transport.closeCode());
    assertEquals(1, here.stats().tooSlow());
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  void whatTheRetentionTookIsNotRecoveredInPart() {
    here.room("little").retain(new Retention(10, Duration.ofHours(1), 1_000_000));
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("little");
    JsonObject from = bob.join("little");
    bob.send("{'type':'leave','room':'little'}");
    for (int i = 1; i <= 10; i++) {
      ann.say("little", "m" + i);
    }
    bob.join("little", from);
    assertTrue(bob.last("joined").get("recovered").getAsBoolean());
    assertEquals(10, bob.last("joined").getAsJsonArray("history").size());
    bob.send("{'type':'leave','room':'little'}");
    for (int i = 11; i <= 13; i++) { // a log may have a quarter more than it should
      ann.say("little", "m" + i);
    }
    bob.join("little", from);
    assertFalse(bob.last("joined").get("recovered").getAsBoolean());
    assertEquals(10, bob.last("joined").getAsJsonArray("history").size(), "the newest instead");
  }

  @Test
  void whatWouldFillMostOfTheOutboxIsNotRecoveredInOnePiece() {
    ChatNode node = nodes.start(StillNodes.LIMITS.toBuilder().outboxBytes(40_000).build());
    Client ann = Client.connect(node, "Ann");
    JsonObject from = ann.join("r");
    for (int i = 1; i <= 9; i++) {
      ann.say("r", "x".repeat(3_000));
    }
    Client bob = Client.connect(node, "Bob");
    bob.join("r", from);
    assertTrue(bob.last("joined").get("recovered").getAsBoolean(), "27,000 bytes and a little");
    ann.say("r", "x".repeat(3_000));
    bob.join("r", from);
    assertFalse(bob.last("joined").get("recovered").getAsBoolean());
  }

  @Test
  void aPathRoomIsJoinedAsPartOfConnecting() {
    Client ann = Client.connectTo(here, "Ann", "general");
    assertEquals("general", ann.last("joined").get("room").getAsString());
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
    CompletableFuture<Boolean> drain = here.startDrain(Duration.ofSeconds(1));
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
    assertFalse(drain.isDone(), "the client does not close");
  }
}
