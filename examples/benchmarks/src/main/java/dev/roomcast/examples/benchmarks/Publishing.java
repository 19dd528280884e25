package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Broker;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.Json;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Messages without an ack, so many in each of so many rooms, as long as it is not stopped.
 * Thread-safe.
 */
final class Publishing {

  private static final AtomicLong KEYS = new AtomicLong();

  private final Broker broker;
  private final AtomicInteger onTheirWay = new AtomicInteger();
  private volatile boolean over;

  private Publishing(Broker broker) {
    this.broker = broker;
  }

  static Publishing start(Broker broker, int rooms, int perRoom) {
    Publishing publishing = new Publishing(broker);
    for (int i = 0; i < perRoom; i++) {
      for (int room = 0; room < rooms; room++) {
        publishing.onTheirWay.incrementAndGet();
        publishing.next("room-" + room);
      }
    }
    return publishing;
  }

  private void next(String room) {
    broker
        .publish(room, draft())
        .whenComplete(
            (ack, failure) -> {
              if (over || failure != null) {
                onTheirWay.decrementAndGet();
              } else {
                next(room);
              }
            });
  }

  /** What a client's message of 128 bytes of text is in the log; {@code ^} is in it once. */
  static Draft draft() {
    Json body =
        Json.parse(
            "{\"user\":{\"id\":\"u42\",\"name\":\"Ann\"},\"text\":\""
                + "x".repeat(127)
                + "^\",\"kind\":\"text\"}");
    return new Draft(body, System.currentTimeMillis(), "k" + KEYS.incrementAndGet()).by("u42");
  }

  /** Sends no more, and waits until all is acknowledged. */
  void stop() throws InterruptedException {
    over = true;
    for (int i = 0; onTheirWay.get() > 0; i++) {
      if (i > 10_000) {
        throw new IllegalStateException("messages are not acknowledged");
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }
}
