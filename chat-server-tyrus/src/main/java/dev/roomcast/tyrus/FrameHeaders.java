package dev.roomcast.tyrus;

import java.nio.ByteBuffer;

/**
 * Follows the frame headers in what a connection sends, to refuse what Tyrus would take: unmasked
 * frames, reserved bits, continuations of nothing, and payloads over the limit before they are read
 * (RFC 6455, section 5). A message may have so many fragments, however small they are, and their
 * payloads count together.
 *
 * <p>Confined to the connection's reads.
 */
final class FrameHeaders {

  /** All is well. */
  static final int FINE = 0;

  static final int PROTOCOL_ERROR = 1002;
  static final int ABUSE = 1008;
  static final int TOO_BIG = 1009;

  private static final int MASK_BYTES = 4;
  private static final int MAX_CONTROL = 125;

  /** No honest client cuts a message of some kilobytes into more. */
  private static final int MAX_FRAGMENTS = 1_024;

  private final int maxPayload;
  private int fragments;
  private long message;
  private int first = -1;
  private int rest;
  private long length;
  private long payload;

  FrameHeaders(int maxPayload) {
    this.maxPayload = maxPayload;
  }

  /**
   * Returns the close code for the first bad frame, else {@link #FINE}; leaves the buffer alone.
   */
  int check(ByteBuffer bytes) {
    int at = bytes.position();
    while (at < bytes.limit()) {
      if (payload > 0) {
        int skip = (int) Math.min(payload, bytes.limit() - at);
        payload -= skip;
        at += skip;
      } else {
        int code = header(bytes.get(at) & 0xff);
        if (code != FINE) {
          return code;
        }
        at++;
      }
    }
    return FINE;
  }

  private int header(int value) {
    if (first < 0) {
      first = value;
      return (value & 0x70) == 0 && (value & 0x07) <= 2 ? opcode(value) : PROTOCOL_ERROR;
    }
    if (rest == 0) {
      length = value & 0x7f;
      rest = MASK_BYTES + (length < 126 ? 0 : length == 126 ? 2 : 8);
      boolean control = (first & 0x08) != 0;
      if ((value & 0x80) == 0 || control && (length > MAX_CONTROL || first < 0x80)) {
        return PROTOCOL_ERROR;
      }
      length = rest == MASK_BYTES ? length : 0;
      return tooBig() ? TOO_BIG : FINE;
    }
    if (rest > MASK_BYTES) {
      length = length << 8 | value;
      if (tooBig()) {
        return TOO_BIG;
      }
    }
    rest--;
    if (rest == 0) {
      if ((first & 0x08) == 0) {
        message = first < 0x80 ? message + length : 0;
        fragments = first < 0x80 ? fragments : 0;
      }
      first = -1;
      payload = length;
    }
    return FINE;
  }

  /** A message begins when none has begun, and goes on when one has. */
  private int opcode(int value) {
    if ((value & 0x08) != 0) {
      return FINE;
    } else if ((value & 0x0f) == 0 != fragments > 0) {
      return PROTOCOL_ERROR;
    }
    return ++fragments > MAX_FRAGMENTS ? ABUSE : FINE;
  }

  private boolean tooBig() {
    long before = (first & 0x08) == 0 ? message : 0;
    return length < 0 || before + length > maxPayload;
  }
}
