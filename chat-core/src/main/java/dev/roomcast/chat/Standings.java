package dev.roomcast.chat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How users stand in rooms: what they are there, and what is in force for them. Kept at hand, so
 * that a message costs no question to the store.
 *
 * <p>What is known is dropped when a notice says that it changed, and asked for again when it is
 * needed. While the notices cannot be read, what is known counts on: nobody can publish without the
 * store either. Two generations bound the number: what nobody asks for while {@value #GENERATION}
 * others are asked for is forgotten, and so is a user whose session here ended. Both are changed
 * under "this", so that nothing comes back that was just forgotten, and {@code version} counts how
 * often something was; thread-safe.
 */
final class Standings {

  private static final int GENERATION = 20_000;

  private final ChatNode node;
  private volatile ConcurrentHashMap<Key, CompletableFuture<Standing>> young =
      new ConcurrentHashMap<>();
  private ConcurrentHashMap<Key, CompletableFuture<Standing>> old = new ConcurrentHashMap<>();
  private volatile int version;

  Standings(ChatNode node) {
    this.node = node;
  }

  /** A user in a room; in the whole service when the room is empty. */
  private record Key(String room, String user) {}

  /**
   * What is known of a user in a room; the times are by this node's clock, 0 = not at all.
   *
   * <p>Immutable.
   */
  record Standing(RoomManager.Role role, long mutedUntil, long bannedUntil) {
    /** Whether nothing is or was in force. */
    boolean isFree() {
      return bannedUntil == 0 && mutedUntil == 0;
    }
  }

  /** Refuses a banned user, and a muted one who wants to say something. */
  CompletionStage<Standing> check(User user, Authorizer.Action action, String room) {
    return AtOnce.then(
        fresh(),
        read -> {
          CompletionStage<Standing> there = known(new Key(room, user.id()));
          return AtOnce.then(
              known(new Key("", user.id())),
              everywhere -> {
                refuse(everywhere, action, "");
                return AtOnce.then(
                    there,
                    standing -> {
                      refuse(standing, action, room);
                      return there;
                    });
              });
        });
  }

  /**
   * Another number whenever something that was known may not be so any more: read before a standing
   * is, it tells later whether that still holds.
   */
  int version() {
    return version;
  }

  /** How a user stands in a room, if that is at hand and nothing is in force; else null. */
  @Nullable Standing ifFree(User user, String room) {
    if (!node.moderation().notices().isFresh()) {
      return null;
    }
    Standing everywhere = atHand(new Key("", user.id()));
    Standing there = atHand(new Key(room, user.id()));
    return everywhere != null && everywhere.isFree() && there != null && there.isFree()
        ? there
        : null;
  }

  private @Nullable Standing atHand(Key key) {
    CompletableFuture<Standing> found = young.get(key);
    return found == null || !found.isDone() || found.isCompletedExceptionally()
        ? null
        : found.join();
  }

  private void refuse(Standing standing, Authorizer.Action action, String room) {
    if (standing.isFree()) {
      return; // nearly everybody, and without a look at the clock
    }
    long now = node.clock().millis();
    if (standing.bannedUntil() > now) {
      throw refused(ErrorCode.BANNED, "banned", room, standing.bannedUntil(), now);
    }
    if (standing.mutedUntil() > now && speaks(action)) {
      throw refused(ErrorCode.MUTED, "muted", room, standing.mutedUntil(), now);
    }
  }

  private static boolean speaks(Authorizer.Action action) {
    return switch (action) {
      case PUBLISH, EVENT, EDIT, REACT, DIRECT -> true;
      default -> false;
    };
  }

  private static ChatException refused(
      ErrorCode code, String what, String room, long until, long now) {
    String message =
        room.isEmpty()
            ? "you are " + what + " everywhere"
            : "room: you are " + what + " in " + JsonText.quote(room);
    return until == Long.MAX_VALUE
        ? new ChatException(code, message)
        : ChatException.retryLater(
            code,
            message + " for " + Math.max(1, (until - now) / 1_000) + " s",
            Duration.ofMillis(until - now));
  }

  /** How a user stands in a room, or in the whole service when the room is empty. */
  CompletionStage<Standing> get(String room, String user) {
    return AtOnce.then(fresh(), read -> known(new Key(room, user)));
  }

  /** Ends when what is known is not too old to be relied on, or the store is away. */
  private CompletionStage<@Nullable Void> fresh() {
    Notices notices = node.moderation().notices();
    return notices.isFresh()
        ? CompletableFuture.completedFuture(null)
        : notices.read().exceptionally(away -> null);
  }

  private CompletionStage<Standing> known(Key key) {
    CompletableFuture<Standing> found = young.get(key);
    return found != null ? found : load(key);
  }

  private CompletionStage<Standing> load(Key key) {
    CompletableFuture<Standing> promise = new CompletableFuture<>();
    synchronized (this) {
      if (young.size() >= GENERATION) {
        old = young;
        young = new ConcurrentHashMap<>();
      }
      CompletableFuture<Standing> kept = old.remove(key);
      CompletableFuture<Standing> other = young.putIfAbsent(key, kept == null ? promise : kept);
      if (other != null) {
        return other;
      } else if (kept != null) {
        return kept;
      }
    }
    ask(key)
        .whenComplete(
            (standing, failure) -> {
              if (failure == null) {
                promise.complete(standing);
              } else {
                drop(key, promise);
                promise.completeExceptionally(failure);
              }
            });
    return promise;
  }

  private synchronized void drop(Key key, CompletableFuture<Standing> failed) {
    young.remove(key, failed);
    old.remove(key, failed);
  }

  private CompletionStage<Standing> ask(Key key) {
    CompletionStage<RoomManager.Role> role =
        key.room().isEmpty()
            ? CompletableFuture.completedFuture(RoomManager.Role.NONE)
            : node.rooms().role(key.room(), key.user());
    return node.state()
        .sanctions(key.room(), key.user())
        .thenCombine(
            role,
            (sanctions, is) ->
                new Standing(is, until(sanctions.muted()), until(sanctions.banned())));
  }

  private long until(@Nullable Duration left) {
    if (left == null) {
      return 0;
    }
    return left.equals(StateStore.FOREVER)
        ? Long.MAX_VALUE
        : node.clock().millis() + left.toMillis();
  }

  /** Forgets a user in a room; all of a room when the user is empty. */
  synchronized void forget(String room, String user) {
    if (user.isEmpty()) {
      forget(key -> key.room().equals(room));
    } else {
      Key key = new Key(room, user);
      young.remove(key);
      old.remove(key);
      changed();
    }
  }

  /** Forgets a user in these rooms and in the whole service: its session is over. */
  synchronized void forget(Iterable<String> rooms, String user) {
    rooms.forEach(room -> forget(room, user));
    forget("", user);
  }

  synchronized void forgetAll() {
    forget(key -> true);
  }

  synchronized int size() {
    return young.size() + old.size();
  }

  /**
   * Afterwards, or what was just forgotten would count as known since. Must be called with "this"
   * held.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void changed() {
    version++;
  }

  private void forget(Predicate<Key> which) {
    young.keySet().removeIf(which);
    old.keySet().removeIf(which);
    changed();
  }
}
