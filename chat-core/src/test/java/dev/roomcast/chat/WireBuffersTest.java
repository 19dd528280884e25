package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WireBuffersTest {

  private final WireBuffers buffers = new WireBuffers();
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    other.shutdown();
  }

  private static Frame frame(int length) {
    return Frame.shared("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
  }

  private static Frame frame(String text) {
    return Frame.shared(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** As a write does, whose buffer is at its end then. */
  private ByteBuffer taken(Frame frame) {
    ByteBuffer bytes = frame.wire(buffers);
    ByteBuffer taken = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    assertEquals(0, bytes.remaining());
    return taken;
  }

  @Test
  void aFrameIsThereOnceForAllWhoAreWrittenTo() {
    Frame frame = Frame.join(List.of(frame("first"), frame("second")));
    ByteBuffer first = frame.wire(buffers);
    assertTrue(first.isDirect());
    assertEquals(frame.wire(), first);
    first.put(2, (byte) '!'); // would not last if it were put there again
    for (int member = 0; member < 3; member++) {
      assertEquals('!', taken(frame).get(2));
    }
  }

  /** Threads' buffers are their own, whoever had the frame in which order. */
  @Test
  void everyThreadFindsTheBytesOfTheFrameItWrites() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    List<Frame> frames = List.of(frame("a"), frame("b"), frame(200), frame(3_000), frame(70_000));
    for (int i = 0; i < 300; i++) {
      Frame mine = frames.get(random.nextInt(frames.size()));
      Frame theirs = frames.get(random.nextInt(frames.size()));
      ByteBuffer here = mine.wire(buffers);
      assertEquals(
          theirs.wire(),
          CompletableFuture.supplyAsync(() -> taken(theirs), other).join(),
          () -> "seed " + seed);
      assertEquals(mine.wire(), here, () -> "seed " + seed);
    }
  }

  @Test
  void whatIsTooLargeHasItsOwnMemory() {
    Frame largest = frame(WireBuffers.BYTES - 10);
    assertEquals(WireBuffers.BYTES, largest.size());
    assertSame(largest.wire(buffers), largest.wire(buffers), "the thread's");
    Frame larger = frame(WireBuffers.BYTES);
    assertNotSame(larger.wire(buffers), larger.wire(buffers));
    assertEquals(larger.wire(), larger.wire(buffers));
    assertEquals(largest.wire(), largest.wire(buffers));
  }

  /** 1,024 bytes at first, then as many as the largest frame needs: a power of two. */
  @Test
  void aBufferGrowsWithItsFrames() {
    assertEquals(1_024, frame(1_020).wire(buffers).capacity());
    assertEquals(2_048, frame(1_021).wire(buffers).capacity());
    assertEquals(4_096, frame(4_092).wire(buffers).capacity());
    assertEquals(4_096, frame("small").wire(buffers).capacity());
  }
}
