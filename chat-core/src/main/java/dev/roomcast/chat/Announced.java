package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Announced publications on their way into a room: what gathers behind them before their turn comes
 * goes with them, so that batches form by themselves and nothing waits for one. Confined to the
 * thread that has the room's turn, once it is in line for one.
 */
final class Announced implements Turns.Joining {

  private final Consumer<List<Publication>> to;
  private List<Publication> batch;
  private boolean joined;

  Announced(List<Publication> batch, Consumer<List<Publication>> to) {
    this.batch = batch;
    this.to = to;
  }

  @Override
  public boolean takes(Runnable next) {
    if (!(next instanceof Announced more)) {
      return false;
    }
    if (!joined) {
      batch = new ArrayList<>(batch); // the one that came is the backend's
      joined = true;
    }
    batch.addAll(more.batch);
    return true;
  }

  @Override
  public void run() {
    to.accept(batch);
  }
}
