package dev.roomcast.chat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One or several JSON frames on their way to clients, encoded once however many members get them.
 *
 * <p>Every transport takes the form that it needs: {@link #wire} is the bytes of unmasked WebSocket
 * text frames (RFC 6455, section 5.2), {@link #wire(WireBuffers)} the same for who needs them only
 * now, {@link #wire(Compressor)} with compressed messages, {@link #text} the text of one frame. All
 * but the second are made at most once (twice when two threads ask first at the same time, with
 * equal results) and shared. Effectively immutable; thread-safe.
 */
public final class Frame {

  private static final int TEXT_FIN = 0x81;
  private static final int COMPRESSED = 0x40;

  /** The frames in here: of one alone itself, so that nobody has to ask which of both it is. */
  private final Frame[] parts;

  private final byte[] json;
  private final int size;
  private final boolean shared;
  private final @Nullable Before before;
  private volatile @Nullable ByteBuffer wire;
  private volatile @Nullable ByteBuffer packedWire;
  private volatile byte @Nullable [] packed;
  private volatile @Nullable String text;

  /** Only a hint, and one that cannot be read in part: so it needs no barrier. */
  private WireBuffers.@Nullable Filling filling;

  /** Compresses messages, one at a time and each by itself. Implementations are thread-safe. */
  public interface Compressor {
    /** Returns the message as {@code permessage-deflate} has it, null when that is not shorter. */
    byte @Nullable [] compress(byte[] message);
  }

  /** Where in a room's log a client is that has not got the frame yet. Immutable. */
  record Before(String room, Position position) {}

  private Frame(byte[] json, boolean shared, @Nullable Before before) {
    this.parts = new Frame[] {this};
    this.json = json;
    this.size = headerLength(json.length) + json.length;
    this.shared = shared;
    this.before = before;
  }

  private Frame(Frame[] parts, int size, boolean shared) {
    this.parts = parts;
    this.json = new byte[0];
    this.size = size;
    this.shared = shared;
    this.before = null;
  }

  /** Returns a frame for one client. */
  static Frame single(String json) {
    return single(json, null);
  }

  /** Returns a frame for one client that takes it on in a room's log. */
  static Frame single(String json, @Nullable Before before) {
    return new Frame(json.getBytes(StandardCharsets.UTF_8), false, before);
  }

  /** Returns a frame for all members of a room. */
  static Frame shared(byte[] json) {
    return new Frame(json, true, null);
  }

  /** Returns a publication's frame for all members. */
  static Frame logged(Publication publication) {
    Position before = publication.position().at(publication.offset() - 1);
    return new Frame(FrameWriter.logged(publication), true, new Before(publication.room(), before));
  }

  /** Returns the frames, one or more, as one, to be written in one call in their order. */
  static Frame join(Collection<Frame> frames) {
    List<Frame> all = new ArrayList<>(frames.size());
    int size = 0;
    boolean shared = true;
    for (Frame frame : frames) {
      Collections.addAll(all, frame.parts);
      size += frame.size;
      shared &= frame.shared;
    }
    return all.size() == 1 ? all.get(0) : new Frame(all.toArray(new Frame[0]), size, shared);
  }

  /** The frames in here, one or more, each with a {@link #text} of its own. */
  public List<Frame> parts() {
    return List.of(parts);
  }

  /** Where its client is without it; null when it is not of a room's log, or several frames. */
  @Nullable Before before() {
    return before;
  }

  /** Length of {@link #wire()}, in bytes; the compressed one is not longer. */
  public int size() {
    return size;
  }

  /**
   * The JSON text.
   *
   * @throws IllegalStateException when this is several joined frames
   */
  public String text() {
    if (parts.length > 1) {
      throw new IllegalStateException("several frames: ask parts()");
    }
    String made = text;
    if (made == null) {
      made = new String(json, StandardCharsets.UTF_8);
      text = made;
    }
    return made;
  }

  /**
   * The bytes of the WebSocket text frames, in a read-only buffer of its own position and limit.
   * The bytes of a frame for many are in direct memory, so that no write copies them.
   */
  public ByteBuffer wire() {
    ByteBuffer made = wire;
    if (made == null) {
      ByteBuffer buffer = shared ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
      putWire(buffer);
      made = buffer.flip().asReadOnlyBuffer();
      wire = made;
    }
    return made.duplicate();
  }

  /**
   * As {@link #wire()}, in memory that the calling thread uses again for another frame: for a write
   * that takes place now. Position and limit may be changed, the bytes must not. A frame that is
   * too large for that is in memory of its own.
   */
  public ByteBuffer wire(WireBuffers buffers) {
    return size <= WireBuffers.BYTES ? buffers.with(this) : wire();
  }

  WireBuffers.@Nullable Filling filling() {
    return filling;
  }

  void filled(WireBuffers.Filling last) {
    filling = last;
  }

  /**
   * As {@link #wire()}, each message compressed if it gets shorter by it (RFC 7692, without context
   * takeover). A server has one compressor, so that this too is done once for all who understand
   * it.
   */
  public ByteBuffer wire(Compressor compressor) {
    ByteBuffer made = packedWire;
    if (made == null) {
      int length = 0;
      boolean shorter = false;
      for (Frame part : parts) {
        byte[] payload = part.payload(compressor);
        length += headerLength(payload.length) + payload.length;
        shorter |= payload != part.json;
      }
      if (!shorter) {
        return wire();
      }
      ByteBuffer buffer = shared ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
      for (Frame part : parts) {
        byte[] payload = part.payload(compressor);
        putHeader(buffer, payload == part.json ? TEXT_FIN : TEXT_FIN | COMPRESSED, payload.length);
        buffer.put(payload);
      }
      made = buffer.flip().asReadOnlyBuffer();
      packedWire = made;
    }
    return made.duplicate();
  }

  /** The compressed message of one frame, or the message itself where that is shorter. */
  private byte[] payload(Compressor compressor) {
    byte[] made = packed;
    if (made == null) {
      byte[] compressed = compressor.compress(json);
      made = compressed == null || compressed.length >= json.length ? json : compressed;
      packed = made;
    }
    return made;
  }

  /** Puts the {@link #size} bytes of {@link #wire()} into a buffer. */
  void putWire(ByteBuffer buffer) {
    for (Frame part : parts) {
      putHeader(buffer, TEXT_FIN, part.json.length);
      buffer.put(part.json);
    }
  }

  private static int headerLength(int payload) {
    return payload < 126 ? 2 : payload < 1 << 16 ? 4 : 10;
  }

  private static void putHeader(ByteBuffer buffer, int first, int payload) {
    buffer.put((byte) first);
    if (payload < 126) {
      buffer.put((byte) payload);
    } else if (payload < 1 << 16) {
      buffer.put((byte) 126).putShort((short) payload);
    } else {
      buffer.put((byte) 127).putLong(payload);
    }
  }

  /** The JSON texts, for logs and debuggers. */
  @Override
  public String toString() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(size);
    for (Frame part : parts) {
      out.writeBytes(part.json);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
