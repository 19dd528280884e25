package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What an application does and hears by {@link RoomHandle}, {@link UserHandle}, {@link
 * ChatListener} and {@link MessageHook}, with its clients on two nodes, on any store.
 */
public abstract class ListenerContract extends TwoNodes {

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<Undelivered> undelivered = new CopyOnWriteArrayList<>();

  private Client ann;
  private Client bob;

  @Override
  Limits limits(Limits usual) {
    return usual.toBuilder().resumeTtl(Duration.ofMillis(700)).build();
  }

  @Override
  ChatNode.Builder configured(ChatNode.Builder builder) {
    return builder
        .messages(
            (user, room, content) -> {
              if (content.text().contains("forbidden words")) {
                throw new ChatException(ErrorCode.FORBIDDEN, "text: mind your language");
              }
              return content.text().equals("teh")
                  ? new MessageHook.Content("the", content.data())
                  : content;
            })
        .listener(
            new ChatListener() {
              @Override
              public void onConnect(ClientSession session) {
                heard.add(session.user().name() + " connects");
              }

              @Override
              public void onDisconnect(ClientSession session, int code) {
                heard.add(session.user().name() + " disconnects " + code);
              }

              @Override
              public void onJoin(ClientSession session, String room) {
                heard.add(session.user().name() + " joins " + room);
              }

              @Override
              public void onLeave(ClientSession session, String room) {
                heard.add(session.user().name() + " leaves " + room);
              }

              @Override
              public void onUndelivered(Undelivered one) {
                undelivered.add(one);
              }
            });
  }

  /** Connects Ann to one node and Bob to the other, both in one room. */
  @BeforeEach
  void connect() {
    ann = Client.connect(here, "Ann");
    bob = Client.connect(there, "Bob");
    ann.join("r");
    bob.join("r");
  }

  private List<String> of(Client client) {
    String name = client.session.user().name();
    return heard.stream()
        .filter(event -> event.startsWith(name))
        .map(event -> event.substring(name.length() + 1))
        .toList();
  }

  private void say(String text, int times) {
    int before = ann.count("message");
    for (int i = 0; i < times; i++) {
      ann.say("r", text);
    }
    ann.awaitFrames("message", before + times);
  }

  private Undelivered only() {
    BackendContract.until(() -> !undelivered.isEmpty());
    assertEquals(1, undelivered.size(), undelivered::toString);
    return undelivered.get(0);
  }

  @Test
  public void whoComesAndGoesIsToldInOrderWithTheReason() {
    bob.send("{'type':'leave','id':1,'room':'r'}");
    bob.last("left");
    bob.join("s");
    bob.session.closed(1000);
    List<String> expected =
        List.of("connects", "joins r", "leaves r", "joins s", "disconnects 1000", "leaves s");
    BackendContract.until(() -> of(bob).size() == expected.size());
    assertEquals(expected, of(bob));
    BackendContract.get(there.user(ann.session.user().id()).disconnect());
    List<String> anns = List.of("connects", "joins r", "disconnects 4003", "leaves r");
    BackendContract.until(() -> of(ann).size() == anns.size());
    assertEquals(anns, of(ann));
  }

  @Test
  public void whoDoesNotComeBackIsToldOfOnceWithWhatWasMissed() {
    say("got", 2);
    bob.awaitFrames("message", 2);
    bob.session.closed(1006);
    say("missed", 3);
    Undelivered found = only();
    assertEquals(bob.session.user(), found.session().user());
    assertEquals("r", found.room());
    assertEquals(1006, found.code());
    assertEquals(2, found.last() == null ? -1 : found.last().offset());
    assertEquals(5, found.newest().offset());
    History missed = BackendContract.get(here.room("r").history(new HistoryQuery.After(2, 10)));
    assertEquals(3, missed.publications().size());
    assertEquals(
        List.of("disconnects 1006", "leaves r"), of(bob).subList(2, 4), "after it has left");
  }

  @Test
  public void whoIsTooSlowIsToldOfWithWhatWasWritten() {
    say("got", 2);
    bob.awaitFrames("message", 2);
    bob.transport.stall();
    say("x".repeat(3_900), 400);
    BackendContract.until(() -> bob.transport.closeCode() == 4013);
    Undelivered found = only();
    assertEquals(4013, found.code());
    assertEquals(2, found.last() == null ? -1 : found.last().offset());
    assertEquals(402, found.newest().offset());
  }

  @Test
  public void nothingIsToldOfWhoGoesOnOnTheOtherNode() {
    Client eve = Client.connect(there, "Eve");
    eve.join("r");
    JsonObject position = bob.last("joined");
    bob.session.closed(1006);
    say("later", 3);
    Client again = Client.resume(here, bob.resumeSecret());
    again.join("r", position);
    eve.session.closed(1006);
    say("last", 1);
    // When Eve's time is over, so would have been that of Bob's old connection.
    assertEquals("Eve", only().session().user().name());
    assertEquals(4, again.last("joined").getAsJsonArray("history").size() + again.count("message"));
  }

  @Test
  public void whoDoesNotGoOnAfterADrainIsToldOfWhenTheNodeEnds() {
    bob.transport.stall();
    say("missed", 3);
    there.close();
    Undelivered found = only();
    assertEquals(1001, found.code());
    assertEquals(0, found.last() == null ? -1 : found.last().offset());
    assertEquals(3, found.newest().offset());
  }

  @Test
  public void aMessageIsChangedOrRefusedBeforeAnybodySeesIt() {
    ann.send("{'type':'message','id':1,'room':'r','text':'forbidden words'}");
    assertEquals("forbidden", ann.last("error").get("code").getAsString());
    ann.say("r", "teh");
    assertEquals("the", bob.awaitFrames("message", 1).get(0).get("text").getAsString());
    assertEquals(1, bob.last("message").get("offset").getAsInt());
  }

  @Test
  public void theApplicationUsesARoomFromAnyNode() {
    RoomHandle room = there.room("r");
    Publication paid = BackendContract.get(room.publish("paid", Json.of("order", 7), "k"));
    assertEquals(
        paid.position(),
        BackendContract.get(here.room("r").publish("paid", Json.of("order", 7), "k")).position());
    BackendContract.get(room.announce("blink", Json.of("n", 1), ann.session.id()));
    BackendContract.get(room.announce("blink", Json.of("n", 2)));
    ann.awaitFrames("event", 2);
    bob.awaitFrames("event", 3);
    assertEquals(2, ann.count("event"), "the originator is spared");
    assertEquals(
        1, BackendContract.get(room.history(new HistoryQuery.Newest(9))).publications().size());
    assertEquals(2, BackendContract.get(room.members("", 9)).members().size());
    BackendContract.get(room.kick(ann.session.user().id(), "enough"));
    assertEquals("kicked", ann.last("left").get("reason").getAsString());
    BackendContract.until(
        () -> BackendContract.get(here.room("r").members("", 9)).members().size() == 1);
  }

  @Test
  public void aSessionThatWasNotClaimedElsewhereIsToldWithoutAPosition() {
    say("got", 1);
    bob.awaitFrames("message", 1);
    bob.session.closed(1006);
    Client again = Client.resume(here, bob.resumeSecret());
    again.session.closed(1006);
    assertNull(only().last());
  }
}
