package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frame headers that RFC 6455 allows, and those it does not. */
class FrameHeadersTest {

  private static final int MAX = 70_000;

  @ParameterizedTest
  @CsvSource({
    "81 85 01020304 ,0",
    "01 80 01020304 80 80 01020304 ,0",
    "89 FD 01020304 ,0",
    "88 80 01020304 ,0",
    "82 FE FFFF ,0",
    "81 FF 0000000000011170 ,0",
    "01 80 01020304 89 80 01020304 80 80 01020304 81 80 01020304 ,0",
    "80 ,1002",
    "00 ,1002",
    "01 80 01020304 81 ,1002",
    "01 80 01020304 02 ,1002",
    "01 80 01020304 80 80 01020304 80 ,1002",
    "81 05 ,1002",
    "C1 ,1002",
    "A1 ,1002",
    "91 ,1002",
    "83 ,1002",
    "8B ,1002",
    "09 80 ,1002",
    "89 FE ,1002",
    "81 FF 0000000000011171 ,1009",
    "81 FF 8000000000000000 ,1009"
  })
  void headersAreJudged(String hex, int code) {
    assertEquals(code, new FrameHeaders(MAX).check(bytes(hex)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 100})
  void framesAreFollowedHoweverTheyAreCut(int size) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int length : new int[] {0, 1, 125, 126, 1_000, 65_535, 65_536}) {
      all.writeBytes(frame(length));
    }
    all.writeBytes(new byte[] {(byte) 0x81, 0x00});
    byte[] bytes = all.toByteArray();
    FrameHeaders headers = new FrameHeaders(MAX);
    for (int i = 0; i < bytes.length; i += size) {
      ByteBuffer part = ByteBuffer.wrap(bytes, i, Math.min(size, bytes.length - i));
      int expected = i + size >= bytes.length ? 1002 : 0;
      assertEquals(expected, headers.check(part), "at " + i + " of " + bytes.length);
      assertEquals(i, part.position());
    }
  }

  /** A masked frame whose payload looks like bad headers. */
  private static byte[] frame(int length) {
    ByteBuffer frame = ByteBuffer.allocate(14 + length);
    frame.put((byte) 0x81);
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 1 << 16) {
      frame.put((byte) 0xfe).putShort((short) length);
    } else {
      frame.put((byte) 0xff).putLong(length);
    }
    frame.putInt(0x01020304);
    for (int i = 0; i < length; i++) {
      frame.put((byte) 0x7f);
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  private static ByteBuffer bytes(String hex) {
    String digits = hex.replace(" ", "");
    ByteBuffer bytes = ByteBuffer.allocate(digits.length() / 2);
    for (int i = 0; i < digits.length(); i += 2) {
      bytes.put((byte) Integer.parseInt(digits.substring(i, i + 2), 16));
    }
    return bytes.flip();
  }

  @Test
  void aMessageOfManyFragmentsIsBoundedInTheirNumberAndTheirBytes() {
    FrameHeaders many = new FrameHeaders(MAX);
    assertEquals(0, many.check(bytes("01 80 01020304")));
    for (int i = 1; i < 1_024; i++) {
      assertEquals(0, many.check(bytes("00 80 01020304")));
    }
    assertEquals(0, many.check(bytes("89 80 01020304")));
    assertEquals(1008, many.check(bytes("00")));
    FrameHeaders large = new FrameHeaders(6);
    assertEquals(0, large.check(bytes("01 83 01020304 616161")));
    assertEquals(0, large.check(bytes("89 85 01020304 6161616161")));
    assertEquals(0, large.check(bytes("80 83 01020304 616161")));
    assertEquals(0, large.check(bytes("01 83 01020304 616161")), "the next message");
    assertEquals(1009, large.check(bytes("80 84")));
  }
}
