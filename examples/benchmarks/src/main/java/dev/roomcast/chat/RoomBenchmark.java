package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What was announced, through a room to its members' transports: everything but the system call.
 * The figure is for a batch; divide it by batch and members for one delivery.
 *
 * <p>Confined to the benchmark's thread.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoomBenchmark {

  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .connectionsPerAddress(0)
          .handshakesPerSecondPerAddress(0)
          .presenceList(1)
          .build();

  /** Local members of the room. */
  @Param({"20", "500"})
  public int members;

  /** Publications that are announced together. */
  @Param({"1", "16"})
  public int batch;

  private final Backend backend = Backend.inMemory();
  private final ChatNode node =
      ChatNode.builder(backend).limits(LIMITS).work(Runnable::run).start();
  private final Room room = new Room(node, "room");
  private final WireBuffers buffers = new WireBuffers();
  private final Json body =
      FrameWriter.messageBody(
          new Command.Message(null, "room", "x".repeat(128), null, "text", 0, null),
          new User("u-ann", "Ann"),
          1_790_000_000_000L);
  private String epoch = "";
  private long offset;

  /** Lets the members in. */
  @Setup
  public void join() {
    for (int i = 0; i < members; i++) {
      Admission admission =
          node.admit(ConnectRequest.of(Map.of("name", "m" + i), null, null, "127.0.0.1"))
              .toCompletableFuture()
              .join();
      ClientSession session = node.connect(admission, new NoSocket(buffers, true));
      RoomManager.Membership membership =
          new RoomManager.Membership(true, i, List.of(session.user()));
      room.join(session, new Command.Join(null, "room", null, 0), membership, null).join();
    }
    epoch =
        node.broker()
            .history("room", HistoryQuery.position())
            .toCompletableFuture()
            .join()
            .top()
            .epoch();
  }

  /** Ends the node. */
  @TearDown
  public void close() {
    node.close();
    backend.close();
  }

  /** A batch in order. */
  @Benchmark
  public void deliver() {
    List<Publication> next = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      next.add(new Publication("room", new Position(epoch, ++offset), 0, body));
    }
    room.onPublications(next);
  }
}
