package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** For how long a message may be changed. */
class EditAgeTest {

  private static final Duration AGE = Duration.ofHours(2);

  private final StillNodes nodes = new StillNodes();

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private static String answer(Client client, String command) {
    int before = client.transport.frames().size();
    client.send(command.replaceFirst("\\{", "{'id':1,"));
    List<JsonObject> frames = client.transport.frames();
    return frames.subList(before, frames.size()).stream()
        .filter(frame -> frame.has("re"))
        .map(frame -> (frame.has("code") ? frame.get("code") : frame.get("type")).getAsString())
        .findFirst()
        .orElse("nothing");
  }

  @Test
  void ownMessagesAreChangedForSoLongAndByModeratorsLater() {
    ChatNode node =
        nodes.start(
            StillNodes.LIMITS.toBuilder().editAge(AGE).heartbeat(Duration.ofHours(9)).build());
    Client ann = Client.connect(node, "Ann");
    Client bob = Client.connect(node, "Bob");
    ann.send("{'type':'create','room':'r'}"); // so that Ann moderates it
    ann.join("r");
    bob.join("r");
    bob.say("r", "of Bob");
    ann.say("r", "of Ann");
    nodes.clock.advance(AGE.minusMillis(1));
    assertEquals("ack", answer(bob, "{'type':'edit','room':'r','target':1,'text':'in time'}"));
    nodes.clock.advance(Duration.ofMillis(2));
    assertEquals("forbidden", answer(bob, "{'type':'edit','room':'r','target':1,'text':'late'}"));
    assertEquals("forbidden", answer(bob, "{'type':'delete','room':'r','target':1}"));
    String emoji = "'emoji':'\ud83d\udc4d'";
    assertEquals("ack", answer(bob, "{'type':'react','room':'r','target':1," + emoji + "}"));
    assertEquals("forbidden", answer(ann, "{'type':'edit','room':'r','target':2,'text':'late'}"));
    assertEquals("ack", answer(ann, "{'type':'delete','room':'r','target':1}"));
    bob.say("r", "fresh");
    long fresh = bob.last("message").get("offset").getAsLong();
    assertEquals("ack", answer(bob, "{'type':'delete','room':'r','target':" + fresh + "}"));
  }
}
