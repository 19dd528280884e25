package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.examples.redis.RedisProcess;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * What {@code wait-replicas=1} costs: acknowledged messages a second and the time to the ack, with
 * and without it, in turn, on a server with one replica. Confined to the main thread.
 */
public final class ReplicaWaits {

  private static final String TEXT = "x".repeat(128);
  private static final Json BODY = Json.of("text", TEXT);

  private ReplicaWaits() {}

  /** A room in which one message after the other is published, each after the ack of the last. */
  private static final class Talk {
    final Queue<Long> times = new ConcurrentLinkedQueue<>();
    private final ChatNode chat;
    private final String room;
    private final long end;
    private final CountDownLatch done;

    Talk(ChatNode chat, String room, long end, CountDownLatch done) {
      this.chat = chat;
      this.room = room;
      this.end = end;
      this.done = done;
    }

    void next() {
      long begun = System.nanoTime();
      if (begun > end) {
        done.countDown();
        return;
      }
      chat.room(room)
          .publish("m", BODY)
          .whenComplete(
              (ack, failure) -> {
                if (failure == null) {
                  times.add(System.nanoTime() - begun);
                }
                next();
              });
    }
  }

  /** Measures for the seconds given each time, default 5, three times in turn. */
  public static void main(String[] args) throws IOException, InterruptedException {
    long seconds = args.length == 0 ? 5 : Long.parseLong(args[0]);
    Path folder = Files.createTempDirectory("roomcast-benchmark");
    Path own = Files.createDirectories(folder.resolve("replica"));
    List<String> plain = List.of("--save", "", "--repl-diskless-sync-delay", "0");
    try (RedisProcess master = RedisProcess.start(folder, plain);
        RedisProcess replica =
            RedisProcess.start(
                own, List.of("--save", "", "--replicaof", "127.0.0.1 " + master.port()))) {
      System.out.printf("a master and its replica, pid %d%n", replica.pid());
      for (int round = 1; round <= 3; round++) {
        System.out.printf("round %d%n", round);
        for (int rooms : new int[] {1, 100}) {
          for (int replicas : new int[] {0, 1}) {
            measure(master, rooms, replicas, seconds);
          }
        }
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static void measure(RedisProcess master, int rooms, int replicas, long seconds)
      throws InterruptedException {
    RedisOptions options =
        RedisOptions.of(master.toString()).namespace("bench:waits-" + rooms).waitReplicas(replicas);
    try (Backend backend = RedisBackend.connect(options);
        ChatNode chat = ChatNode.builder(backend).start()) {
      while (!chat.ready()) {
        Thread.onSpinWait();
      }
      talk(chat, rooms, 1);
      long begun = System.nanoTime();
      List<Long> times = talk(chat, rooms, seconds);
      double took = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "  %3d rooms, wait-replicas=%d  %,8.0f messages/s, ack after %.2f ms (p50), %.2f ms (p99)%n",
          rooms,
          replicas,
          times.size() / took,
          times.get(times.size() / 2) / 1e6,
          times.get(times.size() * 99 / 100) / 1e6);
    }
  }

  private static List<Long> talk(ChatNode chat, int rooms, long seconds)
      throws InterruptedException {
    CountDownLatch done = new CountDownLatch(rooms);
    long end = System.nanoTime() + seconds * 1_000_000_000;
    List<Talk> talks =
        Stream.iterate(0, i -> i + 1)
            .limit(rooms)
            .map(i -> new Talk(chat, "room" + i, end, done))
            .toList();
    talks.forEach(Talk::next);
    done.await();
    return talks.stream().flatMap(talk -> talk.times.stream()).sorted().toList();
  }
}
