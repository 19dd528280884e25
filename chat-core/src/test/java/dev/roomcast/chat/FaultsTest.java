package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is thrown by mistake costs what threw it, and nothing that is behind it. */
class FaultsTest {

  private final StillNodes nodes = new StillNodes();
  private final Queue<Runnable> work = new ArrayDeque<>();
  private @Nullable Throwable fault;

  @AfterEach
  void close() {
    nodes.close();
  }

  static Stream<Throwable> faults() {
    return Stream.of(
        new IllegalStateException("for the test"), new StackOverflowError("for the test"));
  }

  private void happens() {
    Throwable now = fault;
    fault = null;
    if (now instanceof RuntimeException exception) {
      throw exception;
    } else if (now instanceof Error error) {
      throw error;
    }
  }

  private void doWork() {
    while (!work.isEmpty()) {
      work.remove().run();
    }
  }

  /** A store whose next {@code publish} is a fault, if there is one. */
  private final class FaultyWay implements FarBackend.Way {
    @Override
    public <T extends @Nullable Object> CompletionStage<T> go(
        String call, String subject, Supplier<CompletionStage<T>> operation) {
      if (call.equals("publish")) {
        happens();
      }
      return operation.get();
    }
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aCommandThatFailsIsAnsweredAndSoAreThoseBehindIt(Throwable thrown) {
    assertAnswersAll(thrown, builder -> builder);
  }

  /** Then a command does not go on where it came in. */
  @ParameterizedTest
  @MethodSource("faults")
  void soItIsWhereTheApplicationIsAskedFirst(Throwable thrown) {
    assertAnswersAll(thrown, builder -> builder.authorizer((user, action, room) -> true));
  }

  private void assertAnswersAll(Throwable thrown, UnaryOperator<ChatNode.Builder> more) {
    ChatNode node =
        nodes.start(StillNodes.LIMITS, backend -> new FarBackend(backend, new FaultyWay()), more);
    Client ann = Client.connect(node, "Ann");
    ann.join("r");
    for (int i = 1; i <= 5; i++) {
      fault = i % 2 == 1 ? thrown : null;
      ann.send("{'type':'message','room':'r','text':'" + i + "','id':" + i + "}");
    }

    assertEquals(
        List.of(1, 3, 5),
        ann.transport.frames("error").stream().map(error -> error.get("re").getAsInt()).toList());
    assertEquals("internal", ann.last("error").get("code").getAsString());
    assertEquals(
        List.of(2, 4),
        ann.transport.frames("ack").stream().map(ack -> ack.get("re").getAsInt()).toList());
    assertEquals(List.of("2", "4"), ann.texts());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aReplyThatCannotBeMadeIsAnswered(Throwable thrown) {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    CommandTurns turns = new CommandTurns(node, Client.connect(node, "Ann").session);
    List<String> replies = new ArrayList<>();
    CommandLine line =
        new CommandLine(
            9,
            999,
            (command, slot) ->
                turns.finish(
                    command,
                    slot,
                    CompletableFuture.completedFuture("done"),
                    done -> {
                      happens();
                      return Frame.single("{}");
                    }),
            frame -> replies.add(frame.text()),
            reads -> {});
    line.open();
    fault = thrown;
    line.add(new Command.Ping(null, null), 9);
    line.add(new Command.Ping(null, null), 9);

    assertEquals(2, replies.size());
    assertTrue(replies.get(0).contains("\"internal\""), replies.get(0));
    assertEquals("{}", replies.get(1));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aTaskThatFailsKeepsNoTurn(Throwable thrown) {
    Turns turns = new Turns("r", new FanOut(new LongAdder()), work::add);
    List<String> done = new ArrayList<>();
    fault = thrown;
    turns.execute(this::happens);
    turns.execute(() -> done.add("task"));
    doWork();

    assertEquals(List.of("task"), done);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aMemberThatFailsKeepsNoFrameFromOthers(Throwable thrown) {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    FanOut fanOut = new FanOut(new LongAdder());
    Turns turns = new Turns("r", fanOut, work::add);
    List<ClientSession> reached = new ArrayList<>();
    List<ClientSession> members = new ArrayList<>();
    for (String name : List.of("Ann", "Bob", "Cleo")) {
      ClientSession member = Client.connect(node, name).session;
      members.add(member);
      fanOut.add(member);
    }
    fault = thrown;
    turns.execute(
        () ->
            fanOut.each(
                member -> {
                  happens(); // for the first one
                  reached.add(member);
                }));
    doWork();
    assertEquals(members.subList(1, 3), reached);

    turns.execute(() -> fanOut.each(reached::add));
    doWork();
    assertEquals(5, reached.size());
  }

  @ParameterizedTest
  @MethodSource("faults")
  void anAnnouncementThatFailsKeepsNoLane(Throwable thrown) {
    List<String> heard = new ArrayList<>();
    Delivery delivery =
        new Delivery(
            work::add,
            new DeliveryTest.Heard() {
              @Override
              public void onEphemeral(String room, Json frame) {
                happens();
                heard.add(room);
              }
            });
    fault = thrown;
    delivery.add(new Delivery.Ephemeral("a", Json.of("type", "event")));
    delivery.add(new Delivery.Ephemeral("a", Json.of("type", "event")));
    doWork();
    delivery.reads(() -> delivery.add(new Delivery.Ephemeral("a", Json.of("type", "event"))));
    assertEquals(List.of("a", "a"), heard);

    fault = thrown;
    delivery.reads(() -> delivery.add(new Delivery.Ephemeral("a", Json.of("type", "event"))));
    delivery.reads(() -> delivery.add(new Delivery.Ephemeral("a", Json.of("type", "event"))));
    assertEquals(List.of("a", "a", "a"), heard);
  }
}
