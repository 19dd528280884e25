package dev.roomcast.redis;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What goes to a server: all of it, however long that takes, or what goes without waiting, the rest
 * of which is kept. Confined to whoever writes at the time.
 */
final class Outgoing extends OutputStream {

  private static final byte[] NOTHING = {};

  private final OutputStream waiting;
  private final @Nullable ChannelSocket channel;
  private boolean waits = true;
  private byte[] rest = NOTHING;

  Outgoing(Wire wire) {
    this.waiting = wire.out();
    this.channel = wire.channel();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (waits || channel == null) {
      flushRest();
      waiting.write(bytes, offset, length);
      return;
    }
    int written = isEmpty() ? channel.offer(bytes, offset, length) : 0;
    if (written < length) {
      int kept = rest.length;
      rest = Arrays.copyOf(rest, kept + length - written);
      System.arraycopy(bytes, offset + written, rest, kept, length - written);
    }
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  /** Whether anything can be written without waiting, which TLS cannot. */
  boolean canOffer() {
    return channel != null;
  }

  /** From now on, whether what is written may be waited for. */
  void waits(boolean may) {
    waits = may;
  }

  /** Whether nothing is kept. */
  boolean isEmpty() {
    return rest.length == 0;
  }

  /** Writes what was kept, waiting for it. */
  void flushRest() throws IOException {
    if (!isEmpty()) {
      byte[] kept = rest;
      rest = NOTHING;
      waiting.write(kept, 0, kept.length);
    }
  }
}
