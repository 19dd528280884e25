package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a node sends its clients away, on a clock of the test's. */
class DrainTest {

  private static final Limits LIMITS = StillNodes.LIMITS;
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private final StillNodes nodes = new StillNodes();
  private final ManualClock clock = nodes.clock;
  private final ArrayDeque<Runnable> hooks = new ArrayDeque<>();
  private boolean hooksWait;
  private final ChatNode here =
      nodes.start(
          LIMITS,
          backend -> backend,
          builder ->
              builder
                  .authorizer((user, action, room) -> true)
                  .executor(
                      hook -> {
                        if (hooksWait) {
                          hooks.add(hook);
                        } else {
                          hook.run();
                        }
                      }));
  private final ChatNode other = nodes.start(LIMITS);

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private List<Client> clients(int count) {
    return IntStream.range(0, count).mapToObj(i -> Client.connect(here, "User" + i)).toList();
  }

  private static long told(List<Client> clients) {
    return clients.stream().filter(client -> client.count("closing") == 1).count();
  }

  @Test
  void clientsAreClosedAFewAtATimeOverMostOfTheTimeAndTheOthersGoOn() {
    List<Client> clients = clients(800);
    clients.get(0).join("general");
    CompletableFuture<Boolean> drain = here.startDrain(TEN_SECONDS);
    long before = told(clients);
    assertEquals(5, before);
    for (int i = 0; i < 159; i++) {
      clock.advance(Drain.SLICE);
      long now = told(clients);
      assertTrue(now - before <= 6, now + " after " + before);
      before = now;
    }
    assertEquals(800, before, "all are told before the last two seconds");
    for (Client client : clients) {
      assertEquals(1001, client.transport.closeCode());
      assertTrue(client.last("closing").get("reconnectAfter").getAsLong() < 50);
      assertFalse(drain.isDone());
      client.session.closed(1001);
    }
    assertTrue(drain.join());
  }

  @Test
  void halfWayThroughHalfAreServedAsEver() {
    List<Client> clients = clients(160);
    clients.forEach(client -> client.join("general"));
    here.startDrain(TEN_SECONDS);
    clock.advance(Duration.ofSeconds(4));
    List<Client> left = clients.stream().filter(client -> client.count("closing") == 0).toList();
    assertTrue(left.size() > 70 && left.size() < 90, left.size() + " are left");
    left.get(0).send("{'type':'message','id':1,'room':'general','text':'still here'}");
    assertEquals(1, left.get(0).count("ack"));
    for (Client client : left) {
      assertEquals("still here", client.last("message").get("text").getAsString());
    }
    left.get(1).send("{'type':'join','room':'another'}");
    assertEquals("another", left.get(1).last("joined").get("room").getAsString());
  }

  @Test
  void nobodyOrOneIsGoneAtOnceAndAFewAreSoon() {
    assertTrue(here.startDrain(TEN_SECONDS).isDone());
    Client ann = Client.connect(other, "Ann");
    CompletableFuture<Boolean> one = other.startDrain(TEN_SECONDS);
    assertEquals(1001, ann.transport.closeCode());
    ann.session.closed(1001);
    assertTrue(one.join());
    ChatNode third = nodes.start(LIMITS);
    List<Client> few = IntStream.range(0, 5).mapToObj(i -> Client.connect(third, "U" + i)).toList();
    third.startDrain(TEN_SECONDS);
    clock.advance(Drain.SLICE.multipliedBy(4));
    assertEquals(5, told(few));
  }

  @Test
  void aDrainWithoutTimeTellsAllAtOnceAndHasThemComeBackOneAfterTheOther() {
    List<Client> clients = clients(2_000);
    CompletableFuture<Boolean> drain = here.startDrain(Duration.ZERO);
    assertEquals(2_000, told(clients));
    assertTrue(
        clients.stream()
            .map(client -> client.last("closing").get("reconnectAfter").getAsLong())
            .anyMatch(wait -> wait > 1_000));
    clock.advance(Duration.ofMillis(1));
    assertFalse(drain.join());
  }

  @Test
  void whatWasAskedBeforeTheClosingIsAnsweredBeforeTheCloseAndNothingIsDoneAfterIt() {
    Client ann = Client.connect(here, "Ann");
    ann.join("general");
    hooksWait = true;
    ann.send("{'type':'message','id':1,'room':'general','text':'one'}");
    ann.send("{'type':'history','id':2,'room':'general'}");
    here.startDrain(TEN_SECONDS);
    assertEquals(1, ann.count("closing"));
    ann.send("{'type':'message','id':3,'room':'general','text':'too late'}");
    assertEquals(0, ann.transport.closeCode(), "its commands are under way");
    hooksWait = false;
    while (!hooks.isEmpty()) {
      hooks.remove().run();
    }
    assertEquals(1, ann.count("ack"));
    JsonObject history = ann.last("history");
    assertEquals(1, history.getAsJsonArray("frames").size());
    assertEquals(1001, ann.transport.closeCode());
    assertEquals(0, ann.count("error"));
    Client bob = Client.connect(other, "Bob");
    assertEquals(1, bob.join("general").get("offset").getAsLong());
  }

  @Test
  void whatIsQueuedForAClientIsWrittenBeforeTheCloseAndNothingAfterIt() {
    Client fast = Client.connect(here, "Fast");
    Client slow = Client.connect(here, "Slow");
    fast.join("general");
    slow.join("general");
    slow.transport.stall();
    fast.say("general", "one");
    fast.say("general", "two");
    here.startDrain(TEN_SECONDS);
    assertEquals(0, fast.count("closing"), "who has most to read is told first");
    assertEquals(0, slow.transport.closeCode());
    slow.transport.goOn();
    assertEquals(2, slow.count("message"));
    assertEquals(1, slow.count("closing"));
    assertEquals(1001, slow.transport.closeCode());
    int before = slow.transport.frames().size();
    fast.say("general", "three");
    assertEquals(before, slow.transport.frames().size(), "a frame after the close frame");
  }

  @Test
  void whoDoesNotReadOrDoesNotGoIsThereAtTheEndAndIsCut() {
    Client deaf = Client.connect(here, "Deaf");
    deaf.transport.stall();
    deaf.send("{'type':'ping'}");
    Client stubborn = Client.connect(here, "Stubborn");
    CompletableFuture<Boolean> drain = here.startDrain(TEN_SECONDS);
    clock.advanceSeconds(9.9);
    assertFalse(drain.isDone());
    assertEquals(0, deaf.transport.closeCode(), "what is queued goes first");
    assertEquals(1001, stubborn.transport.closeCode());
    clock.advanceSeconds(0.1);
    assertFalse(drain.join());
    here.stop();
    assertEquals(1006, deaf.transport.closeCode());
    assertEquals(0, here.stats().connections());
  }

  @Test
  void aSecondDrainEndsWithTheFirstAndCanShortenIt() {
    int own = nodes.timers(here);
    List<Client> clients = clients(100);
    CompletableFuture<Boolean> first = here.startDrain(Duration.ofMinutes(10));
    clock.advanceSeconds(1);
    assertTrue(told(clients) < 30);
    CompletableFuture<Boolean> second = here.startDrain(Duration.ofSeconds(1));
    clock.advanceSeconds(0.8);
    assertEquals(100, told(clients));
    clients.forEach(client -> client.session.closed(1001));
    assertTrue(first.join());
    assertTrue(second.join());
    assertTrue(here.startDrain(TEN_SECONDS).join());
    assertEquals(100 + own, nodes.timers(here), "a timer of a drain is left");
  }

  @Test
  void whoGoesByItselfIsNotWaitedFor() {
    List<Client> clients = new ArrayList<>(clients(100));
    CompletableFuture<Boolean> drain = here.startDrain(TEN_SECONDS);
    clients.forEach(client -> client.session.closed(1000));
    assertTrue(drain.isDone());
    clock.advance(TEN_SECONDS);
    assertTrue(told(clients) <= 1);
  }

  private static CompletableFuture<Admission> ask(ChatNode node, String name) {
    return node.admit(ConnectRequest.of(Map.of("name", name), null, null, "127.0.0.1"))
        .toCompletableFuture();
  }

  @Test
  void whoIsLetInAndOnTheWayIsWaitedForWelcomedAndSentAway() {
    Admission admission = ask(here, "Ann").join();
    Client bob = Client.connect(here, "Bob");
    CompletableFuture<Boolean> drain = here.startDrain(TEN_SECONDS);
    bob.session.closed(1001);
    assertFalse(drain.isDone(), "somebody has been let in and is not here yet");
    RecordingTransport transport = new RecordingTransport();
    ClientSession ann = here.connect(admission, transport);
    assertEquals(
        List.of("welcome", "closing"),
        transport.frames().stream().map(frame -> frame.get("type").getAsString()).toList());
    assertEquals(1001, transport.closeCode());
    assertFalse(drain.isDone());
    ann.closed(1001);
    assertTrue(drain.getNow(false));
  }

  @Test
  void whoWasLetInAndDoesNotComeIsWaitedForUntilThatIsKnown() {
    Admission admission = ask(here, "Ann").join();
    CompletableFuture<Boolean> drain = here.startDrain(TEN_SECONDS);
    assertFalse(drain.isDone());
    admission.withdraw();
    assertTrue(drain.getNow(false));
    ask(other, "Bob").join(); // whose container never says that he did not come
    CompletableFuture<Boolean> patient = other.startDrain(Duration.ofMinutes(10));
    clock.advanceSeconds(1);
    assertFalse(patient.isDone());
    clock.advanceSeconds(30);
    assertTrue(patient.getNow(false));
  }

  @Test
  void whoIsNotWelcomedYetIsToldAfterTheWelcome() {
    HeldWay way = new HeldWay();
    ChatNode far = nodes.start(LIMITS, backend -> new FarBackend(backend, way), builder -> builder);
    way.hold("conversations");
    RecordingTransport transport = new RecordingTransport();
    ClientSession ann = far.connect(ask(far, "Ann").join(), transport);
    CompletableFuture<Boolean> drain = far.startDrain(TEN_SECONDS);
    clock.advance(Drain.SLICE);
    assertEquals(List.of(), transport.frames(), "nothing comes before the welcome");
    way.goOn();
    assertEquals(
        List.of("welcome", "closing"),
        transport.frames().stream().map(frame -> frame.get("type").getAsString()).toList());
    ann.closed(1001);
    assertTrue(drain.getNow(false));
  }

  @Test
  void whoIsSentAwayGoesOnElsewhereAndNobodySeesIt() {
    Client watcher = Client.connect(other, "Watcher");
    watcher.join("general");
    List<Client> clients = clients(20);
    List<JsonObject> joined = clients.stream().map(client -> client.join("general")).toList();
    clock.advanceSeconds(1);
    int before = watcher.count("presence");
    List<Client> again = new ArrayList<>();
    CompletableFuture<Boolean> drain = here.startDrain(TEN_SECONDS);
    Consumer<Client> moveOn =
        client -> {
          watcher.say("general", "meanwhile");
          client.session.closed(1001);
          Client resumed = Client.resume(other, client.resumeSecret());
          assertTrue(resumed.last("welcome").get("resumed").getAsBoolean());
          JsonObject back = resumed.join("general", joined.get(clients.indexOf(client)));
          assertTrue(back.get("recovered").getAsBoolean());
          again.add(resumed);
        };
    while (!drain.isDone()) {
      clients.stream()
          .filter(client -> client.count("closing") == 1 && client.session.connected())
          .forEach(moveOn);
      clock.advance(Drain.SLICE);
    }
    here.stop();
    clock.advance(LIMITS.resumeTtl().multipliedBy(2).minus(Duration.ofSeconds(60)));
    assertEquals(20, again.size());
    assertEquals(before, watcher.count("presence"), "somebody came or left");
  }
}
