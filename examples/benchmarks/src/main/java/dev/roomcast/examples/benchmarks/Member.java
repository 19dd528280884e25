package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.Frame;
import dev.roomcast.chat.Transport;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client without a socket that is in rooms and reads. Thread-safe. */
final class Member implements Transport {

  private static final long PATIENCE_SECONDS = 60;

  private final AtomicInteger joining = new AtomicInteger();
  private final ClientSession session;

  Member(ChatNode chat, String name) {
    Admission admission =
        chat.admit(ConnectRequest.of(Map.of("name", name), null, null, "127.0.0.1"))
            .toCompletableFuture()
            .join();
    session = chat.connect(admission, this);
  }

  Member join(String room) {
    joining.incrementAndGet();
    session.receive("{\"type\":\"join\",\"room\":\"" + room + "\",\"history\":0}");
    return this;
  }

  void awaitJoined() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (joining.get() > 0) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("a session could not join");
      }
      TimeUnit.MICROSECONDS.sleep(100);
    }
  }

  void close() {
    session.closed(1000);
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    if (joining.get() > 0) {
      for (Frame part : frame.parts()) {
        if (part.text().startsWith("{\"type\":\"joined\"")) {
          joining.decrementAndGet();
        }
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
