package dev.roomcast.tyrus;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Direct buffers that are lent for one read or write, so that no connection keeps one: there are as
 * many as were in use at the same time. Thread-safe.
 */
final class LentBuffers {

  private static final int BYTES = 64 << 10;

  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

  /** Lends an empty buffer. */
  ByteBuffer lend() {
    ByteBuffer buffer;
    synchronized (free) {
      buffer = free.poll();
    }
    return buffer == null ? ByteBuffer.allocateDirect(BYTES) : buffer;
  }

  void giveBack(ByteBuffer buffer) {
    buffer.clear();
    synchronized (free) {
      free.push(buffer);
    }
  }
}
