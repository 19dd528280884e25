package dev.roomcast.chat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Frames read and written: what a message costs once per node, however many members get it.
 *
 * <p>Confined to the benchmark's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {

  private static final User ANN = new User("u-ann", "Ann");
  private static final Position POSITION = new Position("k3x9", 123_456);
  private static final long TS = 1_790_000_000_000L;

  /** Letters that every encoding has in one byte, or some of two and three. */
  @Param({"ascii", "mixed"})
  public String letters = "ascii";

  private final CommandReader reader = new CommandReader(Limits.DEFAULTS);
  private final WireBuffers buffers = new WireBuffers();
  private String text = "";
  private String frame = "";
  private Command.Message message = new Command.Message(null, "r", "t", null, "text", 0, null);
  private Publication publication = new Publication("r", POSITION, TS, Json.NULL);
  private byte[] logged = {};

  /** Makes the frames. */
  @Setup
  public void frames() {
    text = (letters.equals("ascii") ? "abcdefgh" : "abcdé語gh").repeat(16);
    frame =
        "{\"type\":\"message\",\"id\":17,\"room\":\"room-12\",\"text\":"
            + JsonText.quote(text)
            + ",\"key\":\"k-1234567\"}";
    message = new Command.Message(Json.value(17), "room-12", text, "k-1234567", "text", 0, null);
    publication =
        new Publication("room-12", POSITION, TS, FrameWriter.messageBody(message, ANN, TS));
    logged = FrameWriter.logged(publication);
  }

  /** A client's message, from its text. */
  @Benchmark
  public Object readMessage() {
    return reader.read(frame);
  }

  /** A client's ping. */
  @Benchmark
  public Object readPing() {
    return reader.read("{\"type\":\"ping\",\"id\":17,\"ts\":1790000000000}");
  }

  /** What the log gets of a message. */
  @Benchmark
  public Object writeBody() {
    return FrameWriter.messageBody(message, ANN, TS);
  }

  /** What members get of it. */
  @Benchmark
  public byte[] writeLogged() {
    return FrameWriter.logged(publication);
  }

  /** The bytes of its WebSocket frame, in direct memory. */
  @Benchmark
  public ByteBuffer wireForMany() {
    return Frame.shared(logged).wire();
  }

  /** The same for members who all take it at once. */
  @Benchmark
  public ByteBuffer wireForNow() {
    return Frame.shared(logged).wire(buffers);
  }

  /** The reply to its sender. */
  @Benchmark
  public ByteBuffer wireOfAck() {
    String ack =
        FrameWriter.ack(FrameWriter.reply("ack", message.id()), new Ack(POSITION, TS, false));
    return Frame.single(ack).wire(buffers);
  }

  /** The measure of all things here: the same number of bytes copied once. */
  @Benchmark
  public byte[] copy() {
    return logged.clone();
  }

  /** What the text costs alone, from UTF-8. */
  @Benchmark
  public String decodeUtf8() {
    return new String(logged, StandardCharsets.UTF_8);
  }
}
