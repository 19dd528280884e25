package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How fast connections and users may send. */
class RatesTest {

  private static final Limits LIMITS = StillNodes.LIMITS;
  private static final Limits BYTES =
      LIMITS.toBuilder().frameBytes(200).bytesPerSecond(100).bytesBurst(1_000).build();
  private static final Limits USER =
      LIMITS.toBuilder().userCommandsPerSecond(10).userCommandsBurst(100).build();

  private final StillNodes nodes = new StillNodes();
  private final HeldWay way = new HeldWay();

  @AfterEach
  void closeNodes() {
    way.goOn();
    nodes.close();
  }

  /** A frame of so many bytes. */
  private static String frame(int bytes) {
    String empty = "{'type':'ping','x':''}";
    return "{'type':'ping','x':'" + "x".repeat(bytes - empty.length()) + "'}";
  }

  private static void send(Client client, String frame, int times) {
    IntStream.range(0, times).forEach(i -> client.send(frame));
  }

  private ChatNode far(Limits limits) {
    return start(limits, backend -> new FarBackend(backend, way));
  }

  private ChatNode start(Limits limits) {
    return start(limits, backend -> backend);
  }

  /** A node that takes the name for the user's id. */
  private ChatNode start(Limits limits, UnaryOperator<Backend> wrapper) {
    return nodes.start(
        limits,
        wrapper,
        builder ->
            builder.authenticator(
                request -> {
                  String name = Objects.requireNonNull(request.parameter("name"));
                  return new User(name, name);
                }));
  }

  @Test
  void bytesAreTakenUpToTheBurstAndTheWaitIsExact() {
    ChatNode node = nodes.start(BYTES);
    Client ann = Client.connect(node, "Ann");
    send(ann, frame(200), 5);
    assertEquals(5, ann.count("pong"), "1,000 bytes");
    ann.send(frame(50));
    JsonObject refused = ann.last("error");
    assertEquals("rate_limited", refused.get("code").getAsString());
    assertEquals(500, refused.get("retryAfter").getAsInt());
    nodes.clock.advance(Duration.ofMillis(499));
    ann.send(frame(50));
    assertEquals(5, ann.count("pong"));
    nodes.clock.advance(Duration.ofMillis(1));
    ann.send(frame(50));
    assertEquals(6, ann.count("pong"));
    assertEquals(2, node.stats().rateLimited());
    assertEquals(2, node.stats().limitHits().get(LimitHit.BYTES_PER_SECOND));
  }

  @Test
  void bytesAreThoseOfTheWireNotCharacters() {
    Client ann = Client.connect(nodes.start(BYTES), "Ann");
    // 20 + 3 * (2 + 3 + 4) = 47 and 3 of the name's own: 22 around the text.
    String text = "\u00e9\u20ac\ud83d\ude00".repeat(3);
    String frame = "{'type':'ping','x':'" + text + "'}";
    send(ann, frame, 1_000 / 49);
    assertEquals(20, ann.count("pong"));
    assertEquals(0, ann.count("error"));
    ann.send(frame);
    assertEquals(1, ann.count("error"));
  }

  @Test
  void whoDoesNotStopSendingTooManyBytesIsClosed() {
    Client ann = Client.connect(nodes.start(BYTES), "Ann");
    send(ann, frame(200), 1_005);
    assertEquals(1_000, ann.count("error"));
    assertEquals(0, ann.transport.closeCode());
    ann.send(frame(200));
    assertEquals(1008, ann.transport.closeCode());
  }

  @Test
  void aConnectionThatStopsInTimeIsNotClosed() {
    Client ann = Client.connect(nodes.start(BYTES), "Ann");
    send(ann, frame(200), 1_005);
    nodes.clock.advanceSeconds(2);
    ann.send(frame(200));
    assertEquals(6, ann.count("pong"));
    send(ann, frame(200), 1_000);
    assertEquals(0, ann.transport.closeCode(), "the count began anew");
  }

  @Test
  void whoFloodsOnIsClosedAlthoughSomeOfItIsTaken() {
    Limits limits = LIMITS.toBuilder().commandsPerSecond(30).commandsBurst(300).build();
    Client ann = Client.connect(nodes.start(limits), "Ann");
    for (int i = 0; i < 30 && ann.transport.closeCode() == 0; i++) {
      send(ann, "{'type':'ping'}", 50);
      nodes.clock.advance(Duration.ofMillis(100)); // in which there are tokens for three
    }
    assertEquals(1008, ann.transport.closeCode());
  }

  @Test
  void whoIsSometimesALittleTooFastIsNotClosed() {
    Limits limits = LIMITS.toBuilder().commandsPerSecond(10).commandsBurst(10).build();
    Client ann = Client.connect(nodes.start(limits), "Ann");
    for (int i = 0; i < 2_000; i++) {
      send(ann, "{'type':'ping'}", 2);
      nodes.clock.advance(Duration.ofMillis(100));
      ann.session.alive();
    }
    assertTrue(ann.count("error") > 1_900, "refused: " + ann.count("error"));
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  void whoFloodsWithLargeFramesIsClosedSooner() {
    Limits limits = BYTES.toBuilder().frameBytes(20_000).bytesBurst(20_000).build();
    Client ann = Client.connect(nodes.start(limits), "Ann");
    send(ann, frame(20_000), 1 + 50);
    assertEquals(0, ann.transport.closeCode());
    send(ann, frame(20_000), 3);
    assertEquals(1008, ann.transport.closeCode());
  }

  @Test
  void whatReadsMuchCountsForSeveral() {
    Limits limits = LIMITS.toBuilder().commandsPerSecond(1).commandsBurst(10).build();
    ChatNode node = nodes.start(limits);
    assertEquals(10, taken(node, "{'type':'rooms','limit':100}"));
    assertEquals(2, taken(node, "{'type':'rooms','limit':500}"));
    assertEquals(5, taken(node, "{'type':'rooms','limit':101}"));
    assertEquals(2, taken(node, "{'type':'members','room':'r','limit':500}"));
    assertEquals(2, taken(node, "{'type':'history','room':'r','limit':500}"));
    assertEquals(2, taken(node, "{'type':'join','room':'r','history':500}"));
    assertEquals(10, taken(node, "{'type':'join','room':'r'}"));
  }

  @Test
  void whatCountsForMoreThanABurstIsTakenAllTheSame() {
    Limits limits = LIMITS.toBuilder().commandsPerSecond(1).commandsBurst(2).build();
    assertEquals(1, taken(nodes.start(limits), "{'type':'rooms','limit':500}"));
  }

  /** How many of eleven such commands of a newcomer are not refused as too many. */
  private static long taken(ChatNode node, String command) {
    Client ann = Client.connect(node, "Ann");
    send(ann, command, 11);
    return 11
        - ann.transport.frames("error").stream()
            .filter(error -> error.get("code").getAsString().equals("rate_limited"))
            .count();
  }

  @Test
  void aUserPaysForWhatReadsMuchOnAllConnections() {
    ChatNode node = start(USER);
    Client one = Client.connect(node, "Ann");
    Client two = Client.connect(node, "Ann");
    send(one, "{'type':'rooms','limit':500}", 10);
    send(two, "{'type':'rooms','limit':500}", 11);
    assertEquals(10, one.count("rooms"));
    assertEquals(10, two.count("rooms"));
  }

  @Test
  void whoSendsTooManyPingsIsClosed() {
    ChatNode node = nodes.start(LIMITS.toBuilder().controlFramesPerSecond(2).build());
    Client ann = Client.connect(node, "Ann");
    for (int i = 0; i < 20; i++) {
      ann.session.control();
    }
    nodes.clock.advanceSeconds(1);
    ann.session.control();
    ann.session.control();
    assertEquals(0, ann.transport.closeCode());
    ann.session.control();
    assertEquals(1008, ann.transport.closeCode());
    assertEquals(1, node.stats().limitHits().get(LimitHit.CONTROL_FRAMES_PER_SECOND));
  }

  @Test
  void whatOneLimitRefusesCostsNothingOfTheOthers() {
    Limits limits = BYTES.toBuilder().commandsPerSecond(1).commandsBurst(10).build();
    Client ann = Client.connect(nodes.start(limits), "Ann");
    send(ann, frame(200), 50);
    assertEquals(5, ann.count("pong"));
    nodes.clock.advance(Duration.ofMillis(300));
    send(ann, frame(30), 1);
    assertEquals(6, ann.count("pong"), "45 refused frames took none of the 10 commands");
  }

  @Test
  void whatTheUsersLimitRefusesCostsTheConnectionNothing() {
    Limits limits =
        BYTES.toBuilder()
            .commandsPerSecond(1)
            .commandsBurst(10)
            .userCommandsPerSecond(1)
            .userCommandsBurst(2)
            .build();
    Client ann = Client.connect(nodes.start(limits), "Ann");
    send(ann, frame(200), 12);
    assertEquals(2, ann.count("pong"));
    nodes.clock.advance(Duration.ofSeconds(1));
    send(ann, frame(200), 1);
    assertEquals(3, ann.count("pong"), "10 refused frames took none of its bytes and commands");
  }

  @Test
  void aUsersConnectionsShareOneBucket() {
    ChatNode node = start(USER);
    Client one = Client.connect(node, "Ann");
    Client two = Client.connect(node, "Ann");
    Client bob = Client.connect(node, "Bob");
    send(one, "{'type':'ping'}", 60);
    send(two, "{'type':'ping'}", 40);
    assertEquals(100, one.count("pong") + two.count("pong"));
    two.send("{'type':'ping','id':7}");
    JsonObject refused = two.last("error");
    assertEquals("rate_limited", refused.get("code").getAsString());
    assertEquals(7, refused.get("re").getAsInt());
    assertEquals(100, refused.get("retryAfter").getAsInt());
    nodes.clock.advance(Duration.ofMillis(99));
    one.send("{'type':'ping'}");
    assertEquals(1, one.count("error"));
    nodes.clock.advance(Duration.ofMillis(1));
    two.send("{'type':'ping'}");
    assertEquals(101, one.count("pong") + two.count("pong"));
    assertEquals(2, node.stats().limitHits().get(LimitHit.USER_COMMANDS_PER_SECOND));
    send(bob, "{'type':'ping'}", 100);
    assertEquals(100, bob.count("pong"));
  }

  @Test
  void aReconnectDoesNotBringAFreshBucket() {
    ChatNode node = start(USER);
    Client one = Client.connect(node, "Ann");
    send(one, "{'type':'ping'}", 100);
    one.session.closed(1000);
    Client two = Client.connect(node, "Ann");
    two.send("{'type':'ping'}");
    assertEquals(0, two.count("pong"));
    assertEquals(1, two.count("error"));
  }

  /**
   * Sends faster than it may, on each node, not for so long that it is closed, and returns how many
   * commands went through.
   */
  private long flood(List<Client> clients, int seconds) {
    for (int i = 0; i < seconds * 20; i++) {
      clients.forEach(client -> send(client, "{'type':'ping'}", 2));
      nodes.clock.advance(Duration.ofMillis(50));
      clients.forEach(client -> client.session.alive());
    }
    return clients.stream().mapToLong(client -> client.count("pong")).sum();
  }

  @Test
  void onManyNodesTogetherAUserHasOneLimitAndATenthOfItOnEach() {
    List<Client> clients =
        Stream.generate(() -> Client.connect(start(USER), "Ann")).limit(4).toList();
    flood(clients, 10);
    long before = clients.stream().mapToLong(client -> client.count("pong")).sum();
    long after = flood(clients, 15) - before;
    assertTrue(after >= 15 * 10, "at least the limit: " + after);
    assertTrue(after <= 15 * (10 + 4) + 25, "the limit and 4 tenths of it: " + after);
  }

  @Test
  void onOneNodeAUserHasTheLimitAndNoMore() {
    List<Client> one = List.of(Client.connect(start(USER), "Ann"));
    long all = flood(one, 40);
    assertTrue(all <= 100 + 40 * 10, "the burst and the limit: " + all);
    assertTrue(all >= 40 * 10, "not less than the limit: " + all);
  }

  @Test
  void whoStaysFarBelowTheLimitIsNeverToldToTheStore() {
    ChatNode node = far(USER);
    Client ann = Client.connect(node, "Ann");
    for (int i = 0; i < 100; i++) {
      send(ann, "{'type':'ping'}", 1);
      nodes.clock.advanceSeconds(1);
    }
    assertEquals(100, ann.count("pong"));
    assertEquals(0, way.calls("takeTokens"));
  }

  @Test
  void theStoreIsAskedOnceForManyCommands() {
    Client ann = Client.connect(far(USER), "Ann");
    send(ann, "{'type':'ping'}", 100);
    assertEquals(100, ann.count("pong"));
    assertTrue(way.calls("takeTokens") <= 20, "calls: " + way.calls("takeTokens"));
    nodes.clock.advanceSeconds(11);
    long before = way.calls("takeTokens");
    for (int i = 0; i < 100; i++) { // a minute at 8 a second
      send(ann, "{'type':'ping'}", 5);
      nodes.clock.advance(Duration.ofMillis(625));
      ann.session.alive();
    }
    assertEquals(600, ann.count("pong"));
    long calls = way.calls("takeTokens") - before;
    assertTrue(calls <= 90, "for 500 commands: " + calls);
  }

  @Test
  void commandsGoOnWhileTheAnswerIsUnderWayAndArePaidThen() {
    ChatNode node = far(USER);
    Client ann = Client.connect(node, "Ann");
    Client elsewhere = Client.connect(start(USER), "Ann");
    way.hold("takeTokens");
    send(ann, "{'type':'ping'}", 100);
    assertEquals(100, ann.count("pong"));
    assertEquals(1, way.calls("takeTokens"), "one question at a time");
    way.goOn();
    nodes.clock.advanceSeconds(1);
    send(ann, "{'type':'ping'}", 1);
    nodes.clock.advance(Duration.ofMillis(1));
    send(elsewhere, "{'type':'ping'}", 60);
    assertTrue(elsewhere.count("pong") < 40, "what was used here: " + elsewhere.count("pong"));
  }

  @Test
  void withoutTheStoreANodeKeepsTheLimitByItself() {
    ChatNode node = far(USER);
    way.refuse("takeTokens");
    List<Client> ann = List.of(Client.connect(node, "Ann"));
    send(ann.get(0), "{'type':'ping'}", 101);
    assertEquals(100, ann.get(0).count("pong"));
    assertEquals(1, way.calls("takeTokens"), "not again at once");
    long all = flood(ann, 40);
    assertTrue(all >= 40 * 10 && all <= 100 + 40 * 10, "as many as on one node: " + all);
    assertTrue(way.calls("takeTokens") <= 42, "once a second: " + way.calls("takeTokens"));
    assertTrue(node.stats().backendFailures() > 0);
  }

  @Test
  void usersAreForgottenWhenTheirBucketIsFull() {
    ChatNode node = start(USER);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(Client.connect(node, "user " + i));
    }
    clients.forEach(client -> send(client, "{'type':'ping'}", 50));
    assertEquals(50, node.userRates().size());
    nodes.clock.advanceSeconds(20);
    assertEquals(0, node.userRates().size());
  }
}
