package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A session without a connection. */
class DetachedSessionTest {

  @Test
  void whoWaitsToBeResumedKeepsNothingOfItsConnection() {
    try (Backend backend = Backend.inMemory();
        ChatNode node = ChatNode.builder(backend).limits(StillNodes.LIMITS).start()) {
      BackendContract.until(node::ready);
      RecordingTransport transport = new RecordingTransport();
      Admission admission =
          BackendContract.get(
              node.admit(ConnectRequest.of(Map.of("name", "Ann"), null, null, "127.0.0.1")));
      ClientSession session = node.connect(admission, transport);
      BackendContract.until(session::connected);
      String id = session.id();
      session.closed(1006);
      WeakReference<RecordingTransport> gone = new WeakReference<>(transport);
      transport = null;
      await()
          .until(
              () -> {
                System.gc();
                return gone.get() == null;
              });
      assertNotNull(node.session(id), "it can still be resumed");
    }
  }

  private final StillNodes nodes = new StillNodes();
  private final ChatNode three =
      nodes.start(StillNodes.LIMITS.toBuilder().waitingSessions(3).build());

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private Client lost(String name, String... rooms) {
    Client client = Client.connect(three, name);
    for (String room : rooms) {
      client.join(room);
    }
    client.session.closed(1006);
    return client;
  }

  private boolean isKept(Client client) {
    return three.session(client.session.id()) != null;
  }

  @Test
  void whoWaitsLongestGoesFirstWhenTooManyWait() {
    Client ann = lost("Ann", "room");
    Client bob = lost("Bob", "room");
    Client cid = lost("Cid", "room");
    assertTrue(isKept(ann));
    assertEquals(0, three.stats().limitHits().get(LimitHit.WAITING_SESSIONS));
    Client dan = lost("Dan", "room");
    assertEquals(List.of(false, true, true, true), kept(ann, bob, cid, dan));
    assertEquals(1, three.stats().limitHits().get(LimitHit.WAITING_SESSIONS));
    assertEquals(3, three.waiting().size());
    assertEquals(
        "false",
        Client.resume(three, ann.resumeSecret()).last("welcome").get("resumed").getAsString());
  }

  private List<Boolean> kept(Client... clients) {
    return Stream.of(clients).map(this::isKept).toList();
  }

  @Test
  void whoIsInNoRoomGoesBeforeMembers() {
    Client ann = lost("Ann", "room");
    Client bob = lost("Bob");
    Client cid = lost("Cid", "room");
    Client dan = lost("Dan", "room");
    Client eve = lost("Eve");
    assertEquals(List.of(true, false, true, true, false), kept(ann, bob, cid, dan, eve));
  }

  @Test
  void whoIsResumedOrOverWaitsNoLonger() {
    Client ann = lost("Ann", "room");
    Client bob = lost("Bob");
    Client.resume(three, ann.resumeSecret());
    assertEquals(1, three.waiting().size());
    nodes.clock.advance(StillNodes.LIMITS.resumeTtl());
    assertEquals(0, three.waiting().size());
    assertFalse(isKept(bob));
  }

  @Test
  void nothingIsKeptOfHowItsUserStood() {
    Client ann = Client.connect(three, "Ann");
    ann.join("room");
    ann.say("room", "hello");
    assertTrue(three.moderation().known() > 0);
    ann.session.closed(1000);
    assertEquals(0, three.moderation().known());
  }

  @Test
  void aCloseThatWaitsForAWriteIsSentAlthoughTheSessionIsOver() {
    try (Backend backend = Backend.inMemory();
        ChatNode node = ChatNode.builder(backend).limits(StillNodes.LIMITS).start()) {
      BackendContract.until(node::ready);
      Client ann = Client.connect(node, "Ann");
      ann.transport.stall();
      ann.send("{'type':'ping'}");
      BackendContract.until(() -> ann.session.queuedBytes() > 0);
      ann.session.disconnect();
      assertEquals(4003, ann.transport.closeCode());
    }
  }
}
