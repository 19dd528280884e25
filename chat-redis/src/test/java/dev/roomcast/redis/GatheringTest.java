package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;

/** What a thread reads at once goes to the log at once. Its node is each test's own. */
class GatheringTest {

  private static TestRedis redis;

  private Heard node;

  @BeforeAll
  static void startRedis() throws Exception {
    redis = TestRedis.own();
  }

  @AfterAll
  static void stopRedis() throws Exception {
    redis.close();
  }

  @BeforeEach
  void start() throws Exception {
    node = Heard.start("a", redis.options());
  }

  @AfterEach
  void close() {
    node.close();
  }

  private CompletableFuture<Ack> publish(String room, String text) {
    return node.backend.broker().publish(room, draft(text)).toCompletableFuture();
  }

  private static List<Long> offsets(List<CompletableFuture<Ack>> acks) {
    return acks.stream().map(ack -> get(ack).position().offset()).toList();
  }

  /** Runs something on a thread of its own, and waits until it is over. */
  private static void elsewhere(Runnable task) {
    get(CompletableFuture.runAsync(task, run -> new Thread(run).start()));
  }

  @Test
  void whatIsReadAtOnceIsLoggedInOneStepForEachRoom() {
    List<CompletableFuture<Ack>> r = new ArrayList<>();
    List<CompletableFuture<Ack>> s = new ArrayList<>();
    node.backend.whileReading(
        () -> {
          for (int i = 0; i < 4; i++) {
            r.add(publish("r", "r" + i));
            if (i < 3) {
              s.add(publish("s", "s" + i));
            }
          }
        });
    assertEquals(List.of(1L, 2L, 3L, 4L), offsets(r));
    assertEquals(List.of(1L, 2L, 3L), offsets(s));
    assertEquals(List.of(4, 3), node.batches);
    assertEquals(List.of("r0", "r1", "r2", "r3"), Heard.texts(node.log("r")));
    get(publish("r", "alone"));
    assertEquals(List.of(4, 3, 1), node.batches);
  }

  @Test
  void whoDoesNotReadWaitsForNobodyWhoDoes() {
    List<CompletableFuture<Ack>> read = new ArrayList<>();
    node.backend.whileReading(
        () -> {
          read.add(publish("r", "read"));
          elsewhere(() -> assertEquals(2, get(publish("r", "not read")).position().offset()));
          read.add(publish("r", "read later"));
          assertFalse(read.get(1).isDone());
        });
    assertEquals(List.of(1L, 3L), offsets(read));
    assertEquals(List.of(2, 1), node.batches);
  }

  @Test
  void whoReadsTooGoesWithTheFirst() {
    List<CompletableFuture<Ack>> acks = new ArrayList<>();
    node.backend.whileReading(
        () -> {
          acks.add(publish("r", "one"));
          elsewhere(() -> node.backend.whileReading(() -> acks.add(publish("r", "two"))));
        });
    assertEquals(List.of(1L, 2L), offsets(acks));
    assertEquals(List.of(2), node.batches);
  }

  @Test
  void readingWithinReadingIsTheSameReading() {
    List<CompletableFuture<Ack>> acks = new ArrayList<>();
    node.backend.whileReading(
        () -> {
          node.backend.whileReading(() -> acks.add(publish("r", "one")));
          acks.add(publish("r", "two"));
        });
    assertEquals(List.of(1L, 2L), offsets(acks));
    assertEquals(List.of(2), node.batches);
  }

  @Test
  void aRoomDoesNotWaitForAllTheOthersThatAreRead() {
    List<CompletableFuture<Ack>> acks = new ArrayList<>();
    node.backend.whileReading(
        () -> {
          for (int i = 0; i < 100; i++) {
            acks.add(publish("room" + i, "x"));
          }
          for (CompletableFuture<Ack> ack : acks.subList(0, 64)) {
            assertEquals(1, get(ack).position().offset());
          }
          assertFalse(acks.get(64).isDone());
        });
    for (CompletableFuture<Ack> ack : acks) {
      assertEquals(1, get(ack).position().offset());
    }
  }

  @Test
  void whatWasReadBeforeAFaultIsLogged() {
    List<CompletableFuture<Ack>> acks = new ArrayList<>();
    assertThrows(
        IllegalStateException.class,
        () ->
            node.backend.whileReading(
                () -> {
                  acks.add(publish("r", "one"));
                  throw new IllegalStateException("on purpose");
                }));
    assertEquals(List.of(1L), offsets(acks));
    acks.add(publish("r", "two"));
    assertEquals(List.of(1L, 2L), offsets(acks));
  }

  /** A server that logs everything at offset 1, but for two rooms that are a fault. */
  private record Faulty() implements Commands {
    @Override
    public CompletableFuture<Object> eval(Script script, List<String> keys, Object... values) {
      if (List.of(values).contains("bad")) {
        throw new IllegalStateException("on purpose");
      }
      if (List.of(values).contains("worse")) {
        throw new StackOverflowError("on purpose");
      }
      return CompletableFuture.completedFuture("1|0|epoch|1".getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public CompletableFuture<Object> call(String key, CommandArguments command) {
      return CompletableFuture.completedFuture(0L);
    }

    @Override
    public CompletableFuture<Object> announce(String channel, byte[] payload) {
      return CompletableFuture.completedFuture(0L);
    }

    @Override
    public boolean isUp(String key) {
      return true;
    }

    @Override
    public long downSince(String key) {
      return 0;
    }
  }

  @Test
  void aFaultOfOneRoomIsNotThatOfTheOthers() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace());
      Commands commands = new Faulty();
      NodeContext context =
          new NodeContext("b", options, keys, new Epochs(), Heard.LIMITS.retention(), timer, node);
      Publisher publisher =
          new Publisher(
              context, commands, new OneIndex(commands, keys), new OneTelling(commands, keys));
      List<CompletableFuture<Ack>> acks = new ArrayList<>();
      publisher.whileReading(
          () ->
              List.of("one", "bad", "two", "bad", "worse")
                  .forEach(room -> acks.add(publisher.publish(room, draft("x")))));
      assertEquals(1, get(acks.get(0)).position().offset());
      assertEquals(1, get(acks.get(2)).position().offset());
      for (CompletableFuture<Ack> bad : List.of(acks.get(1), acks.get(3), acks.get(4))) {
        ChatException fault = assertThrows(ChatException.class, () -> get(bad));
        assertEquals(ErrorCode.INTERNAL, fault.code());
      }
      for (String room : List.of("bad", "worse")) {
        assertThrows(ChatException.class, () -> get(publisher.publish(room, draft("again"))));
      }
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void whatIsReadWhenTheBackendIsClosedIsRefused() {
    List<CompletableFuture<Ack>> acks = new ArrayList<>();
    node.backend.whileReading(
        () -> {
          acks.add(publish("r", "before"));
          node.backend.close();
          acks.add(publish("r", "after"));
        });
    for (CompletableFuture<Ack> ack : acks) {
      ChatException refused = assertThrows(ChatException.class, () -> get(ack));
      assertEquals(ErrorCode.UNAVAILABLE, refused.code());
    }
  }

  @Test
  void nothingIsAcknowledgedBeforeItIsLogged() {
    CompletableFuture<Ack> ack = new CompletableFuture<>();
    node.backend.whileReading(
        () -> {
          publish("r", "one").thenAccept(ack::complete);
          assertTrue(node.log("r").isEmpty());
          assertFalse(ack.isDone());
        });
    assertEquals(1, get(ack).position().offset());
  }
}
