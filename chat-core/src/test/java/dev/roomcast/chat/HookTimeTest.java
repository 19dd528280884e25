package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Application code that takes too long, or never returns. */
@Timeout(60)
class HookTimeTest {

  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final StillNodes nodes = new StillNodes();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch entered = new CountDownLatch(1);
  private final AtomicBoolean interrupted = new AtomicBoolean();

  @AfterEach
  void close() {
    release.countDown();
    nodes.close();
    threads.shutdownNow();
  }

  /** Blocks until the test is over, interrupted or not. */
  private void block() {
    entered.countDown();
    boolean waiting = true;
    while (waiting) {
      try {
        release.await();
        waiting = false;
      } catch (InterruptedException e) {
        interrupted.set(true);
      }
    }
  }

  private static ConnectRequest guest(String name) {
    return ConnectRequest.of(Map.of("name", name), null, null, "127.0.0.1");
  }

  private static ChatException problem(CompletableFuture<?> stage) {
    return ChatException.of(assertThrows(CompletionException.class, stage::join));
  }

  private ChatNode node(Executor executor, Authenticator authenticator, Authorizer authorizer) {
    return nodes.start(
        StillNodes.LIMITS.toBuilder().hookTimeout(LIMIT).build(),
        backend -> backend,
        builder -> builder.authenticator(authenticator).authorizer(authorizer).executor(executor));
  }

  @Test
  void anAuthenticatorThatNeverReturnsIsUnavailableAndItsThreadInterrupted() throws Exception {
    Authenticator stuck =
        request -> {
          if ("Stuck".equals(request.parameter("name"))) {
            block();
          }
          return Authenticator.guests().authenticate(request);
        };
    ChatNode node = node(threads, stuck, Authorizer.ALLOW_ALL);
    CompletableFuture<Admission> admission = node.admit(guest("Stuck")).toCompletableFuture();
    entered.await();
    nodes.clock.advance(LIMIT.minusMillis(1));
    assertFalse(admission.isDone());
    nodes.clock.advance(Duration.ofMillis(1));
    ChatException late = problem(admission);
    assertEquals(ErrorCode.UNAVAILABLE, late.code());
    assertEquals(503, late.code().httpStatus());
    assertFalse(late.retryAfter().isZero());
    assertEquals(1, node.stats().hooksLate());
    await().untilTrue(interrupted);
    assertEquals("Ann", node.admit(guest("Ann")).toCompletableFuture().join().user().name());
    assertEquals(1, node.stats().hooksLate());
  }

  @Test
  void anAuthorizerThatNeverReturnsIsUnavailableToWhoAsksAndToNobodyElse() throws Exception {
    Authorizer stuck =
        (user, action, room) -> {
          if (room.equals("stuck")) {
            block();
          }
          return true;
        };
    ChatNode node = node(threads, Authenticator.guests(), stuck);
    Client ann = Client.connect(node, "Ann");
    Client bob = Client.connect(node, "Bob");
    ann.send("{'type':'join','id':1,'room':'stuck'}");
    entered.await();
    bob.join("general");
    nodes.clock.advance(LIMIT);
    assertEquals("unavailable", ann.last("error").get("code").getAsString());
    assertEquals(1, node.stats().hooksLate());
    ann.join("general");
  }

  @Test
  void aListenerThatNeverReturnsHoldsUpNoEventAfterTheTimeIsOver() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    ChatListener stuck =
        new ChatListener() {
          @Override
          public void onConnect(ClientSession session) {
            block();
          }

          @Override
          public void onJoin(ClientSession session, String room) {
            told.add(room);
          }
        };
    ChatNode node =
        nodes.start(
            StillNodes.LIMITS.toBuilder().hookTimeout(LIMIT).build(),
            backend -> backend,
            builder -> builder.listener(stuck).executor(threads));
    Client ann = Client.connect(node, "Ann");
    entered.await();
    ann.join("general");
    assertEquals(List.of(), told);
    nodes.clock.advance(LIMIT);
    await().until(() -> told.equals(List.of("general")));
    assertEquals(1, node.stats().hooksLate());
  }

  @Test
  void whatWaitsForAThreadIsLateTooAndIsNeverBegun() {
    ArrayDeque<Runnable> line = new ArrayDeque<>();
    AtomicBoolean called = new AtomicBoolean();
    Authenticator authenticator =
        request -> {
          called.set(true);
          return Authenticator.guests().authenticate(request);
        };
    ChatNode node = node(line::add, authenticator, Authorizer.ALLOW_ALL);
    CompletableFuture<Admission> admission = node.admit(guest("Ann")).toCompletableFuture();
    nodes.clock.advance(LIMIT);
    assertEquals(ErrorCode.UNAVAILABLE, problem(admission).code());
    line.remove().run();
    assertFalse(called.get());
  }

  @Test
  void anInterruptIsForTheCallAndNotForWhatTheThreadDoesNext() throws Exception {
    ManualClock clock = new ManualClock();
    HookTime time = new HookTime(clock, LIMIT, new LongAdder());
    ExecutorService one = Executors.newSingleThreadExecutor();
    try {
      CompletableFuture<String> stuck =
          time.limited(
                  one,
                  new HookCall<>(
                      "test",
                      () -> {
                        block();
                        Thread.currentThread().interrupt(); // as code does that was interrupted
                        return "late";
                      }))
              .toCompletableFuture();
      entered.await();
      clock.advance(LIMIT);
      assertEquals(ErrorCode.UNAVAILABLE, problem(stuck).code());
      release.countDown();
      assertFalse(
          time.limited(one, new HookCall<>("test", () -> Thread.currentThread().isInterrupted()))
              .toCompletableFuture()
              .join());
      assertTrue(interrupted.get());
    } finally {
      one.shutdownNow();
    }
  }

  @Test
  void callsThatNeverReturnAreBoundedAndNoTimerIsLeftBehind() {
    ManualClock clock = new ManualClock();
    LongAdder late = new LongAdder();
    HookTime time = new HookTime(clock, LIMIT, late);
    ArrayDeque<Runnable> stuck = new ArrayDeque<>();
    for (int i = 0; i < 10_000; i++) {
      assertFalse(ask(time, stuck).isDone());
    }
    assertEquals(ErrorCode.UNAVAILABLE, problem(ask(time, stuck)).code());
    assertEquals(1, clock.timers());
    clock.advance(LIMIT);
    assertEquals(10_000, late.sum());
    assertEquals(0, clock.timers());
    assertEquals(ErrorCode.UNAVAILABLE, problem(ask(time, stuck)).code(), "none has returned");
    stuck.remove().run();
    assertFalse(ask(time, stuck).isDone());
  }

  private static CompletableFuture<String> ask(HookTime time, ArrayDeque<Runnable> line) {
    return time.limited(line::add, new HookCall<>("test", () -> "done")).toCompletableFuture();
  }

  @Test
  void anAnswerInTimeCostsNothingLater() {
    ManualClock clock = new ManualClock();
    LongAdder late = new LongAdder();
    HookTime time = new HookTime(clock, LIMIT, late);
    ArrayDeque<Runnable> line = new ArrayDeque<>();
    CompletableFuture<String> first = ask(time, line);
    clock.advance(LIMIT.minusMillis(1));
    line.remove().run();
    assertEquals("done", first.join());
    CompletableFuture<String> second = ask(time, line);
    clock.advance(LIMIT.minusMillis(1));
    assertFalse(second.isDone());
    clock.advance(Duration.ofMillis(1));
    assertEquals(ErrorCode.UNAVAILABLE, problem(second).code());
    assertEquals(1, late.sum());
  }
}
