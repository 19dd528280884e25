package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The line of one session's commands, when nothing in it gets done. */
class CommandLineBoundsTest {

  private static final int BOUND = 4;
  private static final int FRAME = 100;

  private final List<CommandLine.Slot> begun = new ArrayList<>();
  private final List<Boolean> reading = new ArrayList<>();
  private final CommandLine line =
      new CommandLine(BOUND, FRAME, (command, slot) -> begun.add(slot), answer -> {}, reading::add);

  private boolean add(int characters) {
    return line.add(new Command.Leave(null, "room"), characters);
  }

  private void finishAll() {
    while (!begun.isEmpty()) {
      begun.remove(0).done(null);
    }
  }

  @Test
  void readingStopsAtTheBoundAndGoesOnWhenHalfIsDone() {
    line.open();
    for (int i = 0; i < BOUND; i++) {
      assertEquals(List.of(), reading);
      assertTrue(add(1));
    }
    assertEquals(List.of(false), reading);
    finishAll();
    assertEquals(List.of(false, true), reading);
  }

  @Test
  void readingStopsForAFewLargeFramesToo() {
    line.open();
    assertTrue(add(CommandLine.LARGEST_FRAMES * FRAME));
    assertEquals(List.of(false), reading);
    finishAll();
    assertEquals(List.of(false, true), reading);
  }

  @Test
  void aTransportThatReadsOnFillsTheLineOnlyToTheSecondBound() {
    for (int i = 0; i < CommandLine.FLOOD * BOUND; i++) {
      assertTrue(add(1));
    }
    assertFalse(add(1));
    assertEquals(List.of(false), reading);
    line.open();
    finishAll();
    assertTrue(add(1));
  }

  @Test
  void theSecondBoundCountsCharactersToo() {
    int frames = 0;
    while (frames < 1_000 && add(BOUND * FRAME)) {
      frames++;
    }
    assertEquals(CommandLine.FLOOD * CommandLine.LARGEST_FRAMES / BOUND, frames);
  }

  @Test
  void whatIsDroppedTakesNoRoom() {
    add(CommandLine.LARGEST_FRAMES * FRAME);
    line.close();
    assertTrue(add(CommandLine.FLOOD * CommandLine.LARGEST_FRAMES * FRAME));
  }
}
