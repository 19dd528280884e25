package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that RFC 6455 allows, and those it does not, however they are cut into reads. */
class FrameReaderTest {

  private static final int MAX = 70_000;
  private static final int COMPRESSED_TEXT = 0x40 | FrameReader.TEXT;

  private final Heard heard = new Heard();
  private final FrameReader reader = new FrameReader(MAX, null, heard);

  /** All that a reader told, in words. */
  private static final class Heard implements FrameReader.Listener {
    final List<String> all = new ArrayList<>();

    @Override
    public void text(String text) {
      all.add("text " + text);
    }

    @Override
    public void alive() {
      all.add("alive");
    }

    @Override
    public void pong() {
      all.add("pong");
    }

    @Override
    public void ping(byte[] payload) {
      all.add("ping " + new String(payload, StandardCharsets.UTF_8));
    }

    @Override
    public void closed(byte[] payload) {
      all.add("closed " + HexFormat.of().formatHex(payload));
    }

    @Override
    public void broken(int code, String reason) {
      all.add("broken " + code);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "81 85 01020304 ,",
    "01 80 01020304 80 80 01020304 ,",
    "89 FD 01020304 ,",
    "81 FF 0000000000011170 ,",
    "81 05 ,1002",
    "C1 ,1002",
    "A1 ,1002",
    "91 ,1002",
    "83 ,1002",
    "8B ,1002",
    "09 80 ,1002",
    "89 FE ,1002",
    "80 ,1002",
    "01 80 01020304 81 ,1002",
    "82 ,1003",
    "02 ,1003",
    "81 FF 0000000000011171 ,1009",
    "81 FF 8000000000000000 ,1009",
    "88 81 00000000 03 ,1002",
    "88 82 00000000 03E7 ,1002",
    "88 82 00000000 03ED ,1002",
    "88 82 00000000 03F7 ,1002",
    "88 82 00000000 1388 ,1002",
    "88 83 00000000 03E8FF ,1007"
  })
  void badFramesAreBrokenAsSoonAsThatIsKnown(String hex, Integer code) {
    reader.read(bytes(hex));
    assertEquals(
        code == null ? List.of() : List.of("broken " + code),
        heard.all.stream().filter(what -> what.startsWith("broken")).toList());
  }

  @ParameterizedTest
  @CsvSource({"88 80 01020304,''", "88 82 00000000 03E8,03e8", "88 84 00000000 0FA17A7A,0fa17a7a"})
  void closeFramesAreTold(String hex, String payload) {
    reader.read(bytes(hex));
    assertEquals(List.of("closed " + payload), heard.all);
  }

  @Test
  void nothingIsReadAfterTheEnd() {
    reader.read(bytes("88 80 00000000 89 80 00000000"));
    assertEquals(1, heard.all.size());
    FrameReader broken = new FrameReader(MAX, null, heard);
    heard.all.clear();
    broken.read(bytes("C1 89 80 00000000"));
    broken.read(bytes("89 80 00000000"));
    assertEquals(List.of("broken 1002"), heard.all);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 13, 100, 4_096, 1 << 20})
  void framesAreReadHoweverTheyAreCut(int size) {
    Random random = new Random(size);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<String> expected = new ArrayList<>();
    for (int length : new int[] {0, 1, 7, 8, 9, 125, 126, 1_000, 65_535, 65_536}) {
      String text = text(random, length);
      all.writeBytes(frame(true, FrameReader.TEXT, text.getBytes(StandardCharsets.UTF_8), random));
      expected.add("text " + text);
    }
    byte[] cut = "Grüße, 世界 😀".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < cut.length; i++) {
      all.writeBytes(frame(i == cut.length - 1, i == 0 ? 1 : 0, new byte[] {cut[i]}, random));
      if (i == 3) {
        all.writeBytes(frame(true, FrameReader.PING, new byte[] {'p'}, random));
      }
      expected.add(i < cut.length - 1 ? "alive" : "text Grüße, 世界 😀");
    }
    expected.add(14, "ping p");
    byte[] bytes = all.toByteArray();
    for (int i = 0; i < bytes.length; i += size) {
      ByteBuffer part = ByteBuffer.allocateDirect(Math.min(size, bytes.length - i));
      reader.read(part.put(bytes, i, part.capacity()).flip());
      assertFalse(part.hasRemaining());
    }
    assertEquals(expected, heard.all);
  }

  @Test
  void fragmentsTogetherHaveTheBoundOfAFrame() {
    Random random = new Random(1);
    reader.read(ByteBuffer.wrap(frame(false, FrameReader.TEXT, new byte[MAX], random)));
    reader.read(ByteBuffer.wrap(frame(false, 0, new byte[0], random)));
    assertEquals(List.of("alive", "alive"), heard.all);
    reader.read(bytes("80 81"));
    assertEquals("broken 1009", heard.all.get(2));
  }

  @Test
  void aFloodOfFragmentsHasAnEnd() {
    Random random = new Random(1);
    reader.read(ByteBuffer.wrap(frame(false, FrameReader.TEXT, new byte[0], random)));
    for (int i = 2; i < FrameReader.MAX_FRAGMENTS; i++) {
      reader.read(ByteBuffer.wrap(frame(false, 0, new byte[0], random)));
    }
    assertEquals(FrameReader.MAX_FRAGMENTS - 1, heard.all.size());
    reader.read(ByteBuffer.wrap(frame(false, 0, new byte[0], random)));
    assertEquals("broken 1008", heard.all.get(FrameReader.MAX_FRAGMENTS - 1));
  }

  @Test
  void textThatIsNotUtf8IsBroken() {
    reader.read(bytes("81 82 00000000 C328"));
    assertEquals(List.of("broken 1007"), heard.all);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, 1 << 20})
  void compressedMessagesAreReadHoweverTheyAreCut(int size) {
    PerMessageDeflate deflate = new PerMessageDeflate();
    FrameReader packed = new FrameReader(MAX, deflate, heard);
    String text = "Grüße, 世界 😀 ".repeat(50);
    byte[] message =
        Objects.requireNonNull(deflate.compress(text.getBytes(StandardCharsets.UTF_8)));
    Random random = new Random(1);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(frame(true, COMPRESSED_TEXT, message, random));
    all.writeBytes(frame(true, FrameReader.TEXT, new byte[] {'a'}, random));
    byte[] begin = Arrays.copyOf(message, 10);
    all.writeBytes(frame(false, COMPRESSED_TEXT, begin, random));
    all.writeBytes(frame(true, FrameReader.PING, new byte[] {'p'}, random));
    all.writeBytes(frame(true, 0, Arrays.copyOfRange(message, 10, message.length), random));
    byte[] bytes = all.toByteArray();
    for (int i = 0; i < bytes.length; i += size) {
      packed.read(ByteBuffer.wrap(bytes, i, Math.min(size, bytes.length - i)));
    }
    assertEquals(List.of("text " + text, "text a", "alive", "ping p", "text " + text), heard.all);
  }

  @ParameterizedTest
  @CsvSource({
    "C9 80 ,1002",
    "01 80 01020304 C0 80 ,1002",
    "E1 80 ,1002",
    "91 80 ,1002",
    "C2 80 ,1002",
    "C1 81 00000000 07 ,1007"
  })
  void theBitOfCompressionIsForTheBeginningOfATextOnly(String hex, int code) {
    FrameReader packed = new FrameReader(MAX, new PerMessageDeflate(), heard);
    packed.read(bytes(hex));
    assertEquals("broken " + code, heard.all.get(heard.all.size() - 1));
  }

  @Test
  void compressedMessagesHaveTheBoundOfTheirText() {
    PerMessageDeflate deflate = new PerMessageDeflate();
    Random random = new Random(1);
    byte[] most =
        Objects.requireNonNull(
            deflate.compress("x".repeat(MAX).getBytes(StandardCharsets.US_ASCII)));
    new FrameReader(MAX, deflate, heard)
        .read(ByteBuffer.wrap(frame(true, COMPRESSED_TEXT, most, random)));
    assertEquals(List.of("text " + "x".repeat(MAX)), heard.all);
    byte[] bomb = Objects.requireNonNull(deflate.compress(new byte[MAX + 1]));
    FrameReader reader = new FrameReader(MAX, deflate, heard);
    for (int i = 0; i < bomb.length; i++) {
      reader.read(
          ByteBuffer.wrap(
              frame(
                  i == bomb.length - 1,
                  i == 0 ? COMPRESSED_TEXT : 0,
                  new byte[] {bomb[i]},
                  random)));
    }
    assertEquals("broken 1009", heard.all.get(heard.all.size() - 1));
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) (' ' + random.nextInt(95)));
    }
    return text.toString();
  }

  /** A masked frame. */
  static byte[] frame(boolean last, int opcode, byte[] payload, Random random) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) ((last ? 0x80 : 0) | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) 0xfe).putShort((short) payload.length);
    } else {
      frame.put((byte) 0xff).putLong(payload.length);
    }
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i % 4]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
