package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Limits;
import dev.roomcast.examples.redis.RedisProcess;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.redis.RedisOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/**
 * Acknowledged messages a second on one node with a Redis of its own, beside plain pipelined {@code
 * PUBLISH} to the same server in the same run, and what a room and a message take in Redis.
 *
 * <p>Every publisher is a session that is a member of its room, so each message is decoded, logged,
 * acknowledged, announced and delivered; only the sockets are missing. Confined to the main thread.
 */
public final class GroupCommit {

  private static final int PUBLISHERS = 100;
  private static final int WINDOW = 64;
  private static final int PIPELINE = 1_000;
  private static final String TEXT = "x".repeat(128);
  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .bytesPerSecond(0)
          .userCommandsPerSecond(0)
          .build();

  private final RedisProcess redis;
  private final long seconds;

  private GroupCommit(RedisProcess redis, long seconds) {
    this.redis = redis;
    this.seconds = seconds;
  }

  /** Runs each measurement for the seconds given, default 5, three times in turn. */
  public static void main(String[] args) throws IOException, InterruptedException {
    long seconds = args.length == 0 ? 5 : Long.parseLong(args[0]);
    Path folder = Files.createTempDirectory("roomcast-benchmark");
    try (RedisProcess redis = RedisProcess.start(folder, List.of("--save", ""))) {
      GroupCommit benchmark = new GroupCommit(redis, seconds);
      for (int round = 1; round <= 3; round++) {
        System.out.printf("round %d%n", round);
        benchmark.plainPublish();
        benchmark.publish(100);
        benchmark.publish(1);
      }
      benchmark.memory();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private void plainPublish() {
    byte[] payload = TEXT.getBytes(StandardCharsets.US_ASCII);
    byte[] channel = {'c'};
    long sent = 0;
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000;
    try (Jedis jedis = new Jedis("127.0.0.1", redis.port())) {
      while (System.nanoTime() < end) {
        Pipeline pipeline = jedis.pipelined();
        for (int i = 0; i < PIPELINE; i++) {
          pipeline.publish(channel, payload);
        }
        pipeline.sync();
        sent += PIPELINE;
      }
    }
    print("plain pipelined PUBLISH, no log", sent, System.nanoTime() - start);
  }

  private void publish(int rooms) throws InterruptedException {
    RedisOptions options = RedisOptions.of(redis.toString()).namespace("bench:rooms-" + rooms);
    try (Backend backend = RedisBackend.connect(options);
        ChatNode chat = ChatNode.builder(backend).limits(LIMITS).start()) {
      awaitReady(chat);
      List<PublishingSession> publishers = new ArrayList<>();
      for (int i = 0; i < PUBLISHERS; i++) {
        publishers.add(new PublishingSession(chat, "room" + i % rooms, TEXT, WINDOW));
      }
      for (PublishingSession publisher : publishers) {
        publisher.awaitJoined();
      }
      long warm = System.nanoTime() + seconds * 1_000_000_000 / 2;
      drive(publishers, warm);
      long before = publishers.stream().mapToLong(PublishingSession::acknowledged).sum();
      long start = System.nanoTime();
      drive(publishers, start + seconds * 1_000_000_000);
      long after = publishers.stream().mapToLong(PublishingSession::acknowledged).sum();
      print(
          "acknowledged, " + rooms + (rooms == 1 ? " room" : " rooms"),
          after - before,
          System.nanoTime() - start);
      publishers.forEach(PublishingSession::close);
    }
  }

  private static void drive(List<PublishingSession> publishers, long until) {
    while (System.nanoTime() < until) {
      boolean sent = false;
      for (PublishingSession publisher : publishers) {
        sent |= publisher.fillWindow();
      }
      if (!sent) {
        Thread.onSpinWait();
      }
    }
  }

  private void memory() {
    try (Jedis jedis = new Jedis("127.0.0.1", redis.port())) {
      jedis.flushAll();
      long empty = used(jedis);
      RedisOptions options = RedisOptions.of(redis.toString()).namespace("bench:memory");
      try (Backend backend = RedisBackend.connect(options);
          ChatNode chat = ChatNode.builder(backend).limits(LIMITS).start()) {
        awaitReady(chat);
        long connected = used(jedis);
        IntStream.range(0, 10_000).forEach(i -> publishTo(chat, "room-" + i));
        awaitAll(chat, 10_000);
        long rooms = used(jedis);
        System.out.printf(
            Locale.ROOT,
            "memory: a room with one message %,d bytes%n",
            (rooms - connected) / 10_000);
        IntStream.range(0, 990).forEach(i -> publishTo(chat, "room-1"));
        awaitAll(chat, 10_990);
        System.out.printf(
            Locale.ROOT,
            "memory: a message of %d bytes of text in a log of 1,000: %,d bytes%n",
            TEXT.length(),
            (used(jedis) - rooms) / 990);
      }
      System.out.printf(Locale.ROOT, "memory: an empty server %,d bytes%n", empty);
    }
  }

  private static void awaitReady(ChatNode chat) {
    while (!chat.ready()) {
      Thread.onSpinWait();
    }
  }

  private static void publishTo(ChatNode chat, String room) {
    chat.room(room).publish("m", Json.of("text", TEXT));
  }

  private static void awaitAll(ChatNode chat, long published) {
    while (chat.stats().published() < published) {
      Thread.onSpinWait();
    }
  }

  private static long used(Jedis jedis) {
    return jedis
        .info("memory")
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length()).trim()))
        .findFirst()
        .orElseThrow();
  }

  private static void print(String what, long count, long nanos) {
    System.out.printf(Locale.ROOT, "  %-34s %,12.0f /s%n", what, count * 1e9 / nanos);
  }
}
