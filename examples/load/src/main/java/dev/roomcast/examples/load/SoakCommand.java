package dev.roomcast.examples.load;

import dev.roomcast.examples.demo.Demo;
import dev.roomcast.examples.redis.RedisProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A million connects and disconnects on a demo, after which heap, threads, files and the keys in
 * Redis are what they were. Confined to one thread.
 */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = "Connects and disconnects on a server of its own, which must leave nothing.")
final class SoakCommand implements Callable<Integer> {

  private static final int LOOPS = 2;
  private static final long LOOK_MS = 50;
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final String OPEN_TO_ALL = "0";

  @Option(
      names = "--connects",
      paramLabel = "N",
      description = "connects and disconnects, ${DEFAULT-VALUE}")
  private long connects = 1_000_000;

  @Option(
      names = "--at-a-time",
      paramLabel = "N",
      description = "connections at a time, ${DEFAULT-VALUE}")
  private int atATime = 200;

  @Option(names = "--redis", description = "with a Redis of its own, instead of in memory")
  private boolean withRedis;

  @Option(names = "--heap", paramLabel = "MB", description = "the server's heap, ${DEFAULT-VALUE}")
  private int heap = 256;

  @Option(
      names = "--growth",
      paramLabel = "MB",
      description = "how much more heap may be in use afterwards, ${DEFAULT-VALUE}")
  private int growth = 16;

  @Option(
      names = "--rest",
      paramLabel = "S",
      description = "how long the server rests before it is measured, ${DEFAULT-VALUE} s")
  private int rest = 20;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;

  SoakCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** What is there, with the keys in Redis. Immutable. */
  private record Held(Gauges process, long keys) {
    @Override
    public String toString() {
      return process + (keys < 0 ? "" : ", " + keys + " keys in Redis");
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.between("--connects", connects, 1_000, 1_000_000_000);
    options.between("--at-a-time", atATime, 2, 10_000);
    options.between("--heap", heap, 64, 65_536);
    options.between("--rest", rest, 1, 3_600);
    options.between("--growth", growth, 1, 65_536);
    Path folder = Folders.temporary("roomcast-soak");
    try (@Nullable RedisProcess redis =
            withRedis
                ? RedisProcess.start(folder, List.of("--save", "", "--appendonly", "no"))
                : null;
        ServerProcess demo = startDemo(folder, redis)) {
      Runtime.getRuntime().addShutdownHook(new Thread(demo::close));
      demo.awaitReady();
      return soak(demo, redis);
    } finally {
      Folders.delete(folder);
    }
  }

  private ServerProcess startDemo(Path folder, @Nullable RedisProcess redis) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--port", "0"));
    if (redis != null) {
      arguments.addAll(List.of("--redis", "redis://127.0.0.1:" + redis.port()));
    }
    Map<String, String> limits =
        Map.of(
            "ROOMCAST_LIMITS_CONNECTIONS_PER_ADDRESS",
            OPEN_TO_ALL,
            "ROOMCAST_LIMITS_HANDSHAKES_PER_SECOND_PER_ADDRESS",
            OPEN_TO_ALL,
            "ROOMCAST_LIMITS_HISTORY_COUNT",
            "10",
            "ROOMCAST_LIMITS_RESUME_TTL",
            "3s");
    return ServerProcess.start(
        List.of("-Xmx" + heap + "m", "-XX:+ExitOnOutOfMemoryError"),
        Demo.class,
        arguments,
        limits,
        folder.resolve("demo.log").toFile());
  }

  private int soak(ServerProcess demo, @Nullable RedisProcess redis)
      throws IOException, InterruptedException {
    URI server = URI.create(demo.url().replace("http:", "ws:") + "/chat");
    List<Loop> loops = new ArrayList<>();
    List<SoakRun> runs = new ArrayList<>();
    try {
      for (int i = 0; i < LOOPS; i++) {
        Loop loop = Loop.start();
        loops.add(loop);
        runs.add(new SoakRun(loop, server, atATime / LOOPS, i));
      }
      // What every server has after its first visitors: classes, pools, buffers.
      long warmUp = Math.max(1_000, Math.min(20_000, connects / 10));
      play(loops, runs, warmUp);
      Held before = settled(demo, redis, null);
      out.println("before        " + before);
      long began = System.nanoTime();
      SoakRun.State warm = state(loops, runs);
      SoakRun.State end = play(loops, runs, connects);
      double seconds = (System.nanoTime() - began) / 1e9;
      out.printf(
          Locale.ROOT,
          "soak          %,d connects in %.1f s, %,.0f/s; %,d resumed, %,d messages; problems %s%n",
          end.done() - warm.done(),
          seconds,
          (end.done() - warm.done()) / seconds,
          end.resumed() - warm.resumed(),
          end.messages() - warm.messages(),
          end.problems());
      Held after = settled(demo, redis, before);
      out.println("after         " + after);
      boolean kept = isBack(before, after);
      out.println(
          kept ? "kept          everything is where it was" : "BROKEN        something stays");
      return kept ? Load.KEPT : Load.BROKEN;
    } finally {
      loops.forEach(Loop::close);
    }
  }

  private SoakRun.State play(List<Loop> loops, List<SoakRun> runs, long count)
      throws IOException, InterruptedException {
    for (int i = 0; i < LOOPS; i++) {
      SoakRun run = runs.get(i);
      loops.get(i).execute(() -> run.add(count / LOOPS));
    }
    Progress progress = new Progress(err);
    long last = -1;
    long lastAt = System.nanoTime();
    while (true) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      SoakRun.State state = state(loops, runs);
      if (state.over()) {
        return state;
      }
      if (state.done() != last) {
        last = state.done();
        lastAt = System.nanoTime();
      } else if (System.nanoTime() - lastAt > STUCK_NANOS) {
        throw new IOException("nobody comes or goes any more, after " + state);
      }
      progress.show(
          String.format(Locale.ROOT, "%,d connects, problems %s", state.done(), state.problems()));
    }
  }

  private static SoakRun.State state(List<Loop> loops, List<SoakRun> runs)
      throws IOException, InterruptedException {
    SoakRun.State all = new SoakRun.State(0, 0, 0, true, Map.of());
    for (int i = 0; i < LOOPS; i++) {
      all = all.plus(loops.get(i).ask(runs.get(i)::state));
    }
    return all;
  }

  /** Waits until all sessions have ended, and as long as it may still become what it was. */
  private Held settled(ServerProcess demo, @Nullable RedisProcess redis, @Nullable Held before)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + SETTLE_NANOS;
    // Sessions without a connection end after their time to live; what was delayed follows.
    TimeUnit.SECONDS.sleep(rest);
    Held held = held(demo, redis);
    while (before != null && !isBack(before, held) && System.nanoTime() < deadline) {
      TimeUnit.SECONDS.sleep(2);
      held = held(demo, redis);
    }
    return held;
  }

  private static Held held(ServerProcess demo, @Nullable RedisProcess redis)
      throws IOException, InterruptedException {
    return new Held(Gauges.read(demo.process().pid()), redis == null ? -1 : keys(redis));
  }

  private boolean isBack(Held before, Held after) {
    return after.process().heapBytes() <= before.process().heapBytes() + ((long) growth << 20)
        && after.process().threads() <= before.process().threads() + 8
        && after.process().files() <= before.process().files() + 8
        && after.keys() <= before.keys();
  }

  private static long keys(RedisProcess redis) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.getOutputStream().write("DBSIZE\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return Long.parseLong(answer.substring(1, answer.indexOf('\r')));
    }
  }
}
