package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.ChatException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;

/**
 * Who writes a command to Redis: the thread that has it, which never waits for the server. The link
 * is each test's own.
 */
class WritingTest {

  private static TestRedis redis;

  private final AtomicInteger ups = new AtomicInteger();
  private final List<String> writers = new CopyOnWriteArrayList<>();
  private RedisLink link;

  @BeforeAll
  static void startRedis() throws Exception {
    redis = TestRedis.own();
  }

  @AfterAll
  static void stopRedis() throws Exception {
    redis.close();
  }

  @BeforeEach
  void connect() {
    link = start(0, Duration.ofMinutes(1));
  }

  /** Starts a link; one that is only silent is not to be given up in time. */
  private RedisLink start(int replicas, Duration timeout) {
    RedisOptions options = redis.options().timeout(timeout);
    RedisLink started = Heard.link("writing", replicas, options, ups::incrementAndGet);
    started.start();
    until(started::isUp);
    return started;
  }

  @AfterEach
  void end() {
    link.end();
  }

  /** A question that notes which thread writes it. */
  private CommandArguments ping(String text) {
    return new CommandArguments(Command.PING) {
      @Override
      public Iterator<Rawable> iterator() {
        // The first look is at how long it is.
        if (looks.incrementAndGet() == 2) {
          writers.add(Thread.currentThread().getName());
        }
        return super.iterator();
      }

      private final AtomicInteger looks = new AtomicInteger();
    }.add(text);
  }

  private static void answers(String text, CompletableFuture<@Nullable Object> answer) {
    assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), (byte[]) get(answer));
  }

  private static String here() {
    return Thread.currentThread().getName();
  }

  @Test
  void whoHasACommandWritesIt() {
    CompletableFuture<@Nullable Object> answer = link.call(ping("a"));
    assertEquals(List.of(here()), writers);
    answers("a", answer);
    answers("b", link.call(ping("b")));
    assertEquals(List.of(here(), here()), writers);
  }

  @Test
  void whatIsSentInOneGoIsWrittenAfterIt() {
    List<CompletableFuture<@Nullable Object>> sent = new ArrayList<>();
    link.inOneGo(
        () -> {
          link.inOneGo(() -> sent.add(link.call(ping("0"))));
          sent.add(link.call(ping("1")));
          assertEquals(List.of(), writers);
        });
    assertEquals(List.of(here(), here()), writers);
    for (int i = 0; i < sent.size(); i++) {
      answers(Integer.toString(i), sent.get(i));
    }
  }

  @Test
  void whatFollowsFromAnswersThatComeTogetherLeavesTogether() throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    List<CompletableFuture<@Nullable Object>> next = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    redis.pause();
    try {
      for (int i = 0; i < 5; i++) {
        all.add(
            link.call(ping("first"))
                .thenAccept(
                    answer -> {
                      next.add(link.call(ping("next")));
                      events.add("answered, written by then: " + writers.size());
                    }));
      }
    } finally {
      redis.resume();
    }
    all.forEach(Heard::get);
    assertEquals(Collections.nCopies(5, "answered, written by then: 5"), events);
    next.forEach(answer -> answers("next", answer));
    assertEquals(Collections.nCopies(5, "writing"), writers.subList(5, 10));
  }

  @Test
  void aGoThatFailsIsOverToo() {
    List<CompletableFuture<@Nullable Object>> sent = new ArrayList<>();
    assertThrows(
        IllegalStateException.class,
        () ->
            link.inOneGo(
                () -> {
                  sent.add(link.call(ping("a")));
                  throw new IllegalStateException("for the test");
                }));
    answers("a", sent.get(0));
    answers("b", link.call(ping("b")));
    assertEquals(List.of(here(), here()), writers);
  }

  @Test
  void nobodyElseWaitsForWhoeverGathers() {
    link.inOneGo(
        () -> {
          CompletableFuture<@Nullable Object> mine = link.call(ping("mine"));
          get(
              CompletableFuture.runAsync(
                  () -> answers("theirs", link.call(ping("theirs"))),
                  run -> new Thread(run).start()));
          // It went with theirs, in the order in which they were sent.
          answers("mine", mine);
        });
    assertEquals(2, writers.size());
    assertFalse(writers.contains(here()));
  }

  @Test
  @Timeout(40)
  void aServerThatDoesNotReadHoldsNobodyUpAndGetsEverything() throws Exception {
    String big = "x".repeat(100_000);
    List<CompletableFuture<@Nullable Object>> sent = new ArrayList<>();
    redis.pause();
    try {
      // More than the buffers of both sides hold.
      for (int i = 0; i < 300; i++) {
        sent.add(link.call(ping(i + big)));
      }
      assertFalse(sent.get(0).isDone());
      assertTrue(writers.size() < sent.size(), "all was written");
    } finally {
      redis.resume();
    }
    for (int i = 0; i < sent.size(); i++) {
      answers(i + big, sent.get(i));
    }
    assertTrue(writers.contains("writing-writer"));
    assertEquals(1, ups.get());
    answers("after", link.call(ping("after")));
  }

  @Test
  void manyThreadsAtOnceAreAnsweredRightly() throws Exception {
    List<Thread> threads = new ArrayList<>();
    AtomicInteger right = new AtomicInteger();
    for (int t = 0; t < 8; t++) {
      int number = t;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 500; i++) {
                  int last = i;
                  List<CompletableFuture<@Nullable Object>> sent = new ArrayList<>();
                  link.inOneGo(
                      () -> {
                        for (int j = 0; j < last % 5; j++) {
                          sent.add(link.call(new CommandArguments(Command.PING).add("go" + j)));
                        }
                      });
                  answers(number + " " + i, link.call(ping(number + " " + i)));
                  for (int j = 0; j < sent.size(); j++) {
                    answers("go" + j, sent.get(j));
                  }
                  right.incrementAndGet();
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(8 * 500, right.get());
    assertEquals(1, ups.get());
  }

  @Test
  void anInterruptedThreadDoesNotCostTheConnection() {
    Thread.currentThread().interrupt();
    CompletableFuture<@Nullable Object> answer = link.call(ping("a"));
    assertTrue(Thread.interrupted());
    answers("a", answer);
    assertEquals(List.of(here()), writers);
    assertEquals(1, ups.get());
  }

  @Test
  void whatReplicasMustHaveIsWrittenByAThreadThatMayWait() {
    RedisLink waits = start(1, Duration.ofMillis(500));
    try {
      // No replica has it in time; that is an answer too.
      ChatException tooFew = assertThrows(ChatException.class, () -> get(waits.call(ping("a"))));
      assertTrue(tooFew.getCause() instanceof Replicas.TooFew);
      assertEquals(List.of("writing-writer"), writers);
    } finally {
      waits.end();
    }
  }
}
