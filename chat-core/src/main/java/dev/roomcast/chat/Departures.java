package dev.roomcast.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memberships and sessions that ended on this node, until the store knows it: what it refuses is
 * tried again every second, so that an outage of the store leaves no ghosts behind.
 *
 * <p>A session that comes back to a room recalls the departure first. Every session's departures
 * are guarded by their own monitor, never held while the store is called. Thread-safe.
 */
final class Departures {

  /** Stands for the end of the session itself; no room has this name. */
  private static final String SESSION = "";

  private final ChatNode node;
  private final ConcurrentHashMap<String, OfSession> sessions = new ConcurrentHashMap<>();

  Departures(ChatNode node) {
    this.node = node;
  }

  /** What of one session has not got through yet: the attempt by room, done when it failed. */
  private static final class OfSession {
    final Map<String, Departure> open = new HashMap<>();
    boolean gone;
  }

  private record Departure(
      Supplier<CompletionStage<?>> operation, CompletableFuture<@Nullable Void> attempt) {}

  /**
   * Ends a membership.
   *
   * @param at the node that still counts it, when it did not get through that it is this one
   */
  void leave(String session, String room, User user, @Nullable String at) {
    add(
        session,
        room,
        () -> {
          CompletionStage<?> here =
              at == null
                  ? CompletableFuture.completedFuture(null)
                  : node.rooms().move(room, session, user, at);
          return here.thenCompose(moved -> node.rooms().leave(room, session, user))
              .thenCombine(node.state().exited(session, room), (last, done) -> last);
        });
  }

  /** Ends a session. */
  void end(String session) {
    add(session, SESSION, () -> node.state().close(session));
  }

  private void add(String session, String room, Supplier<CompletionStage<?>> operation) {
    Departure departure = new Departure(operation, new CompletableFuture<>());
    while (true) {
      OfSession all = sessions.computeIfAbsent(session, id -> new OfSession());
      synchronized (all) {
        if (!all.gone) {
          all.open.put(room, departure);
          break;
        }
      }
    }
    attempt(session, room, departure);
  }

  private void attempt(String session, String room, Departure departure) {
    departure
        .operation()
        .get()
        .whenComplete(
            (done, failure) -> {
              node.noteFailure(null, failure);
              if (failure == null) {
                remove(session, room, departure);
              }
              departure.attempt().complete(null);
            });
  }

  private void remove(String session, String room, Departure departure) {
    OfSession all = sessions.get(session);
    if (all != null) {
      synchronized (all) {
        all.open.remove(room, departure);
        removeIfEmpty(session, all);
      }
    }
  }

  /** Must be called with the monitor held. */
  private void removeIfEmpty(String session, OfSession all) {
    if (all.open.isEmpty()) {
      all.gone = true;
      sessions.remove(session, all);
    }
  }

  /** Tries again what failed. */
  void retry() {
    sessions.forEach(
        (session, all) -> {
          Map<String, Departure> again = new HashMap<>();
          synchronized (all) {
            all.open.replaceAll(
                (room, departure) -> {
                  if (!departure.attempt().isDone()) {
                    return departure;
                  }
                  Departure next = new Departure(departure.operation(), new CompletableFuture<>());
                  again.put(room, next);
                  return next;
                });
          }
          again.forEach((room, departure) -> attempt(session, room, departure));
        });
  }

  /** Gives a departure up: the session enters the room. Ends when none is under way any more. */
  CompletionStage<@Nullable Void> recall(String session, String room) {
    OfSession all = sessions.get(session);
    if (all == null) {
      return CompletableFuture.completedFuture(null);
    }
    synchronized (all) {
      Departure departure = all.open.remove(room);
      removeIfEmpty(session, all);
      return departure == null ? CompletableFuture.completedFuture(null) : departure.attempt();
    }
  }

  /**
   * Gives all departures of a session up: it goes on. Ends when none is under way any more.
   *
   * @return whether there was one; then the store may lack what the session has
   */
  CompletionStage<Boolean> recallAll(String session) {
    OfSession all = sessions.get(session);
    if (all == null) {
      return CompletableFuture.completedFuture(false);
    }
    synchronized (all) {
      CompletableFuture<?>[] attempts =
          all.open.values().stream().map(Departure::attempt).toArray(CompletableFuture<?>[]::new);
      all.open.clear();
      removeIfEmpty(session, all);
      return CompletableFuture.allOf(attempts).thenApply(done -> attempts.length > 0);
    }
  }

  /** How many have not got through yet. */
  int size() {
    int size = 0;
    for (OfSession all : sessions.values()) {
      synchronized (all) {
        size += all.open.size();
      }
    }
    return size;
  }
}
