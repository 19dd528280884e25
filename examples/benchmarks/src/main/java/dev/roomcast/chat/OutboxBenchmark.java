package dev.roomcast.chat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A frame through an outbox, without the system call.
 *
 * <p>Confined to the benchmark's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OutboxBenchmark {

  private static final int GATHERED = 16;

  private final Frame frame = Frame.shared("x".repeat(256).getBytes(StandardCharsets.UTF_8));
  private final ChatClock clock = new SystemClock("benchmark");
  private final Backend backend = Backend.inMemory();
  private final ChatNode node = ChatNode.builder(backend).start();
  private final OutboxMemory memory = new OutboxMemory(node);
  private final WireBuffers buffers = new WireBuffers();
  private final NoSocket fast = new NoSocket(buffers, true);
  private final NoSocket slow = new NoSocket(buffers, false);
  private final Outbox empty = new Outbox(fast, 1 << 20, clock, memory, false);
  private final Outbox lagging = new Outbox(slow, 1 << 20, clock, memory, false);

  /** Ends what runs beside. */
  @TearDown
  public void close() {
    node.close();
    backend.close();
    clock.close();
  }

  /** An empty outbox: the frame goes straight to the transport. */
  @Benchmark
  public boolean straightThrough() {
    return empty.offer(frame);
  }

  /** One frame under way, the others gather and leave as one. */
  @Benchmark
  @OperationsPerInvocation(GATHERED)
  public void gatherAndLeaveTogether() {
    for (int i = 0; i < GATHERED; i++) {
      lagging.offer(frame);
    }
    slow.finishAll();
  }
}
