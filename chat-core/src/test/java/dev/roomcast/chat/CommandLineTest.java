package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CommandLineTest {

  private static final int FRAME = 1_000;

  private final List<Command> begun = new ArrayList<>();
  private final List<CommandLine.Slot> slots = new ArrayList<>();
  private final List<String> replies = new ArrayList<>();
  private final List<Boolean> reading = new ArrayList<>();
  private final CommandLine line =
      new CommandLine(
          8,
          FRAME,
          (command, slot) -> {
            begun.add(command);
            slots.add(slot);
          },
          frame -> replies.add(frame.text()),
          reading::add);

  private static Command message(String text) {
    return new Command.Message(null, "room", text, null, "text", 0, null);
  }

  private static Command leave(String room) {
    return new Command.Leave(null, room);
  }

  private void done(int index, String reply) {
    slots.get(index).done(Frame.single(reply));
  }

  @Test
  void nothingBeginsBeforeTheSessionIsOpen() {
    line.add(message("a"), 1);
    assertEquals(0, begun.size());
    line.open();
    assertEquals(1, begun.size());
  }

  /** As another thread may do it, just before the connection is told to wait. */
  @Test
  void whatIsDoneBeforeItWaitsDoesNotKeepItWaiting() {
    AtomicBoolean reads = new AtomicBoolean(true);
    CommandLine all =
        new CommandLine(
            2,
            FRAME,
            (command, slot) -> slots.add(slot),
            frame -> {},
            on -> {
              if (!on) {
                slots.forEach(slot -> slot.done(null));
              }
              reads.set(on);
            });
    all.open();
    all.add(message("a"), 1);
    all.add(leave("room"), 1); // which waits for the message, so it is not done yet
    assertTrue(reads.get());
  }

  @Test
  void messagesAreUnderWayTogetherAndAnsweredInTheirOrder() {
    line.open();
    IntStream.range(0, 3).forEach(i -> line.add(message("m" + i), 1));
    assertEquals(3, begun.size());
    done(2, "two");
    done(1, "one");
    assertEquals(List.of(), replies);
    done(0, "zero");
    assertEquals(List.of("zero", "one", "two"), replies);
  }

  @Test
  void anyOtherCommandWaitsForAllBeforeItAndHoldsUpAllAfterIt() {
    line.open();
    line.add(message("a"), 1);
    line.add(leave("room"), 1);
    line.add(message("b"), 1);
    line.add(message("c"), 1);
    assertEquals(1, begun.size());
    done(0, "a");
    assertEquals(2, begun.size());
    done(1, "left");
    assertEquals(4, begun.size());
    done(2, "b");
    done(3, "c");
    assertEquals(List.of("a", "left", "b", "c"), replies);
  }

  @Test
  void aCommandWithoutAReplyDoesNotHoldUpTheNext() {
    line.open();
    line.add(message("a"), 1);
    line.add(message("b"), 1);
    done(1, "b");
    slots.get(0).done(null);
    assertEquals(List.of("b"), replies);
  }

  @Test
  void theConnectionIsNotReadWhileTheLineIsFull() {
    line.open();
    IntStream.range(0, 7).forEach(i -> line.add(message("m" + i), 1));
    assertEquals(List.of(), reading);
    line.add(message("m7"), 1);
    assertEquals(List.of(false), reading);
    IntStream.range(0, 3).forEach(i -> done(i, "r" + i));
    assertEquals(List.of(false), reading, "it is half empty before the connection is read again");
    done(3, "r3");
    assertEquals(List.of(false, true), reading);
  }

  @Test
  void aClosedLineBeginsNothingMore() {
    line.open();
    line.add(leave("one"), 1);
    line.add(leave("two"), 1);
    line.close();
    done(0, "left");
    line.add(message("late"), 1);
    assertEquals(1, begun.size());
  }

  @Test
  void commandsThatEndAtOnceDoNotNest() {
    List<Integer> depths = new ArrayList<>();
    CommandLine fast =
        new CommandLine(
            100_000,
            FRAME,
            (command, slot) -> {
              depths.add(Thread.currentThread().getStackTrace().length);
              slot.done(null);
            },
            frame -> {},
            on -> {});
    IntStream.range(0, 10_000).forEach(i -> fast.add(leave("r" + i), 1));
    fast.open();
    assertEquals(10_000, depths.size());
    assertEquals(1, depths.stream().distinct().count());
  }

  @Test
  void commandsOfManyThreadsAllTakeEffect() throws Exception {
    List<Command> done = new ArrayList<>();
    CommandLine shared =
        new CommandLine(
            100_000,
            FRAME,
            (command, slot) -> {
              done.add(command);
              new Thread(() -> slot.done(Frame.single("x"))).start();
            },
            frame -> {
              synchronized (replies) {
                replies.add(frame.text());
              }
            },
            on -> {});
    shared.open();
    List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(
                t ->
                    new Thread(
                        () ->
                            IntStream.range(0, 50).forEach(i -> shared.add(leave(t + "-" + i), 1))))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    BackendContract.until(
        () -> {
          synchronized (replies) {
            return replies.size() == 200;
          }
        });
    assertEquals(200, done.stream().distinct().count());
    assertTrue(done.contains(leave("0-49")));
    assertFalse(done.contains(leave("4-0")));
  }
}
