package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the store has to be told of this node's sessions: who comes and who goes. A join that the
 * store refuses is refused to whoever asked; a leave is repeated until the store knows of it,
 * because nobody else would end that membership while this node lives.
 *
 * <p>What is asked of one seat, a session's place in a room, is done one after the other: a leave
 * that is repeated must not end a membership that was asked for after it. Such a leave is dropped
 * when somebody wants the seat again. Guarded by "this", which is not held while the store is
 * called.
 */
final class Upkeep {

  private final ChatNode node;
  private final Map<Seat, ArrayDeque<Task>> lines = new HashMap<>();

  Upkeep(ChatNode node) {
    this.node = node;
  }

  private record Seat(String room, String session) {}

  /** Something asked of a seat; the flags are guarded by the upkeep's monitor. */
  private static final class Task {
    final Supplier<CompletionStage<Boolean>> call;
    final boolean leave;
    boolean pausing;

    /** {@code call} tells whether the task is over. */
    Task(boolean leave, Supplier<CompletionStage<Boolean>> call) {
      this.leave = leave;
      this.call = call;
    }
  }

  /** Makes a session of this node a member, after what was asked of this seat before. */
  CompletionStage<RoomManager.Membership> join(String room, String session, User user) {
    return enter(room, session, () -> node.rooms().join(room, session, user));
  }

  /** Moves a membership here. */
  CompletionStage<RoomManager.Membership> move(
      String room, String session, User user, String fromNode) {
    return enter(room, session, () -> node.rooms().move(room, session, user, fromNode));
  }

  private CompletionStage<RoomManager.Membership> enter(
      String room, String session, Supplier<CompletionStage<RoomManager.Membership>> call) {
    CompletableFuture<RoomManager.Membership> entered = new CompletableFuture<>();
    add(
        new Seat(room, session),
        new Task(
            false,
            () ->
                whenKnown(call)
                    .handle(
                        (membership, failure) -> {
                          if (failure == null) {
                            entered.complete(membership);
                          } else {
                            entered.completeExceptionally(failure);
                          }
                          return true;
                        })));
    return entered;
  }

  private CompletionStage<RoomManager.Membership> whenKnown(
      Supplier<CompletionStage<RoomManager.Membership>> call) {
    return node.isKnown()
        ? call.get()
        : CompletableFuture.failedFuture(
            new ChatException(ErrorCode.UNAVAILABLE, "the store does not know this node yet"));
  }

  /**
   * Ends a membership of a session that is or was with this node.
   *
   * @param at the node that still counts it, when it did not get through that it is this one
   */
  void leave(String room, String session, User user, @Nullable String at) {
    add(
        new Seat(room, session),
        new Task(
            true,
            () -> {
              CompletionStage<Boolean> left =
                  at == null
                      ? node.rooms().leave(room, session, user)
                      : node.rooms()
                          .move(room, session, user, at)
                          .thenCompose(moved -> node.rooms().leave(room, session, user));
              return node.state()
                  .exited(session, room)
                  .thenCombine(left, (exited, last) -> last)
                  .handle(
                      (last, failure) -> {
                        node.noteFailure(last, failure);
                        return failure == null;
                      });
            }));
  }

  /** Ends a session's record, unless the session is here again by the time the store answers. */
  void close(String session) {
    node.state()
        .close(session)
        .whenComplete(
            (done, failure) -> {
              node.noteFailure(null, failure);
              if (failure != null) {
                node.clock().schedule(ChatNode.RETRY, () -> closeAgain(session));
              }
            });
  }

  /** Whether nothing is left to be told. */
  synchronized boolean isIdle() {
    return lines.isEmpty();
  }

  private void closeAgain(String session) {
    if (node.session(session) == null) {
      close(session);
    }
  }

  private void add(Seat seat, Task task) {
    synchronized (this) {
      ArrayDeque<Task> line = lines.computeIfAbsent(seat, unused -> new ArrayDeque<>(1));
      Task first = line.peek();
      if (first != null && first.pausing) {
        line.remove(); // its timer finds that it is not the first any more
      }
      line.add(task);
      if (line.peek() != task) {
        return;
      }
    }
    start(seat, task);
  }

  private void start(Seat seat, Task task) {
    task.call
        .get()
        .whenComplete(
            (over, failure) -> {
              if (Boolean.TRUE.equals(over) || !pause(seat, task)) {
                next(seat);
              }
            });
  }

  /** Lets a leave wait for its repetition; false when somebody wants the seat by now. */
  private boolean pause(Seat seat, Task task) {
    synchronized (this) {
      ArrayDeque<Task> line = lines.get(seat);
      if (!task.leave || line == null || line.size() > 1) {
        return false;
      }
      task.pausing = true;
    }
    node.clock().schedule(ChatNode.RETRY, () -> again(seat, task));
    return true;
  }

  private void again(Seat seat, Task task) {
    synchronized (this) {
      ArrayDeque<Task> line = lines.get(seat);
      if (line == null || line.peek() != task) {
        return;
      }
      task.pausing = false;
    }
    start(seat, task);
  }

  private void next(Seat seat) {
    @Nullable Task following = null;
    synchronized (this) {
      ArrayDeque<Task> line = lines.get(seat);
      if (line != null) {
        line.remove();
        following = line.peek();
        if (following == null) {
          lines.remove(seat);
        }
      }
    }
    if (following != null) {
      start(seat, following);
    }
  }
}
