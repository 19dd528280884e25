package dev.roomcast.chat;

import org.jspecify.annotations.Nullable;

/**
 * A transport that asks for a frame's bytes and drops them, at once or when it is told to. Confined
 * to one thread at a time.
 */
final class NoSocket implements Transport {

  private final WireBuffers buffers;
  private final boolean atOnce;
  private long bytes;
  private @Nullable WriteListener waiting;

  NoSocket(WireBuffers buffers, boolean atOnce) {
    this.buffers = buffers;
    this.atOnce = atOnce;
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    bytes += (atOnce ? frame.wire(buffers) : frame.wire()).remaining();
    if (!atOnce) {
      waiting = done;
    }
    return atOnce;
  }

  /** Ends the write in flight, and those that this begins. */
  void finishAll() {
    while (waiting != null) {
      WriteListener done = waiting;
      waiting = null;
      done.written(true);
    }
  }

  /** How many bytes were written. */
  long bytes() {
    return bytes;
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
