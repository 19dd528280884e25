package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The forms of a frame on the wire. */
class FrameTest {

  private final List<Integer> compressed = new ArrayList<>();

  /** Halves what has more than ten bytes. */
  private byte @Nullable [] halve(byte[] message) {
    compressed.add(message.length);
    return message.length > 10 ? Arrays.copyOf(message, message.length / 2) : null;
  }

  private static Frame frame(int length) {
    return Frame.shared("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  @Test
  void aMessageIsCompressedOnceHoweverManyGetItAndHoweverItIsJoined() {
    Frame one = frame(100);
    Frame two = frame(10);
    Frame three = frame(300);
    Frame joined = Frame.join(List.of(one, two, three));
    for (int member = 0; member < 5; member++) {
      bytes(one.wire(this::halve));
      bytes(joined.wire(this::halve));
      bytes(Frame.join(List.of(three, one)).wire(this::halve));
    }
    assertEquals(List.of(100, 10, 300), compressed);
  }

  @Test
  void compressedFramesAreMarkedAndTheOthersAreNot() {
    ByteBuffer wire = Frame.join(List.of(frame(300), frame(10))).wire(this::halve);
    assertTrue(wire.isDirect());
    byte[] bytes = bytes(wire);
    assertArrayEquals(new byte[] {(byte) 0xc1, 126, 0, (byte) 150, 'x'}, Arrays.copyOf(bytes, 5));
    assertArrayEquals(new byte[] {(byte) 0x81, 10, 'x'}, Arrays.copyOfRange(bytes, 154, 157));
    assertEquals(166, bytes.length);
  }

  @Test
  void whatDoesNotGetShorterIsTheSameForAll() {
    Frame frame = frame(10);
    assertArrayEquals(bytes(frame.wire()), bytes(frame.wire(this::halve)));
    assertEquals(frame.size(), frame.wire(this::halve).remaining());
  }
}
