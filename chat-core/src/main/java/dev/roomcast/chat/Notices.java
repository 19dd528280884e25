package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The list of what all nodes have to do, as one node reads it: each notice once, in the order
 * posted.
 *
 * <p>It is read every {@link #INTERVAL}, and at once when a node says by {@link Control.Look} that
 * there is something new; that hint may be lost. One read at a time: who asks during a read waits
 * for the next one. Guarded by "this", which is not held while anything outside is called; {@code
 * readAt}, for which each message asks, is read without.
 */
final class Notices {

  static final Duration INTERVAL = Duration.ofMillis(400);

  /** What was read longer ago than this is not to be relied on. */
  private static final long FRESH_MILLIS = 1_000;

  private final ChatNode node;
  private long last = -1;
  private volatile long readAt = Long.MIN_VALUE;
  private @Nullable CompletableFuture<@Nullable Void> running;
  private @Nullable CompletableFuture<@Nullable Void> next;

  Notices(ChatNode node) {
    this.node = node;
  }

  /** Tells all nodes; the stage ends when this one has done what there is to do. */
  CompletionStage<@Nullable Void> post(Control notice) {
    return node.state()
        .post(notice.toJson())
        .thenCompose(
            posted -> {
              node.broker()
                  .signal(new Control.Look().toJson())
                  .whenComplete((told, failure) -> node.noteFailure(null, failure));
              return read();
            });
  }

  /** Whether what this node knows is at most a second old. */
  boolean isFresh() {
    long at = readAt;
    return at != Long.MIN_VALUE && node.clock().millis() - at <= FRESH_MILLIS;
  }

  /** Reads what is new and does it; the stage ends after that. */
  CompletionStage<@Nullable Void> read() {
    CompletableFuture<@Nullable Void> mine = new CompletableFuture<>();
    synchronized (this) {
      if (running != null) {
        if (next == null) {
          next = mine;
        }
        return next;
      }
      running = mine;
    }
    start(mine);
    return mine;
  }

  private void start(CompletableFuture<@Nullable Void> read) {
    long asked = node.clock().millis();
    long after;
    synchronized (this) {
      after = last;
    }
    node.state()
        .notices(after)
        .whenComplete(
            (found, failure) -> {
              if (found == null) {
                over(read, failure);
              } else {
                take(found, asked, read);
              }
            });
  }

  private void take(StateStore.Notices found, long asked, CompletableFuture<@Nullable Void> read) {
    synchronized (this) {
      last = found.last();
      readAt = asked;
    }
    List<Json> notices = found.notices();
    if (notices.isEmpty() && !found.missed()) {
      over(read, null);
      return;
    }
    if (found.missed()) {
      node.moderation().forgetAll();
    }
    List<Control> news = notices.stream().map(this::known).filter(c -> c != null).toList();
    node.moderation().forget(news);
    // Who reads is the backend's thread; what there is to do may take longer.
    node.executor()
        .execute(
            () -> {
              if (found.missed()) {
                node.moderation().checkAll();
              }
              news.forEach(node.moderation()::carryOut);
              over(read, null);
            });
  }

  private @Nullable Control known(Json notice) {
    Control control = Control.read(notice);
    if (control == null) {
      node.counters().skipped.increment();
    }
    return control;
  }

  private void over(CompletableFuture<@Nullable Void> read, @Nullable Throwable failure) {
    CompletableFuture<@Nullable Void> following;
    synchronized (this) {
      following = next;
      running = following;
      next = null;
    }
    if (failure == null) {
      read.complete(null);
    } else {
      read.completeExceptionally(failure);
    }
    if (following != null) {
      start(following);
    }
  }
}
