package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;

/** When canaries are sent, and what they are taken for; what they go through is written down. */
class CanaryTest {

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Sent sent = new Sent();
  private final Canary canary = canary(TIMEOUT);

  /** Remembers what is announced, which nobody hears by itself. */
  private static final class Sent implements Commands {
    final List<byte[]> tokens = new ArrayList<>();
    CompletableFuture<@Nullable Object> answer = CompletableFuture.completedFuture(0L);

    @Override
    public CompletableFuture<@Nullable Object> announce(String channel, byte[] payload) {
      assertEquals("canaries", channel);
      tokens.add(payload);
      return answer;
    }

    @Override
    public CompletableFuture<@Nullable Object> call(String key, CommandArguments command) {
      throw new AssertionError("canaries are announced");
    }

    @Override
    public CompletableFuture<@Nullable Object> eval(
        Script script, List<String> keys, Object... values) {
      throw new AssertionError("canaries are announced");
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

  private Canary canary(Duration timeout) {
    RedisOptions options = RedisOptions.of("redis://127.0.0.1");
    RedisLink link =
        new RedisLink(
            new RedisConnection.Purpose("unused", true, 0),
            options,
            () -> Address.of("127.0.0.1", 1),
            new RedisLink.Listener() {
              @Override
              public void onUp() {}

              @Override
              public void onMessage(byte[] channel, byte[] payload) {}
            });
    return new Canary(link, sent, timeout, timer);
  }

  @AfterEach
  void close() {
    timer.shutdownNow();
  }

  private static ErrorCode failure(CompletableFuture<Duration> probe) {
    return assertThrows(ChatException.class, () -> Heard.get(probe)).code();
  }

  @Test
  void oneThatComesBackTellsHowLongItTook() {
    long before = System.nanoTime();
    CompletableFuture<Duration> probe = canary.probe("canaries");
    assertFalse(probe.isDone());
    canary.heard(sent.tokens.get(0));
    long most = System.nanoTime() - before;
    long took = Heard.get(probe).toNanos();
    assertTrue(took >= 0 && took <= most, took + " ns of " + most);
  }

  @Test
  void oneThatWasSentBeforeItsChannelWasSubscribedToIsSentAgain() {
    CompletableFuture<Duration> probe = canary.probe("canaries");
    canary.subscribed("canaries");
    assertEquals(2, sent.tokens.size());
    canary.heard(sent.tokens.get(1));
    assertTrue(probe.isDone());
    canary.subscribed("canaries");
    assertEquals(2, sent.tokens.size(), "one that is back is not sent again");
  }

  @Test
  void eachTellsOfItself() {
    CompletableFuture<Duration> first = canary.probe("canaries");
    CompletableFuture<Duration> second = canary.probe("canaries");
    canary.heard(sent.tokens.get(1));
    assertTrue(second.isDone());
    assertFalse(first.isDone());
    canary.heard("nobody's".getBytes(StandardCharsets.UTF_8));
    canary.heard(sent.tokens.get(1));
    assertFalse(first.isDone());
  }

  @Test
  void oneThatCannotBeSentEndsAtOnce() {
    sent.answer =
        CompletableFuture.failedFuture(new ChatException(ErrorCode.UNAVAILABLE, "no connection"));
    assertEquals(ErrorCode.UNAVAILABLE, failure(canary.probe("canaries")));
    canary.subscribed("canaries");
    assertEquals(1, sent.tokens.size());
  }

  @Test
  void oneThatDoesNotComeBackEnds() {
    CompletableFuture<Duration> probe = canary(Duration.ofMillis(1)).probe("canaries");
    assertEquals(ErrorCode.UNAVAILABLE, failure(probe));
  }
}
