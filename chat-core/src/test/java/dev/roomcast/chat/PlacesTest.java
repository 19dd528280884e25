package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How many clients a node takes, from where, and how fast. */
class PlacesTest {

  private static final Limits ANY =
      StillNodes.LIMITS.toBuilder()
          .connections(0)
          .connectionsPerAddress(0)
          .pendingHandshakes(0)
          .sessionsPerUser(0)
          .build();

  private final StillNodes nodes = new StillNodes();
  private final HeldWay way = new HeldWay();

  @AfterEach
  void closeNodes() {
    way.goOn();
    nodes.close();
  }

  private ChatNode start(Limits.Builder limits) {
    return start(limits, backend -> backend);
  }

  private ChatNode start(Limits.Builder limits, UnaryOperator<Backend> wrapper) {
    return nodes.start(
        limits.build(),
        wrapper,
        builder ->
            builder.authenticator(
                request -> {
                  String name = Objects.requireNonNull(request.parameter("name"));
                  if (name.equals("nobody")) {
                    throw new ChatException(ErrorCode.UNAUTHORIZED, "token: not valid");
                  }
                  return new User(name, name);
                }));
  }

  private static CompletableFuture<Admission> ask(ChatNode node, String name, String address) {
    return node.admit(ConnectRequest.of(Map.of("name", name), null, null, address))
        .toCompletableFuture();
  }

  private static ClientSession connect(ChatNode node, String name, String address) {
    return node.connect(ask(node, name, address).join(), new RecordingTransport());
  }

  private static ChatException refusal(ChatNode node, String name, String address) {
    return ChatException.of(
        assertThrows(CompletionException.class, () -> ask(node, name, address).join()));
  }

  private static void assertRefused(ChatNode node, LimitHit limit, int status, long seconds) {
    ChatException refusal = refusal(node, "Zoe", "10.0.0.1");
    assertEquals(status, refusal.code().httpStatus());
    assertEquals(Duration.ofSeconds(seconds), refusal.retryAfter());
    assertNotEquals(0L, node.stats().limitHits().get(limit));
  }

  @Test
  void aNodeTakesSoManyConnectionsAndAnotherWhenOneIsOver() {
    ChatNode node = start(ANY.toBuilder().connections(3));
    List<ClientSession> three =
        IntStream.range(0, 3).mapToObj(i -> connect(node, "u" + i, "10.1.0." + i)).toList();
    assertRefused(node, LimitHit.CONNECTIONS, 503, 5);
    three.get(0).closed(1006);
    three.get(0).closed(1006);
    connect(node, "Bob", "10.2.0.1");
    assertRefused(node, LimitHit.CONNECTIONS, 503, 5);
  }

  @Test
  void anAddressHasSoManyConnectionsAndOthersTheirOwn() {
    ChatNode node = start(ANY.toBuilder().connectionsPerAddress(2));
    ClientSession first = connect(node, "Ann", "10.0.0.1");
    connect(node, "Bob", "10.0.0.1");
    assertRefused(node, LimitHit.CONNECTIONS_PER_ADDRESS, 429, 5);
    connect(node, "Cid", "10.0.0.2");
    first.close(CloseCode.DISCONNECTED, "bye");
    connect(node, "Dan", "10.0.0.1");
    assertRefused(node, LimitHit.CONNECTIONS_PER_ADDRESS, 429, 5);
  }

  @Test
  void aNetworkOfIpv6CountsAsOneAddress() {
    ChatNode node = start(ANY.toBuilder().connectionsPerAddress(2));
    connect(node, "Ann", "2001:db8:1:2::1");
    connect(node, "Bob", "2001:db8:1:2:ffff:ffff:ffff:ffff");
    assertEquals(ErrorCode.RATE_LIMITED, refusal(node, "Cid", "2001:DB8:1:2:0:0:0:3%eth0").code());
    connect(node, "Cid", "2001:db8:1:3::1");
  }

  @Test
  void addressesAreReadWithoutAskingAnybody() {
    assertEquals("10.0.0.1", ClientAddress.key("10.0.0.1"));
    assertEquals("10.0.0.1", ClientAddress.key("::ffff:10.0.0.1"));
    assertEquals("0000000000000000/64", ClientAddress.key("0:0:0:0:0:0:0:1"));
    assertNotEquals(ClientAddress.key("fe80::1"), ClientAddress.key("fe81::1"));
    for (String none : List.of("unknown", "", "example.com", "abc:def", ":", "1.2.3", "_x", "%1")) {
      assertNull(ClientAddress.key(none), none);
    }
  }

  @Test
  void clientsWithoutAnAddressAreNotTakenForOne() {
    ChatNode node =
        start(ANY.toBuilder().connectionsPerAddress(1).handshakesPerSecondPerAddress(1));
    connect(node, "Ann", "unknown");
    connect(node, "Bob", "unknown");
  }

  @Test
  void anAddressConnectsSoOftenInASecond() {
    ChatNode node = start(ANY.toBuilder().handshakesPerSecondPerAddress(10));
    for (int i = 0; i < 10; i++) {
      refusal(node, "nobody", "10.0.0.1");
    }
    assertRefused(node, LimitHit.HANDSHAKES_PER_SECOND_PER_ADDRESS, 429, 1);
    connect(node, "Bob", "10.0.0.2");
    nodes.clock.advance(Duration.ofMillis(99));
    assertRefused(node, LimitHit.HANDSHAKES_PER_SECOND_PER_ADDRESS, 429, 1);
    nodes.clock.advance(Duration.ofMillis(1));
    connect(node, "Ann", "10.0.0.1").closed(1000);
    assertRefused(node, LimitHit.HANDSHAKES_PER_SECOND_PER_ADDRESS, 429, 1);
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      nodes.clock.advance(Duration.ofMillis(50));
      taken += refusal(node, "nobody", "10.0.0.1").code() == ErrorCode.UNAUTHORIZED ? 1 : 0;
    }
    assertEquals(50, taken, "in five seconds, whichever turn it is");
  }

  @Test
  void manyAddressesDoNotFillTheMemory() {
    ChatNode node = start(ANY.toBuilder().handshakesPerSecondPerAddress(10));
    for (int i = 0; i < 50_000; i++) {
      refusal(node, "nobody", "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255));
    }
    assertTrue(node.places().addresses() <= 20_000, "addresses: " + node.places().addresses());
    assertEquals(0, node.places().taken());
  }

  @Test
  void soManyMayBeDecidedOnAtATime() {
    ChatNode node =
        start(
            ANY.toBuilder().pendingHandshakes(2).sessionsPerUser(5),
            backend -> new FarBackend(backend, way));
    way.hold("sessions");
    List<CompletableFuture<Admission>> asked = new ArrayList<>();
    asked.add(ask(node, "Ann", "10.0.0.1"));
    asked.add(ask(node, "Bob", "10.0.0.1"));
    assertRefused(node, LimitHit.PENDING_HANDSHAKES, 503, 1);
    way.goOn();
    assertRefused(node, LimitHit.PENDING_HANDSHAKES, 503, 1);
    node.connect(asked.get(0).join(), new RecordingTransport());
    connect(node, "Cid", "10.0.0.1");
  }

  @Test
  void whoWasLetInAndNeverComesLosesThePlace() {
    ChatNode node = start(ANY.toBuilder().connections(1));
    Admission admission = ask(node, "Ann", "10.0.0.1").join();
    assertRefused(node, LimitHit.CONNECTIONS, 503, 5);
    nodes.clock.advanceSeconds(26);
    ClientSession bob = connect(node, "Bob", "10.0.0.1");
    ClientSession late = node.connect(admission, new RecordingTransport());
    assertEquals(2, node.places().taken(), "one came late all the same");
    bob.closed(1000);
    late.closed(1000);
    assertEquals(0, node.places().taken());
  }

  @Test
  void aUserHasSoManySessionsOverAllNodes() {
    Limits.Builder three = ANY.toBuilder().sessionsPerUser(3);
    ChatNode here = start(three);
    ChatNode there = start(three);
    connect(here, "Zoe", "10.0.0.1");
    connect(there, "Zoe", "10.0.0.1");
    ClientSession last = connect(there, "Zoe", "10.0.0.1");
    for (ChatNode node : List.of(here, there)) {
      assertRefused(node, LimitHit.SESSIONS_PER_USER, 429, 0);
    }
    connect(here, "Bob", "10.0.0.1");
    last.closed(1000);
    connect(here, "Zoe", "10.0.0.1");
    for (ChatNode node : List.of(here, there)) {
      assertRefused(node, LimitHit.SESSIONS_PER_USER, 429, 0);
    }
  }

  @Test
  void oneOfManyAtOnceIsNotOneTooMany() {
    ChatNode node =
        start(ANY.toBuilder().sessionsPerUser(3), backend -> new FarBackend(backend, way));
    way.hold("sessions");
    List<CompletableFuture<Admission>> asked =
        IntStream.range(0, 10).mapToObj(i -> ask(node, "Zoe", "10.0.0.1")).toList();
    way.goOn();
    assertEquals(3, asked.stream().filter(one -> !one.isCompletedExceptionally()).count());
  }

  @Test
  void aResumeDoesNotCountTwice() {
    Limits.Builder one = ANY.toBuilder().sessionsPerUser(1);
    ChatNode here = start(one);
    ChatNode there = start(one);
    Client first = Client.connect(here, "again"); // the name that a resuming client gives
    for (ChatNode node : List.of(here, there, there, here)) {
      Client next = Client.resume(node, first.resumeSecret());
      assertTrue(next.last("welcome").get("resumed").getAsBoolean());
      assertEquals(ErrorCode.RATE_LIMITED, refusal(node, "again", "10.0.0.1").code());
      first = next;
    }
    assertEquals(1, here.places().taken() + there.places().taken());
  }

  @Test
  void sessionsThatWaitToBeResumedAreNotCountedUntilThereAreMany() {
    ChatNode node = start(ANY.toBuilder().sessionsPerUser(2));
    int most = 2 + Reception.WAITING_SESSIONS;
    for (int i = 0; i < most; i++) {
      connect(node, "Zoe", "10.0.0.1").closed(1001);
    }
    assertEquals(ErrorCode.RATE_LIMITED, refusal(node, "Zoe", "10.0.0.1").code());
    nodes.clock.advanceSeconds(61);
    connect(node, "Zoe", "10.0.0.1");
  }

  @Test
  void withoutTheStoreTheSessionsHereCount() {
    ChatNode node =
        start(ANY.toBuilder().sessionsPerUser(2), backend -> new FarBackend(backend, way));
    connect(node, "Zoe", "10.0.0.1");
    way.refuse("sessions");
    connect(node, "Zoe", "10.0.0.1");
    assertRefused(node, LimitHit.SESSIONS_PER_USER, 429, 0);
    assertFalse(node.stats().backendFailures() == 0);
  }
}
