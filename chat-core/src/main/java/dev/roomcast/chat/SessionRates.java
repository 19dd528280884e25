package dev.roomcast.chat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fast one session may send: commands and bytes on its connection, commands of its user on all
 * of them, and control frames. A command that reads much counts for several. Guarded by "this".
 *
 * <p>Who does not stop when refused is a case for a close: each refusal counts, a large frame for
 * several; a command that is taken makes up for one, and a second without any for all.
 */
final class SessionRates {

  private static final int ABUSE = 1_000;
  private static final int REFUSED_BYTES = 1_024;
  private static final int PAUSE_MS = 1_000;
  private static final int CONTROL_BURST_SECONDS = 10;

  private final TokenBucket commands;
  private final TokenBucket bytes;
  private final TokenBucket controls;
  private final UserRates users;
  private final String user;
  private final LimitHits hits;
  private final int mostCost;
  private int refused;
  private long refusedAt;

  SessionRates(Limits limits, UserRates users, String user, LimitHits hits, long now) {
    commands = new TokenBucket(limits.commandsPerSecond(), limits.commandsBurst(), now);
    bytes = new TokenBucket(limits.bytesPerSecond(), limits.bytesBurst(), now);
    int controlRate = limits.controlFramesPerSecond();
    controls = new TokenBucket(controlRate, (double) controlRate * CONTROL_BURST_SECONDS, now);
    this.users = users;
    this.user = user;
    this.hits = hits;
    this.mostCost =
        Math.min(
            burst(limits.commandsPerSecond(), limits.commandsBurst()),
            burst(limits.userCommandsPerSecond(), limits.userCommandsBurst()));
  }

  /** What costs more than a whole burst could never be taken. */
  private static int burst(int perSecond, int burst) {
    return perSecond == 0 ? Integer.MAX_VALUE : burst;
  }

  /**
   * Takes a command of this weight in a frame of this size and returns null, or returns {@code
   * rate_limited} with when to send it again.
   */
  synchronized @Nullable ChatException refusal(int size, int weight, long now) {
    int cost = Math.min(weight, mostCost);
    LimitHit limit = LimitHit.COMMANDS_PER_SECOND;
    long wait = commands.take(cost, now);
    if (wait == 0) {
      limit = LimitHit.BYTES_PER_SECOND;
      wait = bytes.take(size, now);
      if (wait > 0) {
        commands.giveBack(cost);
      }
    }
    if (wait == 0) {
      limit = LimitHit.USER_COMMANDS_PER_SECOND;
      wait = users.take(user, cost, now);
      if (wait > 0) {
        commands.giveBack(cost);
        bytes.giveBack(size);
      }
    }
    if (now - refusedAt >= PAUSE_MS) {
      refused = 0;
    }
    if (wait == 0) {
      refused = Math.max(0, refused - 1);
      return null;
    }
    refused += 1 + size / REFUSED_BYTES;
    refusedAt = now;
    hits.add(limit);
    String what = limit == LimitHit.BYTES_PER_SECOND ? "bytes" : "commands";
    return ChatException.retryLater(
        ErrorCode.RATE_LIMITED,
        "too many " + what + ", wait " + wait + " ms",
        Duration.ofMillis(wait));
  }

  /** Whether the client goes on and on though it is refused. */
  synchronized boolean isAbuse() {
    return refused > ABUSE;
  }

  /** Takes a ping or a pong of the client; false when it sends too many. */
  synchronized boolean control(long now) {
    boolean taken = controls.take(now) == 0;
    if (!taken) {
      hits.add(LimitHit.CONTROL_FRAMES_PER_SECOND);
    }
    return taken;
  }
}
