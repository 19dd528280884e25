package dev.roomcast.tyrus;

import jakarta.websocket.CloseReason;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Makes close frames of what a session wants to say. Stateless. */
final class CloseFrames {

  /** A client that does not answer a close frame is cut off after so long. */
  static final long CUT_AFTER_SECONDS = 3;

  private static final int MAX_REASON_BYTES = 123;

  private CloseFrames() {}

  /** What a container is given to send. */
  static CloseReason of(int code, String reason) {
    return new CloseReason(CloseReason.CloseCodes.getCloseCode(code), shortened(reason));
  }

  /** The payload of a close frame. */
  static byte[] payload(int code, String reason) {
    byte[] text = shortened(reason).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array();
  }

  /** Shortens the reason to what fits, in whole characters. */
  private static String shortened(String reason) {
    CharBuffer text = CharBuffer.wrap(reason);
    StandardCharsets.UTF_8.newEncoder().encode(text, ByteBuffer.allocate(MAX_REASON_BYTES), true);
    return reason.substring(0, text.position());
  }
}
