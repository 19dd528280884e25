package dev.roomcast.chat;

import java.util.function.BooleanSupplier;

/**
 * Gives a room up when nobody has been in it for a while, so that rooms do not flap. Confined to
 * the thread that has the room's turn.
 */
final class Vacancy {

  private final ChatClock clock;
  private final Turns turns;
  private final BooleanSupplier empty;
  private final Runnable giveUp;
  private int timers;

  Vacancy(ChatClock clock, Turns turns, BooleanSupplier empty, Runnable giveUp) {
    this.clock = clock;
    this.turns = turns;
    this.empty = empty;
    this.giveUp = giveUp;
  }

  /** Somebody may have been the last: looks now, and after the while again. */
  void check() {
    if (empty.getAsBoolean()) {
      int timer = ++timers;
      clock.schedule(ChatNode.UNSUBSCRIBE_DELAY, () -> turns.execute(() -> end(timer)));
    }
  }

  /** Only the last timer counts: somebody came and went since the others were set. */
  private void end(int timer) {
    if (timer == timers && empty.getAsBoolean()) {
      giveUp.run();
    }
  }
}
