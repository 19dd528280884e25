package dev.roomcast.chat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A transport that keeps what it is given, and can stall; it insists on one write at a time.
 * Thread-safe.
 */
final class RecordingTransport implements Transport {

  private final List<String> frames = new ArrayList<>();
  private boolean stalled;
  private @Nullable WriteListener waiting;
  private boolean reading = true;
  private int writes;
  private int pings;
  private int closeCode;

  @Override
  public synchronized boolean write(Frame frame, WriteListener done) {
    if (waiting != null) {
      throw new AssertionError("a second write while one is in flight");
    }
    writes++;
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

  /** Ends the write in flight, and writes at once from now on. */
  void goOn() {
    end(false, true);
  }

  /** Ends the write in flight; the next one stalls again. */
  void writeOne() {
    end(true, true);
  }

  /** The write in flight fails, as it does when the connection breaks. */
  void fail() {
    end(true, false);
  }

  private void end(boolean stall, boolean ok) {
    WriteListener done;
    synchronized (this) {
      stalled = stall;
      done = waiting;
      waiting = null;
    }
    if (done != null) {
      done.written(ok);
    }
  }

  @Override
  public synchronized void ping() {
    pings++;
  }

  @Override
  public synchronized void close(int code, String reason) {
    closeCode = closeCode == 0 ? code : closeCode;
  }

  @Override
  public synchronized void abort() {
    closeCode = closeCode == 0 ? 1006 : closeCode;
  }

  @Override
  public synchronized void reading(boolean on) {
    reading = on;
  }

  synchronized boolean reading() {
    return reading;
  }

  /** How many pings it was asked for. */
  synchronized int pings() {
    return pings;
  }

  /** How many writes there were, of one frame or many. */
  synchronized int writes() {
    return writes;
  }

  /** The JSON of all frames so far, oldest first. */
  synchronized List<String> texts() {
    return List.copyOf(frames);
  }

  /** The code it was closed with, 0 while it is open. */
  synchronized int closeCode() {
    return closeCode;
  }

  /** All frames so far, oldest first. */
  synchronized List<JsonObject> frames() {
    return frames.stream().map(text -> JsonParser.parseString(text).getAsJsonObject()).toList();
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
