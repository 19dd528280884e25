package dev.roomcast.examples.benchmarks;

import dev.roomcast.examples.redis.RedisProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;

/**
 * Measures what messages, rooms, members and nodes cost on this machine, for {@code
 * chat-redis/SCALING.md}, and writes it as properties, which {@link Scaling} reckons with. Confined
 * to one thread.
 */
public final class Costs {

  private Costs() {}

  /**
   * How much is done for each figure. Immutable.
   *
   * @param time of one measurement
   * @param rounds of a message that everybody gets
   * @param subscribers of one channel
   * @param rooms in memory
   * @param sessions that come and go, ten in a room
   * @param nodes that have nothing to do
   * @param members without sockets
   * @param fewSockets members with sockets
   * @param manySockets the same, as many as this system allows
   */
  record Scale(
      Duration time,
      int rounds,
      int subscribers,
      int rooms,
      int sessions,
      int nodes,
      int members,
      int fewSockets,
      int manySockets) {

    static final Scale FULL =
        new Scale(Duration.ofSeconds(3), 100, 200, 10_000, 5_000, 10, 50_000, 1_000, 18_000);

    /** Waits so many times the time of a measurement. */
    void pause(int times) throws InterruptedException {
      TimeUnit.NANOSECONDS.sleep(time.toNanos() * times);
    }
  }

  /** Takes the file to write. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path file = Path.of(args.length == 0 ? "costs.properties" : args[0]);
    Figures figures = measure(Scale.FULL, System.out);
    figures.write(
        file,
        List.of(
            "What Roomcast's parts cost, measured by dev.roomcast.examples.benchmarks.Costs; see"
                + " SCALING.md in chat-redis.",
            Runtime.getRuntime().availableProcessors()
                + " cores, Java "
                + Runtime.version().feature()
                + ". Microseconds are processor time, user and system."));
  }

  static Figures measure(Scale scale, PrintStream out) throws IOException, InterruptedException {
    Figures figures = new Figures(out);
    Path folder = Files.createTempDirectory("roomcast-costs");
    try (RedisProcess redis = RedisProcess.start(folder, List.of("--save", ""));
        Jedis jedis = new Jedis("127.0.0.1", redis.port())) {
      new RedisCosts(redis, jedis, scale, figures).measure();
      jedis.flushAll();
      new NodeCosts(redis, scale, figures).measure();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    return figures;
  }
}
