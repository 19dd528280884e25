package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts batches, and nothing else. Thread-safe. */
final class Listener implements BackendListener {

  private final LongAdder batches = new LongAdder();
  private final LongAdder drafts = new LongAdder();

  long batches() {
    return batches.sum();
  }

  long drafts() {
    return drafts.sum();
  }

  @Override
  public void onBatch(int count) {
    batches.increment();
    drafts.add(count);
  }

  @Override
  public void onPublications(String room, List<Publication> publications) {}

  @Override
  public void onEphemeral(String room, Json frame) {}

  @Override
  public void onPresence(String room, PresenceChange change) {}

  @Override
  public void onGap(String room) {}

  @Override
  public void onControl(Json control) {}
}
