package dev.roomcast.chat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fast one session may send: commands and bytes on its connection, and commands of its user on
 * all of them. Who does not stop when refused is a case for a close. Guarded by "this".
 */
final class SessionRates {

  private static final int ABUSE = 1_000;

  private final TokenBucket commands;
  private final TokenBucket bytes;
  private final UserRates users;
  private final String user;
  private final LimitHits hits;
  private int refused;

  SessionRates(Limits limits, UserRates users, String user, LimitHits hits, long now) {
    commands = new TokenBucket(limits.commandsPerSecond(), limits.commandsBurst(), now);
    bytes = new TokenBucket(limits.bytesPerSecond(), limits.bytesBurst(), now);
    this.users = users;
    this.user = user;
    this.hits = hits;
  }

  /**
   * Takes a frame of this size and returns null, or returns {@code rate_limited} with when to send
   * it again.
   */
  synchronized @Nullable ChatException refusal(int size, long now) {
    LimitHit limit = LimitHit.COMMANDS_PER_SECOND;
    long wait = commands.take(now);
    if (wait == 0) {
      limit = LimitHit.BYTES_PER_SECOND;
      wait = bytes.take(size, now);
      if (wait > 0) {
        commands.giveBack(1);
      }
    }
    if (wait == 0) {
      limit = LimitHit.USER_COMMANDS_PER_SECOND;
      wait = users.take(user, now);
      if (wait > 0) {
        commands.giveBack(1);
        bytes.giveBack(size);
      }
    }
    if (wait == 0) {
      refused = 0;
      return null;
    }
    refused++;
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
}
