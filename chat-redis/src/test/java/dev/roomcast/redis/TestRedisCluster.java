package dev.roomcast.redis;

import dev.roomcast.examples.redis.RedisCluster;
import dev.roomcast.examples.redis.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A Redis Cluster for a test. Where there is no Redis of 7.0 or later the test is skipped, with a
 * line that says so; {@code -Droomcast.require=redis} turns that into a failure. Confined to the
 * test's thread.
 */
final class TestRedisCluster implements AutoCloseable {

  private final Path folder;
  private final RedisCluster cluster;

  private TestRedisCluster(Path folder, RedisCluster cluster) {
    this.folder = folder;
    this.cluster = cluster;
  }

  static TestRedisCluster start(int masters, int replicas, String... arguments)
      throws IOException, InterruptedException {
    return start(masters, replicas, member -> List.of(arguments));
  }

  /**
   * Starts one whose members differ.
   *
   * @param arguments of the member with a number
   */
  static TestRedisCluster start(int masters, int replicas, IntFunction<List<String>> arguments)
      throws IOException, InterruptedException {
    requireServer();
    Path folder = Files.createTempDirectory("roomcast-cluster");
    List<String> all = new ArrayList<>(List.of("--save", "", "--cluster-node-timeout", "1500"));
    all.addAll(
        List.of("--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0"));
    return new TestRedisCluster(
        folder,
        RedisCluster.start(
            folder,
            masters,
            replicas,
            member -> {
              List<String> line = new ArrayList<>(all);
              line.addAll(arguments.apply(member));
              return line;
            }));
  }

  private static void requireServer() throws IOException, InterruptedException {
    String skipped = "";
    if (!RedisProcess.available()) {
      skipped = "skipped: no redis-server on the PATH, and none bundled for this system";
    } else {
      try (TestRedis any = TestRedis.own()) {
        String version = Replies.field(any.info("server"), "redis_version");
        if (version.matches("[1-6]\\..*")) {
          skipped = "skipped: a cluster needs Redis 7.0, but redis-server is " + version;
        }
      }
    }
    if (!skipped.isEmpty()) {
      System.out.println(skipped);
      if (System.getProperty("roomcast.require", "").contains("redis")) {
        throw new AssertionError(skipped);
      }
      Assumptions.abort(skipped);
    }
  }

  RedisCluster cluster() {
    return cluster;
  }

  /** Options with a namespace that nobody else has. */
  RedisOptions options() {
    return RedisOptions.of(cluster.url()).namespace("test:" + UUID.randomUUID());
  }

  /** Cuts the connections of all clients. */
  void cutConnections() throws IOException {
    for (RedisCluster.Member member : cluster.members()) {
      member.ask("CLIENT", "KILL", "TYPE", "pubsub");
      member.ask("CLIENT", "KILL", "TYPE", "normal");
    }
  }

  /** Ends all servers as a crash does. */
  void kill() throws InterruptedException {
    for (RedisCluster.Member member : cluster.members()) {
      member.process().kill();
    }
  }

  /** Starts all again. */
  void restart() throws IOException, InterruptedException {
    for (RedisCluster.Member member : cluster.members()) {
      member.process().start();
    }
    cluster.untilWell();
  }

  @Override
  public void close() throws IOException {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
