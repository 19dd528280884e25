package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.redis.Traffic.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Holds answers back until enough replicas have what was written.
 *
 * <p>They are asked by {@code WAIT}, which is about everything that its connection wrote before.
 * Confined to the reading thread of a link, but for {@link #question}.
 */
final class Replicas {

  /** The server has what was written, too few of its replicas have. */
  @SuppressWarnings("serial")
  static final class TooFew extends JedisDataException {
    private final boolean lasting;

    private TooFew(String message, boolean lasting) {
      super(message);
      this.lasting = lasting;
    }

    /** Whether it has been so for so long that there is no use in waiting. */
    boolean isLasting() {
      return lasting;
    }
  }

  private final int wanted;
  private final Duration time;
  private final List<Held> held = new ArrayList<>();
  private @Nullable Long tooFewSince;

  /** A command and what the server answered. */
  private record Held(Request request, @Nullable Object answer) {}

  /**
   * Creates it.
   *
   * @param time for which the replicas are waited for; the connection is silent meanwhile
   */
  Replicas(int wanted, Duration time) {
    this.wanted = wanted;
    this.time = time;
  }

  /** Asks how many have everything; any thread. */
  Request question() {
    CommandArguments wait =
        new CommandArguments(Command.WAIT).add(wanted).add(Math.max(1, time.toMillis()));
    return Request.of(wait, Traffic.Answer.REPLICAS);
  }

  void hold(Request request, @Nullable Object answer) {
    held.add(new Held(request, answer));
  }

  /** Lets go what is held: how many have it, or why that is not known. */
  void answered(@Nullable Object count, @Nullable Throwable failure) {
    List<Held> now = List.copyOf(held);
    held.clear();
    Throwable refusal = failure;
    if (failure == null) {
      long have = Replies.number(count);
      if (have >= wanted) {
        tooFewSince = null;
      } else {
        refusal = tooFew(have);
      }
    }
    for (Held one : now) {
      if (refusal == null) {
        one.request().answer().complete(one.answer());
      } else {
        one.request().answer().completeExceptionally(refusal);
      }
    }
  }

  private ChatException tooFew(long have) {
    long now = System.nanoTime();
    if (tooFewSince == null) {
      tooFewSince = now;
    }
    boolean lasting = now - tooFewSince > TimeUnit.MILLISECONDS.toNanos(Publisher.PATIENCE_MS);
    String message =
        "TOOFEW %d of %d replicas had it within %d ms".formatted(have, wanted, time.toMillis());
    return new ChatException(
        ErrorCode.UNAVAILABLE,
        "too few replicas of the store have it yet: send again with the same key",
        new TooFew(message, lasting));
  }
}
