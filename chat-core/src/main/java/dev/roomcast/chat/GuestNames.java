package dev.roomcast.chat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The names of the guests of this node, so that nobody comes in under a name that looks like
 * another's. Two guests may have the very same name: they are told apart by their ids, and nobody
 * is deceived about the letters.
 *
 * <p>The store is asked once per name, and told when the last guest of the name is gone, again and
 * again until it knows. Guarded by "this", which is not held while the store is called.
 */
final class GuestNames {

  private final ChatNode node;
  private final Map<String, Held> held = new HashMap<>();

  GuestNames(ChatNode node) {
    this.node = node;
  }

  /** A name that is in use here; {@code users} is guarded by the names' monitor. */
  private static final class Held {
    final String name;
    final CompletableFuture<Boolean> claimed = new CompletableFuture<>();
    int users;

    Held(String name) {
      this.name = name;
    }
  }

  /** A guest's hold on a name, from the admission to the end of the session. Thread-safe. */
  final class Claim {
    private final String name;
    private final AtomicBoolean over = new AtomicBoolean();
    private final ChatClock.Timer unused;

    private Claim(String name, Duration unusedFor) {
      this.name = name;
      this.unused = node.clock().schedule(unusedFor, this::end);
    }

    /** There is a session, which will end it. */
    void keep() {
      unused.cancel();
    }

    void end() {
      if (over.compareAndSet(false, true)) {
        unused.cancel();
        release(name);
      }
    }
  }

  /**
   * Keeps the name of a guest who comes; null for a user who is none.
   *
   * @return ends exceptionally with {@code forbidden} when the name looks like another guest's
   */
  CompletionStage<@Nullable Claim> claim(User user) {
    if (!node.hooks().isGuest(user)) {
      return CompletableFuture.completedFuture(null);
    }
    String name = user.name();
    String skeleton = Skeleton.of(name);
    Held mine;
    boolean ask;
    synchronized (this) {
      Held present = held.get(skeleton);
      ask = present == null;
      mine = present == null ? new Held(name) : present;
      if (!mine.name.equals(name)) {
        return CompletableFuture.failedFuture(looksLikeAnother());
      }
      mine.users++;
      held.put(skeleton, mine);
    }
    if (ask) {
      ask(skeleton, mine);
    }
    return mine.claimed.thenApply(
        free -> {
          if (!free) {
            throw looksLikeAnother();
          }
          return new Claim(name, unused());
        });
  }

  /** After so long without a session the connection was never upgraded. */
  private Duration unused() {
    return node.limits().handshakeTimeout().plus(node.limits().hookTimeout());
  }

  private void ask(String skeleton, Held mine) {
    node.state()
        .claimName(skeleton, mine.name)
        .whenComplete(
            (free, failure) -> {
              node.noteFailure(free, failure);
              if (failure != null) {
                // A store that is away keeps nobody out: this node's guests are known without it.
                node.clock().schedule(ChatNode.RETRY, () -> keep(skeleton, mine));
              } else if (!free) {
                synchronized (this) {
                  held.remove(skeleton, mine);
                }
              }
              mine.claimed.complete(failure != null || free);
            });
  }

  /** Stores a name whose guest is in already; whoever took it meanwhile stays, too. */
  private void keep(String skeleton, Held mine) {
    synchronized (this) {
      if (held.get(skeleton) != mine) {
        return;
      }
    }
    node.state()
        .claimName(skeleton, mine.name)
        .whenComplete(
            (free, failure) -> {
              node.noteFailure(free, failure);
              if (failure != null) {
                node.clock().schedule(ChatNode.RETRY, () -> keep(skeleton, mine));
              }
            });
  }

  private static ChatException looksLikeAnother() {
    return new ChatException(
        ErrorCode.FORBIDDEN, "name: looks like the name of a guest who is here, choose another");
  }

  private void release(String name) {
    String skeleton = Skeleton.of(name);
    synchronized (this) {
      Held present = held.get(skeleton);
      if (present == null || !present.name.equals(name) || --present.users > 0) {
        return;
      }
      held.remove(skeleton);
    }
    tell(skeleton);
  }

  private void tell(String skeleton) {
    node.state()
        .releaseName(skeleton)
        .whenComplete(
            (done, failure) -> {
              node.noteFailure(null, failure);
              if (failure != null) {
                node.clock().schedule(ChatNode.RETRY, () -> tellAgain(skeleton));
              }
            });
  }

  private void tellAgain(String skeleton) {
    boolean wanted;
    synchronized (this) {
      wanted = held.containsKey(skeleton);
    }
    if (!wanted) {
      tell(skeleton);
    }
  }

  /** The store lost what it knew: it is told again. */
  void storeAgain() {
    Map<String, Held> all;
    synchronized (this) {
      all = Map.copyOf(held);
    }
    all.forEach(this::keep);
  }
}
