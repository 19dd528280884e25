package dev.roomcast.tyrus;

import dev.roomcast.chat.CloseCode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Takes the frames of one client apart (RFC 6455, section 5), and says of a bad one why it is.
 *
 * <p>A whole frame is read from the buffer it came in; only what is cut off by the end of a read is
 * kept, so an idle connection holds no bytes. A header is judged as soon as it is there, before any
 * of its payload is kept. After the first bad frame nothing more is read.
 *
 * <p>State: {@code partial} is the beginning of a frame, null between frames; {@code message} the
 * fragments of a message so far, null between messages, and {@code packed} whether they are
 * compressed. Confined to the connection's reads.
 */
final class FrameReader {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  static final int PROTOCOL_ERROR = 1002;

  /** A message in more pieces than this is nobody's need. */
  static final int MAX_FRAGMENTS = 1_024;

  private static final int RESERVED = 0x70;
  private static final int COMPRESSED = 0x40;
  private static final int MAX_CONTROL = 125;
  private static final int MAX_HEADER = 14;
  private static final int MASK_BYTES = 4;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final int maxMessage;
  private final @Nullable PerMessageDeflate deflate;
  private final Listener listener;
  private byte @Nullable [] partial;
  private int partialLength;
  private byte @Nullable [] message;
  private boolean packed;
  private int fragments;
  private boolean over;
  // The header that was read last; valid until the next one.
  private int headerLength;
  private int payloadLength;

  /** Told what the client sends. */
  interface Listener {
    /** A whole text message. */
    void text(String text);

    /** A sign of life that is not a message. */
    void alive();

    void ping(byte[] payload);

    void pong();

    /** The client closes; the payload of its frame is valid. */
    void closed(byte[] payload);

    /** Nothing more is read: the connection has to be closed with this code. */
    void broken(int code, String reason);
  }

  /**
   * Makes a reader of messages of so many bytes at most.
   *
   * @param deflate what unpacks compressed messages, null when they were not agreed upon
   */
  FrameReader(int maxMessage, @Nullable PerMessageDeflate deflate, Listener listener) {
    this.maxMessage = maxMessage;
    this.deflate = deflate;
    this.listener = listener;
  }

  /** Takes all bytes of {@code in}. */
  void read(ByteBuffer in) {
    while (in.hasRemaining() && !over) {
      if (partial == null) {
        readWhole(in);
      } else {
        readRest(in);
      }
    }
  }

  private void readWhole(ByteBuffer in) {
    if (!header(in)) {
      return;
    }
    int length = headerLength + payloadLength;
    if (headerLength == 0 || in.remaining() < length) {
      byte[] begun = new byte[headerLength == 0 ? MAX_HEADER : length];
      partialLength = in.remaining();
      in.get(begun, 0, partialLength);
      partial = begun;
      return;
    }
    frame(in);
  }

  /** Adds to the frame that was cut off, first until its header is whole, then all of it. */
  private void readRest(ByteBuffer in) {
    byte[] begun = partial;
    if (begun == null) {
      return;
    }
    if (headerLength == 0) {
      begun[partialLength++] = in.get();
      if (!header(ByteBuffer.wrap(begun, 0, partialLength))) {
        return;
      }
      if (headerLength > 0) {
        begun = Arrays.copyOf(begun, Math.max(headerLength + payloadLength, partialLength));
        partial = begun;
      }
    } else {
      int some = Math.min(in.remaining(), headerLength + payloadLength - partialLength);
      in.get(begun, partialLength, some);
      partialLength += some;
    }
    if (headerLength > 0 && partialLength == headerLength + payloadLength) {
      partial = null;
      frame(ByteBuffer.wrap(begun, 0, partialLength));
    }
  }

  /**
   * Looks at a header without taking it; {@code headerLength} is 0 when some of it is missing.
   *
   * @return false when it is bad, and has been told
   */
  private boolean header(ByteBuffer in) {
    int at = in.position();
    int available = in.remaining();
    headerLength = 0;
    int first = in.get(at) & 0xff;
    int opcode = first & 0x0f;
    boolean last = first >= 0x80;
    boolean compressed = deflate != null && opcode == TEXT && (first & RESERVED) == COMPRESSED;
    if ((first & RESERVED) != 0 && !compressed) {
      return bad(PROTOCOL_ERROR, "reserved bits are set");
    } else if ((opcode & 0x07) > 2) {
      return bad(PROTOCOL_ERROR, "there is no such opcode");
    } else if (opcode >= CLOSE && !last) {
      return bad(PROTOCOL_ERROR, "a control frame must not be in fragments");
    } else if (opcode == CONTINUATION && message == null) {
      return bad(PROTOCOL_ERROR, "a continuation of nothing");
    } else if ((opcode == TEXT || opcode == BINARY) && message != null) {
      return bad(PROTOCOL_ERROR, "the fragments before have no end");
    } else if (opcode == BINARY) {
      return bad(CloseCode.UNSUPPORTED_DATA.code(), "text frames only");
    }
    if (available < 2) {
      return true;
    }
    int second = in.get(at + 1) & 0xff;
    if (second < 0x80) {
      return bad(PROTOCOL_ERROR, "a client must mask its frames");
    }
    long length = second & 0x7f;
    if (opcode >= CLOSE && length > MAX_CONTROL) {
      return bad(PROTOCOL_ERROR, "a control frame has 125 bytes at most");
    }
    int whole = 2 + MASK_BYTES + (length < 126 ? 0 : length == 126 ? 2 : 8);
    if (available < whole - MASK_BYTES) {
      return true;
    }
    if (length == 126) {
      length = in.getShort(at + 2) & 0xffff;
    } else if (length == 127) {
      length = in.getLong(at + 2);
    }
    byte[] before = message;
    boolean ofPacked = compressed || opcode == CONTINUATION && packed;
    int room =
        maxMessage
            + (ofPacked ? PerMessageDeflate.GROWTH : 0)
            - (before == null || opcode >= CLOSE ? 0 : before.length);
    if (length < 0 || length > room) {
      return bad(CloseCode.TOO_BIG.code(), "at most " + maxMessage + " bytes");
    }
    if (available >= whole) {
      headerLength = whole;
      payloadLength = (int) length;
    }
    return true;
  }

  /** Takes the frame whose header was read last, and all of which is there. */
  private void frame(ByteBuffer in) {
    int first = in.get(in.position()) & 0xff;
    int mask = in.getInt(in.position() + headerLength - MASK_BYTES);
    in.position(in.position() + headerLength);
    byte[] payload = new byte[payloadLength];
    in.get(payload);
    boolean ascii = unmask(payload, mask);
    switch (first & 0x0f) {
      case PING -> listener.ping(payload);
      case PONG -> listener.pong();
      case CLOSE -> close(payload);
      default -> data(first, payload, ascii);
    }
  }

  private void data(int first, byte[] payload, boolean ascii) {
    boolean last = first >= 0x80;
    byte[] before = message;
    if (before == null) {
      packed = (first & COMPRESSED) != 0;
      if (last) {
        message(payload, ascii);
        return;
      }
    }
    byte[] all = payload;
    if (before != null) {
      all = Arrays.copyOf(before, before.length + payload.length);
      System.arraycopy(payload, 0, all, before.length, payload.length);
    }
    fragments++;
    if (last) {
      message = null;
      fragments = 0;
      message(all, false);
    } else if (fragments == MAX_FRAGMENTS) {
      bad(CloseCode.POLICY_VIOLATION.code(), "at most " + MAX_FRAGMENTS + " fragments");
    } else {
      message = all;
      listener.alive();
    }
  }

  private void message(byte[] payload, boolean ascii) {
    PerMessageDeflate unpacks = deflate;
    if (unpacks == null || !packed) {
      text(payload, ascii);
      return;
    }
    byte[] utf8;
    try {
      utf8 = unpacks.unpack(payload, maxMessage);
    } catch (DataFormatException e) {
      bad(CloseCode.NOT_UTF8.code(), "not compressed as was agreed");
      return;
    }
    if (utf8 == null) {
      bad(CloseCode.TOO_BIG.code(), "at most " + maxMessage + " bytes");
    } else {
      text(utf8, false);
    }
  }

  private void text(byte[] utf8, boolean ascii) {
    if (ascii) {
      listener.text(new String(utf8, StandardCharsets.ISO_8859_1));
      return;
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      bad(CloseCode.NOT_UTF8.code(), "not UTF-8");
      return;
    }
    listener.text(text);
  }

  private void close(byte[] payload) {
    if (payload.length == 1) {
      bad(PROTOCOL_ERROR, "half a close code");
      return;
    }
    if (payload.length >= 2) {
      int code = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
      boolean known =
          code >= 1_000 && code <= 1_014 && code != 1_004 && code != 1_005 && code != 1_006;
      if (!known && (code < 3_000 || code > 4_999)) {
        bad(PROTOCOL_ERROR, "there is no such close code");
        return;
      }
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload, 2, payload.length - 2));
      } catch (CharacterCodingException e) {
        bad(CloseCode.NOT_UTF8.code(), "not UTF-8");
        return;
      }
    }
    over = true;
    listener.closed(payload);
  }

  private boolean bad(int code, String reason) {
    over = true;
    partial = null;
    message = null;
    listener.broken(code, reason);
    return false;
  }

  /** Takes the mask off, eight bytes at a time; returns whether all of it is ASCII. */
  private static boolean unmask(byte[] payload, int mask) {
    long mask8 = (long) mask << 32 | mask & 0xffffffffL;
    long seen = 0;
    int i = 0;
    for (; i + 8 <= payload.length; i += 8) {
      long eight = (long) LONGS.get(payload, i) ^ mask8;
      seen |= eight;
      LONGS.set(payload, i, eight);
    }
    for (; i < payload.length; i++) {
      payload[i] ^= (byte) (mask >>> 24 - (i & 3) * 8);
      seen |= payload[i] & 0x80;
    }
    return (seen & HIGH_BITS) == 0;
  }
}
