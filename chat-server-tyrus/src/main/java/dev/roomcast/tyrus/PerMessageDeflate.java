package dev.roomcast.tyrus;

import dev.roomcast.chat.Frame;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses and unpacks messages, each by itself (RFC 7692, section 7.2).
 *
 * <p>What does so costs 300 KB, so there are as many as messages were under way at the same time,
 * and no connection has one. The lists of those that are free are guarded by themselves;
 * thread-safe.
 */
final class PerMessageDeflate implements Frame.Compressor {

  /** Shorter messages do not get shorter by it, or not by much. */
  static final int LEAST = 128;

  /** By so much a message that cannot be compressed may grow, and it is allowed to. */
  static final int GROWTH = 64;

  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};
  private static final int FIRST_GUESS = 8;

  private final ArrayDeque<Deflater> deflaters = new ArrayDeque<>();
  private final ArrayDeque<Inflater> inflaters = new ArrayDeque<>();

  @Override
  public byte @Nullable [] compress(byte[] message) {
    if (message.length < LEAST) {
      return null;
    }
    Deflater deflater = lendDeflater();
    byte[] out = new byte[message.length]; // what is longer is of no use
    deflater.setInput(message);
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    deflater.reset();
    synchronized (deflaters) {
      deflaters.push(deflater);
    }
    return length == out.length ? null : Arrays.copyOf(out, length - TAIL.length);
  }

  /**
   * Unpacks a message. Nothing is made that is longer than allowed, whatever would come out of it.
   *
   * @return null when the message is longer than {@code most}
   * @throws DataFormatException when it is not compressed at all
   */
  byte @Nullable [] unpack(byte[] packed, int most) throws DataFormatException {
    Inflater inflater = lendInflater();
    try {
      return unpack(inflater, packed, most);
    } finally {
      inflater.reset();
      synchronized (inflaters) {
        inflaters.push(inflater);
      }
    }
  }

  private static byte @Nullable [] unpack(Inflater inflater, byte[] packed, int most)
      throws DataFormatException {
    byte[] out = new byte[Math.min(most + 1, Math.max(LEAST, packed.length * FIRST_GUESS))];
    int length = 0;
    boolean tail = false;
    inflater.setInput(packed);
    while (true) {
      int some = inflater.inflate(out, length, out.length - length);
      length += some;
      if (length > most) {
        return null;
      } else if (length == out.length) {
        out = Arrays.copyOf(out, (int) Math.min(most + 1L, out.length * 2L));
      } else if (some == 0) {
        if (inflater.finished() || tail && inflater.needsInput()) {
          return Arrays.copyOf(out, length);
        } else if (!inflater.needsInput()) {
          throw new DataFormatException("a dictionary is asked for");
        }
        inflater.setInput(TAIL);
        tail = true;
      }
    }
  }

  private Deflater lendDeflater() {
    Deflater free;
    synchronized (deflaters) {
      free = deflaters.poll();
    }
    return free == null ? new Deflater(Deflater.DEFAULT_COMPRESSION, true) : free;
  }

  private Inflater lendInflater() {
    Inflater free;
    synchronized (inflaters) {
      free = inflaters.poll();
    }
    return free == null ? new Inflater(true) : free;
  }

  /** Lets go of all that are free. */
  void close() {
    synchronized (deflaters) {
      deflaters.forEach(Deflater::end);
      deflaters.clear();
    }
    synchronized (inflaters) {
      inflaters.forEach(Inflater::end);
      inflaters.clear();
    }
  }
}
