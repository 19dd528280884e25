package dev.roomcast.chat;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How fast users may send over all their connections on all nodes, without asking the store for
 * each command.
 *
 * <p>Three buckets decide. The node's own keeps a user on this node to the limit, whatever the
 * store says. A tenth of the limit is free on each node: who stays below it, as nearly all do, is
 * never told to the store. Beyond it the node takes shares out of the user's bucket in the store,
 * the next one when half of the last is used. While the answer is under way, or the store is away,
 * commands go on credit that the next question pays; when the store's bucket is empty they are
 * refused until it has enough for a new share. So for long a user on n nodes has the limit and n
 * tenths of it. What it sends at once to many nodes goes beyond, and is paid back before it may go
 * on.
 *
 * <p>A user is forgotten when its bucket is full again: a new one is the same. Each share is
 * guarded by itself, and not held while the store is asked. Thread-safe.
 */
final class UserRates {

  private static final int FREE_PART = 10;
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final ConcurrentHashMap<String, Share> shares = new ConcurrentHashMap<>();
  private final ChatNode node;
  private final int perSecond;
  private final int burst;
  private final int portion;

  UserRates(ChatNode node) {
    this.node = node;
    this.perSecond = node.limits().userCommandsPerSecond();
    this.burst = node.limits().userCommandsBurst();
    this.portion = Math.max(1, burst / FREE_PART);
  }

  /** Takes so many tokens and returns 0, or returns in how many ms to try again. Never waits. */
  long take(String user, int count, long now) {
    if (perSecond == 0) {
      return 0;
    }
    Share share = shares.get(user);
    if (share == null) {
      share = shares.computeIfAbsent(user, name -> new Share(name, now));
    }
    return share.take(count, now);
  }

  /** Forgets whose bucket is full. */
  void sweep(long now) {
    shares.values().removeIf(share -> share.isIdle(now));
  }

  /** Users that are not forgotten. */
  int size() {
    return shares.size();
  }

  /** What one user may send here. Guarded by "this". */
  private final class Share {
    private final String user;
    private final TokenBucket here;
    private final TokenBucket free;
    private int taken;
    private int credit;
    private boolean asking;
    private long refusedUntil;
    private long askAgainAt;

    Share(String user, long now) {
      this.user = user;
      here = new TokenBucket(perSecond, burst, now);
      free = new TokenBucket((double) perSecond / FREE_PART, (double) burst / FREE_PART, now);
    }

    long take(int count, long now) {
      int pays;
      synchronized (this) {
        long wait = here.take(count, now);
        if (wait > 0) {
          return wait;
        }
        if (free.take(count, now) == 0) {
          return 0;
        }
        if (taken >= count) {
          taken -= count;
        } else if (now < refusedUntil) {
          here.giveBack(count);
          return refusedUntil - now;
        } else {
          credit = Math.min(2 * burst, credit + count);
        }
        if (asking || taken > portion / 2 || now < askAgainAt) {
          return 0;
        }
        asking = true;
        pays = credit;
      }
      ask(pays);
      return 0;
    }

    private void ask(int pays) {
      node.state()
          .takeTokens(user, pays, portion, perSecond, burst)
          .whenComplete((tokens, failure) -> answered(pays, tokens, failure));
    }

    private void answered(
        int paid, StateStore.@Nullable Tokens tokens, @Nullable Throwable failure) {
      node.noteFailure(tokens, failure);
      long now = node.clock().millis();
      int pays;
      synchronized (this) {
        asking = false;
        if (tokens == null) {
          askAgainAt = now + RETRY.toMillis();
          return;
        }
        credit -= paid;
        taken += tokens.taken();
        if (tokens.taken() == 0) {
          refusedUntil = now + tokens.retryAfter().toMillis();
          askAgainAt = refusedUntil;
        }
        if (credit <= 0) {
          return;
        }
        asking = true;
        pays = credit;
      }
      ask(pays); // what went on credit meanwhile
    }

    synchronized boolean isIdle(long now) {
      return !asking && now >= refusedUntil && here.isFull(now);
    }
  }
}
