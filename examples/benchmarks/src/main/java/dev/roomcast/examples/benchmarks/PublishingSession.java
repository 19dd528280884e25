package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.Frame;
import dev.roomcast.chat.Transport;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * A client without a socket that keeps a window of messages without an ack. {@code sent} is
 * confined to the driving thread; thread-safe as a transport.
 */
final class PublishingSession implements Transport {

  private final ClientSession session;
  private final String message;
  private final int window;
  private final CountDownLatch joined = new CountDownLatch(1);
  private final LongAdder acknowledged = new LongAdder();
  private long sent;

  PublishingSession(ChatNode chat, String room, String text, int window) {
    this.window = window;
    message = "{\"type\":\"message\",\"id\":1,\"room\":\"" + room + "\",\"text\":\"" + text + "\"}";
    Admission admission =
        chat.admit(ConnectRequest.of(Map.of("name", "publisher"), null, null, "127.0.0.1"))
            .toCompletableFuture()
            .join();
    session = chat.connect(admission, this);
    session.receive("{\"type\":\"join\",\"room\":\"" + room + "\",\"history\":0}");
  }

  void awaitJoined() throws InterruptedException {
    if (!joined.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a session could not join");
    }
  }

  /** Sends what the window allows; false when that is nothing. */
  boolean fillWindow() {
    long most = acknowledged.sum() + window;
    boolean any = sent < most;
    for (; sent < most; sent++) {
      session.receive(message);
    }
    return any;
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  void close() {
    session.closed(1000);
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    for (Frame part : frame.parts()) {
      String start = part.text();
      if (start.startsWith("{\"type\":\"ack\"")) {
        acknowledged.increment();
      } else if (start.startsWith("{\"type\":\"joined\"")) {
        joined.countDown();
      } else if (start.startsWith("{\"type\":\"error\"")) {
        throw new IllegalStateException(start);
      }
    }
    return true;
  }

  @Override
  public void ping() {}

  @Override
  public void close(int code, String reason) {}

  @Override
  public void abort() {}

  @Override
  public void reading(boolean on) {}
}
