package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What Redis announces to a node, read: once per batch and node, before anything is done for a
 * member.
 *
 * <p>Confined to the benchmark's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AnnouncementBenchmark {

  /** Publications in the batch. */
  @Param({"1", "16", "256"})
  public int batch;

  private byte[] payload = {};

  /** Makes the payload, as the script that publishes does. */
  @Setup
  public void payload() {
    String entry =
        "1790000000000 1000:{\"type\":\"message\",\"room\":\"room\",\"ts\":1790000000000,\"text\":\""
            + "x".repeat(128)
            + "\"}";
    payload =
        ("1Pk3x9 1001 " + batch + "\n" + (entry.length() + "\n" + entry).repeat(batch))
            .getBytes(StandardCharsets.UTF_8);
    if (!(Announcement.read("room", payload) instanceof Announcement.Logged)) {
      throw new IllegalStateException("the form of an announcement has changed");
    }
  }

  /** A batch of publications. */
  @Benchmark
  public @Nullable Object read() {
    return Announcement.read("room", payload);
  }
}
