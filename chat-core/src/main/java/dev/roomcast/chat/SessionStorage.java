package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One session as the store has it: its record, and its seats in rooms. What the store refused is
 * stored again by {@link Housekeeping}.
 *
 * <p>{@code seatsAt} has the rooms whose seat the store still counts at the node that had the
 * session before. Guarded by "this", which is not held while the store is called.
 */
final class SessionStorage {

  private final ChatNode node;
  private final ClientSession session;
  private Map<String, String> seatsAt = Map.of(); // a session that was resumed has some
  private volatile boolean stored;
  private volatile boolean before;

  SessionStorage(ChatNode node, ClientSession session) {
    this.node = node;
    this.session = session;
  }

  /** Whether the store has all of it, as far as is known. */
  boolean isStored() {
    return stored;
  }

  /** The store has the record by another way. */
  void taken() {
    before = true;
    stored = true;
  }

  /**
   * Stores the record and then the memberships, for the first time or once more.
   *
   * @return ends when the store has answered all of it, however
   */
  CompletionStage<Void> store(String secretHash) {
    boolean again = before;
    before = true;
    stored = true;
    return node.state()
        .open(session.id(), session.user(), secretHash)
        .handle(
            (mine, failure) -> {
              attempted(failure);
              if (!Boolean.TRUE.equals(mine)) {
                if (mine != null) {
                  session.movedAway();
                }
                return CompletableFuture.<Void>completedFuture(null);
              }
              List<CompletionStage<?>> stored = new ArrayList<>();
              for (String room : session.memberships().ours()) {
                stored.add(takeSeat(room));
                stored.add(entered(room));
              }
              if (again) {
                // Meanwhile the store did not know that its user is here, and told nobody.
                node.conversations().missed(session.user().id(), session.openedAt());
              }
              return CompletableFuture.allOf(
                  stored.stream()
                      .map(CompletionStage::toCompletableFuture)
                      .toArray(CompletableFuture<?>[]::new));
            })
        .thenCompose(answered -> answered);
  }

  /**
   * Finds out whether the session is still with this secret; if not, storing it tells who has it.
   */
  void confirm(String secretHash) {
    node.state()
        .find(session.id(), secretHash)
        .whenComplete(
            (user, failure) -> {
              attempted(failure);
              if (failure == null && user == null) {
                session.store();
              }
            });
  }

  /** Notes the room in the record, so that a resume finds it. */
  CompletionStage<Void> entered(String room) {
    return node.state()
        .entered(session.id(), room)
        .whenComplete((done, failure) -> attempted(failure));
  }

  /** Notes where the memberships are counted; called before a command can touch them. */
  synchronized void cameFrom(String node, Collection<String> rooms) {
    if (seatsAt.isEmpty()) {
      seatsAt = new HashMap<>(2);
    }
    rooms.forEach(room -> seatsAt.put(room, node));
  }

  /** Has the store count the memberships here, and no longer where they came from. */
  void moveSeats() {
    List<String> rooms;
    synchronized (this) {
      rooms = List.copyOf(seatsAt.keySet());
    }
    rooms.forEach(this::takeSeat);
  }

  /**
   * Takes the seat in a room back if the session is a member there though its user is said to have
   * left: a node that had the session before may have moved the seat too late, and given it up.
   */
  void keepSeat(String room) {
    if (session.memberships().holds(room)) {
      takeSeat(room);
    }
  }

  private CompletionStage<?> takeSeat(String room) {
    String at;
    synchronized (this) {
      at = seatsAt.get(room);
    }
    if (at == null) {
      return node.upkeep()
          .join(room, session.id(), session.user())
          .whenComplete((done, failure) -> attempted(failure));
    }
    return node.upkeep()
        .move(room, session.id(), session.user(), at)
        .whenComplete(
            (done, failure) -> {
              attempted(failure);
              if (failure == null) {
                synchronized (this) {
                  seatsAt.remove(room, at);
                }
              }
            });
  }

  /** Gives the seat in a room up, wherever the store counts it. */
  void leaveSeat(String room) {
    String at;
    synchronized (this) {
      at = seatsAt.isEmpty() ? null : seatsAt.remove(room);
    }
    node.upkeep().leave(room, session.id(), session.user(), at);
  }

  private void attempted(@Nullable Throwable failure) {
    node.noteFailure(null, failure);
    if (failure != null) {
      stored = false;
    }
  }
}
