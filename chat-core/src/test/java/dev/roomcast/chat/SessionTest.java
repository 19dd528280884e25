package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sessions whose connections, nodes and store do things at the wrong moment. */
class SessionTest {

  private static final Limits LIMITS = StillNodes.LIMITS;

  private final StillNodes nodes = new StillNodes();
  private final HeldWay way = new HeldWay();
  private final ChatNode here = nodes.start(LIMITS, backend -> new FarBackend(backend, way));
  private final ChatNode there = nodes.start(LIMITS);

  @AfterEach
  void closeNodes() {
    way.goOn();
    nodes.close();
  }

  private long members(String room) {
    return BackendContract.get(there.room(room).members("", 10)).count();
  }

  private static boolean resumed(Client client) {
    return client.transport.only("welcome").get("resumed").getAsBoolean();
  }

  @Test
  void theLateCloseOfAnOldConnectionDoesNotEndTheSession() {
    Client old = Client.connect(here, "Ann");
    old.join("room");
    Client again = Client.resume(here, old.resumeSecret());
    assertEquals(4009, old.transport.closeCode());
    again.join("room");
    old.session.closed(1000);
    nodes.clock.advanceSeconds(50);
    again.session.alive();
    nodes.clock.advanceSeconds(30);
    assertEquals(1, members("room"));
    again.say("room", "still here");
    assertEquals("still here", again.last("message").get("text").getAsString());
  }

  @Test
  void aSessionThatClosedItselfIsResumedThoughItsContainerTellsTheCloseOnceMore() {
    Client old = Client.connect(here, "Ann");
    old.join("room");
    nodes.clock.advanceSeconds(64);
    assertEquals(4008, old.transport.closeCode());
    old.session.closed(1006);
    Client again = Client.resume(here, old.resumeSecret());
    assertTrue(resumed(again));
    again.join("room");
    nodes.clock.advanceSeconds(50);
    again.session.alive();
    nodes.clock.advanceSeconds(40);
    assertEquals(1, members("room"), "the end of the old connection's time ends nothing");
    again.session.closed(1006);
    assertTrue(resumed(Client.resume(there, again.resumeSecret())));
  }

  @Test
  void messagesKeepTheirOrderWhateverTheAuthorizerTakes() {
    Deque<Runnable> hooks = new ArrayDeque<>();
    List<Boolean> deferring = new ArrayList<>();
    ChatNode node =
        nodes.start(
            LIMITS,
            backend -> backend,
            builder ->
                builder
                    .authorizer((user, action, room) -> !room.equals("closed"))
                    .executor(
                        task -> {
                          if (deferring.isEmpty()) {
                            task.run();
                          } else {
                            hooks.push(task);
                          }
                        }));
    Client ann = Client.connect(node, "Ann");
    ann.join("room");
    deferring.add(true);
    IntStream.range(0, 5).forEach(i -> ann.say("room", "m" + i));
    assertEquals(5, hooks.size(), "the authorizer is asked about all at once");
    hooks.forEach(Runnable::run); // the last one first
    assertEquals(List.of("m0", "m1", "m2", "m3", "m4"), ann.texts());
  }

  @Test
  void aLeaveThatTheStoreRefusesIsRepeated() {
    Client ann = Client.connect(here, "Ann");
    ann.join("room");
    way.refuse("leave");
    ann.send("{'type':'leave','id':1,'room':'room'}");
    assertEquals(1, ann.count("left"));
    nodes.clock.advanceSeconds(1);
    assertEquals(1, members("room"));
    way.goOn();
    nodes.clock.advance(ChatNode.RETRY);
    assertEquals(0, members("room"));
    long calls = way.calls("leave");
    nodes.clock.advanceSeconds(10);
    assertEquals(calls, way.calls("leave"));
  }

  @Test
  void aRepeatedLeaveDoesNotEndWhatWasJoinedAfterIt() {
    Client ann = Client.connect(here, "Ann");
    ann.join("room");
    way.refuse("leave");
    ann.send("{'type':'leave','id':1,'room':'room'}");
    nodes.clock.advanceSeconds(1);
    ann.join("room");
    way.goOn();
    nodes.clock.advanceSeconds(10);
    assertEquals(1, members("room"));
  }

  @Test
  void anEndThatTheStoreRefusesIsRepeated() {
    Client ann = Client.connect(here, "Ann");
    ann.join("room");
    way.refuse("leave", "close", "detached");
    ann.session.closed(1006);
    nodes.clock.advanceSeconds(70);
    way.goOn();
    nodes.clock.advanceSeconds(1);
    assertEquals(0, members("room"));
    assertFalse(resumed(Client.resume(there, ann.resumeSecret())));
  }

  @Test
  void aLateMoveDoesNotEndTheSessionThatCameBack() {
    Client first = Client.connect(here, "Ann");
    String id = first.session.id();
    first.join("room");
    Client second = Client.resume(there, first.resumeSecret());
    Client third = Client.resume(here, second.resumeSecret());
    way.listener().onControl(new Control.Moved(id, there.id(), "hash of the first").toJson());
    assertEquals(0, third.transport.closeCode());
    third.join("room");
    assertEquals(1, members("room"));
  }

  @Test
  void aSeatThatAnotherNodeTookTooLateAndGaveUpIsTakenBack() {
    Client ann = Client.connect(there, "Ann");
    ann.join("room");
    String id = ann.session.id();
    BackendContract.get(here.rooms().move("room", id, ann.session.user(), there.id()));
    BackendContract.get(here.rooms().leave("room", id, ann.session.user()));
    nodes.clock.advanceSeconds(1);
    assertEquals(1, members("room"));
    ann.send("{'type':'leave','id':1,'room':'room'}");
    nodes.clock.advanceSeconds(1);
    assertEquals(0, members("room"), "who leaves is not brought back");
  }

  @Test
  void aNodeThatTheStoreForgotDoesNotTakeBackWhatMovedAway() {
    Client old = Client.connect(here, "Ann");
    old.join("room");
    Client stays = Client.connect(here, "Bob");
    stays.join("room");
    way.deaf();
    Client again = Client.resume(there, old.resumeSecret());
    again.join("room");
    assertEquals(0, old.transport.closeCode(), "this node was not told");
    BackendContract.get(there.state().forget(here.id()));
    nodes.clock.advanceSeconds(10);
    assertEquals(4009, old.transport.closeCode());
    assertTrue(
        resumed(Client.resume(there, stays.resumeSecret())), "what was here is stored again");
    again.session.closed(1006);
    assertTrue(resumed(Client.resume(there, again.resumeSecret())), "what was there stayed");
  }

  @Test
  void nobodyComesInBeforeTheStoreKnowsTheNode() {
    HeldWay away = new HeldWay();
    away.refuse("lease");
    ChatNode starting = nodes.start(LIMITS, backend -> new FarBackend(backend, away));
    CompletionException refused =
        assertThrows(
            CompletionException.class,
            () ->
                starting
                    .admit(ConnectRequest.of(Map.of("name", "Ann"), null, null, "127.0.0.1"))
                    .toCompletableFuture()
                    .join());
    assertEquals(ErrorCode.UNAVAILABLE, ChatException.of(refused).code());
    assertFalse(starting.ready());
    away.goOn();
    nodes.clock.advanceSeconds(6);
    assertTrue(starting.ready());
    JsonObject welcome = Client.connect(starting, "Ann").last("welcome");
    assertEquals(starting.id(), welcome.get("node").getAsString());
  }

  /** If it died then, nobody would clear away what it left. */
  @Test
  void aNodeThatTheStoreMayHaveForgottenTakesNobodyInUntilItIsKnownAgain() {
    Client ann = Client.connect(here, "Ann");
    ann.join("room");
    way.refuse("lease");
    for (int i = 0; i < 70; i++) {
      nodes.clock.advanceSeconds(1);
      ann.session.alive();
    }
    ann.send("{'type':'join','room':'other'}");
    assertEquals("unavailable", ann.last("error").get("code").getAsString());
    assertFalse(here.ready());
    assertEquals(0, members("other"));
    way.goOn();
    nodes.clock.advanceSeconds(1);
    ann.join("other");
    assertEquals(1, members("other"));
    assertEquals(1, members("room"));
  }

  @Test
  void aCanaryThatDoesNotComeBackIsCountedAndTheNodeIsNotReady() {
    assertTrue(here.ready());
    assertEquals(0, here.stats().lateProbes());
    way.refuse("probe");
    nodes.clock.advanceSeconds(6);
    assertFalse(here.ready());
    assertTrue(here.stats().lateProbes() > 0);
    way.goOn();
    nodes.clock.advanceSeconds(1);
    assertTrue(here.ready());
  }

  private Admission admitHere(Client old) {
    return BackendContract.get(
        here.admit(
            ConnectRequest.of(
                Map.of("name", "Ann", "resume", old.resumeSecret()), null, null, "127.0.0.1")));
  }

  @Test
  void whoLeavesARoomBeforeItsSessionIsOpenElsewhereIsInNoNodesList() {
    Client old = Client.connect(there, "Ann");
    old.join("room");
    old.session.closed(1006);
    Admission admission = admitHere(old);
    way.hold("takeOver");
    RecordingTransport transport = new RecordingTransport();
    ClientSession session = here.connect(admission, transport);
    session.receive("{\"type\":\"leave\",\"id\":1,\"room\":\"room\"}");
    way.goOn();
    assertEquals("left", transport.only("left").get("reason").getAsString());
    assertEquals(0, members("room"));
    nodes.clock.advanceSeconds(1);
    assertEquals(0, members("room"));
  }

  @Test
  void aSessionWhoseOldConnectionIsLostWhileItIsResumedHereIsConnectedInTheStore() {
    Client old = Client.connect(here, "Ann");
    old.join("room");
    Admission admission = admitHere(old);
    way.hold("takeOver");
    RecordingTransport transport = new RecordingTransport();
    ClientSession session = here.connect(admission, transport);
    old.session.closed(1006);
    way.goOn();
    assertTrue(transport.only("welcome").get("resumed").getAsBoolean());
    List<StateStore.UserSession> stored =
        BackendContract.get(here.state().sessions(session.user().id()));
    assertEquals(List.of(true), stored.stream().map(StateStore.UserSession::connected).toList());
    assertEquals(1, members("room"));
  }

  @Test
  void whatWasSaidToSomebodyWhomTheStoreDidNotKnowYetIsToldWhenItDoes() {
    Client bob = Client.connect(there, "Bob");
    way.refuse("open");
    Client ann = Client.connect(here, "Ann");
    BackendContract.get(
        there.publish(
            Conversation.between(ann.session.user().id(), bob.session.user().id()).room(),
            new Draft(Json.of("type", "direct"), nodes.clock.millis(), null)));
    assertEquals(0, ann.count("direct"));
    way.goOn();
    nodes.clock.advanceSeconds(10);
    assertEquals(1, ann.count("direct"));
  }

  @Test
  void aConnectionWhoseSessionWentOnElsewhereUnheardIsClosedWhenAnnouncementsAreBack() {
    Client old = Client.connect(here, "Ann");
    old.join("room");
    Client other = Client.connect(here, "Bob");
    other.join("room");
    way.deaf();
    Client again = Client.resume(there, old.resumeSecret());
    again.join("room");
    nodes.clock.advanceSeconds(2);
    assertEquals(0, old.transport.closeCode(), "nobody told this node");
    way.hear();
    way.listener().onGap("room");
    nodes.clock.advanceSeconds(1);
    assertEquals(4009, old.transport.closeCode());
    assertEquals(0, other.transport.closeCode());
    nodes.clock.advanceSeconds(61);
    again.session.alive();
    assertEquals(2, members("room"), "nothing of the session was ended");
    long asked = way.calls("find");
    nodes.clock.advanceSeconds(1);
    assertEquals(asked, way.calls("find"), "asked once");
  }

  @Test
  void aStoreThatDoesNotAnswerWhetherASessionWentOnIsAskedAgain() {
    Client old = Client.connect(here, "Ann");
    old.join("room");
    way.deaf();
    Client.resume(there, old.resumeSecret());
    way.hear();
    way.refuse("find");
    way.listener().onGap("room");
    nodes.clock.advanceSeconds(1);
    assertEquals(0, old.transport.closeCode());
    way.goOn();
    nodes.clock.advance(LIMITS.nodeLease());
    assertEquals(4009, old.transport.closeCode());
  }

  @Test
  void whatTheStoreDoesNotHaveIsStoredAgainSomeAtATime() {
    List<Client> clients = unstored(3 * Restoring.AT_ONCE);
    long before = way.calls("open");
    nodes.clock.advanceSeconds(LIMITS.nodeLease().toSeconds() / 3.0 + 1);
    assertEquals(Restoring.AT_ONCE, way.calls("open") - before);
    nodes.clock.advanceSeconds(LIMITS.nodeLease().toSeconds() / 3.0 + 1);
    assertEquals(Restoring.AT_ONCE, way.calls("open") - before, "nothing is asked twice");
    way.release(0);
    assertEquals(Restoring.AT_ONCE + 1, way.calls("open") - before);
    way.goOn();
    assertEquals(clients.size(), way.calls("open") - before);
    for (Client client : clients) {
      assertTrue(resumed(Client.resume(there, client.resumeSecret())));
    }
  }

  @Test
  void whoHasGoneIsNotStoredAgain() {
    List<Client> clients = unstored(2 * Restoring.AT_ONCE);
    long before = way.calls("open");
    nodes.clock.advanceSeconds(LIMITS.nodeLease().toSeconds() / 3.0 + 1);
    clients.forEach(client -> client.session.disconnect());
    way.goOn();
    assertEquals(Restoring.AT_ONCE, way.calls("open") - before);
  }

  /** Clients whom the store does not have, and will not have before it answers. */
  private List<Client> unstored(int count) {
    way.refuse("open");
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(Client.connect(here, "User" + i));
    }
    way.goOn();
    way.hold("open");
    return clients;
  }
}
