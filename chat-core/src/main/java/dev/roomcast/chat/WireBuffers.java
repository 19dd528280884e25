package dev.roomcast.chat;

import java.nio.ByteBuffer;

/**
 * Direct memory for frames that are written at once: each thread that writes has a buffer, which is
 * filled with a frame before its first write and with the next one after its last.
 *
 * <p>So a frame whose members all keep up needs no memory of its own, which would be zeroed, given
 * to a cleaner and found by a collection. A transport has one of these for all its connections. A
 * buffer is its thread's, and goes with it. Thread-safe.
 */
public final class WireBuffers {

  /** What a buffer holds at most: what is joined to one write, with room to spare. */
  static final int BYTES = 2 * FanOut.JOINED_BYTES;

  private static final int LEAST = 1 << 10;

  private final ThreadLocal<Buffer> buffers = ThreadLocal.withInitial(Buffer::new);

  /** Makes them; buffers are made by the threads that first write. */
  public WireBuffers() {}

  /** One thread's buffer, and how often it was filled. Confined to the thread. */
  private static final class Buffer {
    private ByteBuffer bytes = ByteBuffer.allocateDirect(LEAST);
    private long fillings;
  }

  /**
   * That a frame's bytes are in a buffer, for as long as that is not filled again. The frame has
   * it: a buffer that had its frame would be an old object with something new each time, where G1
   * has to look. Immutable, so it may be given from thread to thread without care.
   */
  static final class Filling {
    private final Buffer buffer;
    private final long number;

    private Filling(Buffer buffer, long number) {
      this.buffer = buffer;
      this.number = number;
    }
  }

  /** Returns the thread's buffer with the frame in it, position and limit around its bytes. */
  ByteBuffer with(Frame frame) {
    Buffer mine = buffers.get();
    Filling last = frame.filling();
    if (last == null || last.buffer != mine || last.number != mine.fillings) {
      fill(mine, frame);
    }
    return mine.bytes.limit(frame.size()).position(0);
  }

  private static void fill(Buffer mine, Frame frame) {
    if (mine.bytes.capacity() < frame.size()) {
      mine.bytes = ByteBuffer.allocateDirect(Integer.highestOneBit(frame.size() - 1) << 1);
    }
    frame.putWire(mine.bytes.clear());
    frame.filled(new Filling(mine, ++mine.fillings));
  }
}
