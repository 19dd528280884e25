package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutboxTest {

  private static final int BOUND = 1_024;

  private final ManualClock clock = new ManualClock();
  private final RecordingTransport transport = new RecordingTransport();
  private final StillNodes nodes = new StillNodes();
  private final OutboxMemory memory = nodes.start(StillNodes.LIMITS).outboxes();
  private final Outbox outbox = new Outbox(transport, BOUND, clock, memory, false);

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  /** A frame of so many bytes on the wire. */
  private static Frame frame(int bytes) {
    int header = bytes < 128 ? 2 : 4;
    return Frame.single("x".repeat(bytes - header));
  }

  @Test
  void anEmptyOutboxWritesAtOnce() {
    assertTrue(outbox.offer(Frame.single("a")));
    assertTrue(outbox.offer(Frame.single("b")));
    assertEquals(List.of("a", "b"), transport.texts());
    assertEquals(2, transport.writes());
    assertEquals(0, outbox.bytes());
  }

  @Test
  void whatWaitsLeavesInOneWriteInItsOrder() {
    transport.stall();
    IntStream.range(0, 5).forEach(i -> outbox.offer(Frame.single("f" + i)));
    assertEquals(List.of("f0"), transport.texts());
    transport.writeOne();
    assertEquals(List.of("f0", "f1", "f2", "f3", "f4"), transport.texts());
    assertEquals(2, transport.writes());
  }

  @Test
  void theBoundIsExactAndCountsTheWriteInFlight() {
    transport.stall();
    assertTrue(outbox.offer(frame(600)));
    assertTrue(outbox.offer(frame(BOUND - 600)));
    assertEquals(BOUND, outbox.bytes());
    assertFalse(outbox.offer(Frame.single("")));
    assertEquals(BOUND, outbox.bytes(), "what does not fit is not queued");
    transport.writeOne();
    assertEquals(BOUND - 600, outbox.bytes());
    assertTrue(outbox.offer(frame(600)));
    assertFalse(outbox.offer(Frame.single("")));
    transport.goOn();
    assertEquals(0, outbox.bytes());
  }

  @Test
  void oneFrameMayBeLargerThanTheBoundWhenNothingWaits() {
    transport.stall();
    assertTrue(outbox.offer(frame(5 * BOUND)));
    assertFalse(outbox.offer(Frame.single("")));
    transport.writeOne();
    assertTrue(outbox.offer(Frame.single("")));
  }

  @Test
  void framesThatWereJoinedBeforeAreTakenApart() {
    transport.stall();
    outbox.offer(Frame.single("a"));
    outbox.offer(Frame.join(List.of(Frame.single("b"), Frame.single("c"))));
    outbox.offer(Frame.single("d"));
    transport.writeOne();
    assertEquals(List.of("a", "b", "c", "d"), transport.texts());
  }

  @Test
  void aClosedOutboxDropsWhatWaitsAndTakesNoMore() {
    transport.stall();
    outbox.offer(Frame.single("a"));
    outbox.offer(Frame.single("b"));
    outbox.close();
    assertTrue(outbox.offer(Frame.single("c")), "nobody is there to be too slow");
    transport.goOn();
    assertEquals(List.of("a"), transport.texts());
    assertEquals(0, outbox.bytes());
  }

  @Test
  void aFailedWriteClosesTheOutbox() {
    transport.stall();
    outbox.offer(Frame.single("a"));
    outbox.offer(Frame.single("b"));
    transport.fail();
    outbox.offer(Frame.single("c"));
    assertEquals(List.of("a"), transport.texts());
  }

  @Test
  void itTellsWhenEverythingIsWrittenOrItIsClosed() {
    AtomicInteger told = new AtomicInteger();
    outbox.whenEmpty(told::incrementAndGet);
    assertEquals(1, told.get());
    transport.stall();
    outbox.offer(Frame.single("a"));
    outbox.offer(Frame.single("b"));
    outbox.whenEmpty(told::incrementAndGet);
    transport.writeOne();
    assertEquals(1, told.get());
    transport.writeOne();
    assertEquals(2, told.get());
    outbox.offer(Frame.single("c"));
    outbox.whenEmpty(told::incrementAndGet);
    outbox.close();
    assertEquals(3, told.get());
    outbox.whenEmpty(told::incrementAndGet);
    assertEquals(4, told.get());
  }

  @Test
  void theTimeOfTheWriteInFlightIsKnown() {
    assertEquals(0, outbox.writingMillis());
    transport.stall();
    outbox.offer(Frame.single("a"));
    outbox.offer(Frame.single("b"));
    clock.advance(Duration.ofMillis(70));
    assertEquals(70, outbox.writingMillis());
    transport.writeOne();
    assertEquals(0, outbox.writingMillis());
    clock.advance(Duration.ofMillis(30));
    assertEquals(30, outbox.writingMillis());
    transport.goOn();
    assertEquals(0, outbox.writingMillis());
  }

  @Test
  void aWriteMayEndBeforeItReturns() {
    List<String> written = new ArrayList<>();
    Outbox eager =
        new Outbox(
            new QuietTransport() {
              @Override
              public boolean write(Frame frame, WriteListener done) {
                written.add(frame.toString());
                done.written(true);
                return false;
              }
            },
            BOUND,
            clock,
            memory,
            false);
    IntStream.range(0, 100).forEach(i -> eager.offer(Frame.single("f" + i)));
    assertEquals(IntStream.range(0, 100).mapToObj(i -> "f" + i).toList(), written);
    assertEquals(0, eager.bytes());
  }

  @Test
  void manyThreadsOfferAndNeitherAFrameNorTheOrderIsLost() throws Exception {
    int each = 3_000;
    Outbox wide = new Outbox(transport, Integer.MAX_VALUE, clock, memory, false);
    transport.stall();
    List<Thread> threads =
        IntStream.range(0, 3)
            .mapToObj(
                t ->
                    new Thread(
                        () ->
                            IntStream.range(0, each)
                                .forEach(i -> wide.offer(Frame.single(t + "-" + i)))))
            .toList();
    threads.forEach(Thread::start);
    while (threads.stream().anyMatch(Thread::isAlive)) {
      transport.writeOne();
    }
    transport.goOn();
    assertEquals(3 * each, transport.texts().size());
    for (int t = 0; t < 3; t++) {
      String prefix = t + "-";
      assertEquals(
          IntStream.range(0, each).mapToObj(i -> prefix + i).toList(),
          transport.texts().stream().filter(text -> text.startsWith(prefix)).toList());
    }
    assertEquals(0, wide.bytes());
  }

  private static Frame logged(long offset) {
    Position position = new Position("e", offset);
    return Frame.logged(new Publication("room", position, 0, Json.of("n", offset)));
  }

  @Test
  void whatIsOfferedAfterTheCloseIsNotWritten() {
    Outbox accounts = new Outbox(transport, BOUND, clock, memory, true);
    accounts.offer(logged(1));
    assertNull(accounts.before("room"), "written at once");
    accounts.close();
    accounts.offer(logged(2));
    accounts.offer(logged(3));
    assertEquals(new Position("e", 1), accounts.before("room"));
    assertNull(accounts.before("other"));
  }

  @Test
  void whatDoesNotFitIsNotWrittenNorIsWhatWaitsBeforeIt() {
    Outbox accounts = new Outbox(transport, BOUND, clock, memory, true);
    transport.stall();
    accounts.offer(logged(5));
    long offset = 6;
    while (accounts.offer(logged(offset))) {
      offset++;
    }
    assertEquals(new Position("e", offset - 1), accounts.before("room"));
    accounts.close();
    assertEquals(new Position("e", 4), accounts.before("room"));
  }
}
