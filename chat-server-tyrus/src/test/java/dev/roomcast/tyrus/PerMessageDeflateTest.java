package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are compressed and unpacked, and what pretends to be one. */
class PerMessageDeflateTest {

  private final PerMessageDeflate deflate = new PerMessageDeflate();

  @AfterEach
  void close() {
    deflate.close();
  }

  private static byte[] text(int length) {
    return "{\"type\":\"message\",\"room\":\"general\"} "
        .repeat(length / 30 + 1)
        .substring(0, length)
        .getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 1_000, 32_768, 1 << 20})
  void whatIsCompressedComesBackAsItWas(int length) throws DataFormatException {
    for (int i = 0; i < 3; i++) {
      byte[] packed = Objects.requireNonNull(deflate.compress(text(length)));
      assertTrue(packed.length < length);
      assertArrayEquals(text(length), deflate.unpack(packed, length));
    }
  }

  @Test
  void whatDoesNotGetShorterIsLeftAsItIs() {
    byte[] random = new byte[1_000];
    new Random(1).nextBytes(random);
    assertNull(deflate.compress(random));
    assertNull(deflate.compress(text(PerMessageDeflate.LEAST - 1)));
  }

  /** The examples of RFC 7692, section 7.2.3. */
  @ParameterizedTest
  @CsvSource({
    "f248cdc9c90700,Hello",
    "000500faff48656c6c6f00,Hello",
    "f348cdc9c9070000,Hello",
    "f24805000000ffffcac9c90700,Hello"
  })
  void everyWayToCompressIsUnderstood(String hex, String text) throws DataFormatException {
    byte[] packed = HexFormat.of().parseHex(hex);
    assertArrayEquals(text.getBytes(StandardCharsets.US_ASCII), deflate.unpack(packed, 100));
  }

  @Test
  void aMessageOfTheLargestSizeIsUnpackedAndALargerOneIsNot() throws DataFormatException {
    byte[] packed = Objects.requireNonNull(deflate.compress(text(32_768)));
    assertNotNull(deflate.unpack(packed, 32_768));
    assertNull(deflate.unpack(packed, 32_767));
  }

  @Test
  void aBombIsNotUnpacked() throws DataFormatException {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(new byte[100 << 20]);
    byte[] bomb = new byte[200 << 10];
    int length = deflater.deflate(bomb, 0, bomb.length, Deflater.SYNC_FLUSH);
    deflater.end();
    assertTrue(length < bomb.length);
    byte[] packed = Arrays.copyOf(bomb, length - 4);
    long before = allocated();
    for (int i = 0; i < 20; i++) {
      assertNull(deflate.unpack(packed, 32 << 10));
    }
    long each = (allocated() - before) / 20;
    assertTrue(each < 256 << 10, each + " bytes for one");
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "ffffffffffff", "07", "0605"})
  void whatIsNotCompressedIsTold(String hex) {
    assertThrows(
        DataFormatException.class, () -> deflate.unpack(HexFormat.of().parseHex(hex), 100));
    assertNotNull(deflate.compress(text(1_000)));
  }
}
