package dev.roomcast.chat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A transport that keeps what it is given, and can stall. Thread-safe. */
final class RecordingTransport implements Transport {

  private final List<String> frames = new ArrayList<>();
  private boolean stalled;
  private @Nullable WriteListener waiting;
  private int closeCode;

  @Override
  public synchronized boolean write(Frame frame, WriteListener done) {
    frame.parts().forEach(part -> frames.add(part.text()));
    if (stalled) {
      waiting = done;
      return false;
    }
    return true;
  }

  /** From now on a write is not over until {@link #goOn}. */
  synchronized void stall() {
    stalled = true;
  }

  /** Ends the write in flight. */
  void goOn() {
    WriteListener done;
    synchronized (this) {
      stalled = false;
      done = waiting;
      waiting = null;
    }
    if (done != null) {
      done.written(true);
    }
  }

  @Override
  public void ping() {}

  @Override
  public synchronized void close(int code, String reason) {
    closeCode = code;
  }

  @Override
  public synchronized void abort() {
    closeCode = 1006;
  }

  @Override
  public void reading(boolean on) {}

  /** The code it was closed with, 0 while it is open. */
  synchronized int closeCode() {
    return closeCode;
  }

  /** The frames of a type so far, oldest first. */
  synchronized List<JsonObject> frames(String type) {
    return frames.stream()
        .map(text -> JsonParser.parseString(text).getAsJsonObject())
        .filter(frame -> frame.get("type").getAsString().equals(type))
        .toList();
  }

  /** The only frame of a type. */
  JsonObject only(String type) {
    List<JsonObject> all = frames(type);
    if (all.size() != 1) {
      throw new AssertionError("one frame " + type + " expected, got " + all);
    }
    return Objects.requireNonNull(all.get(0));
  }
}
