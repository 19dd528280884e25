package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Those who are about to become members of a room: their history is being read, and what is
 * delivered meanwhile is kept for them.
 *
 * <p>A joiner is registered before its history is asked for, so nothing falls between the two. Only
 * the answer to its last question counts; the others were overtaken and know less than its buffer.
 * Confined to the thread that has the room's turn.
 */
final class Joiners {

  private final ChatNode node;
  private final Room room;
  private final Map<ClientSession, Joiner> joiners = new LinkedHashMap<>();

  /** Somebody whose history is being read, and what was delivered meanwhile. */
  private static final class Joiner {
    final Command.Join command;
    final RoomManager.Membership membership;
    final @Nullable Long unread;
    final CompletableFuture<Boolean> joined;
    final List<Publication> buffer = new ArrayList<>();
    int reads;

    Joiner(
        Command.Join command,
        RoomManager.Membership membership,
        @Nullable Long unread,
        CompletableFuture<Boolean> joined) {
      this.command = command;
      this.membership = membership;
      this.unread = unread;
      this.joined = joined;
    }
  }

  Joiners(ChatNode node, Room room) {
    this.node = node;
    this.room = room;
  }

  /** Registers a joiner; {@code joined} ends when it is a member or will not be one. */
  void add(
      ClientSession session,
      Command.Join command,
      RoomManager.Membership membership,
      @Nullable Long unread,
      CompletableFuture<Boolean> joined) {
    Joiner old = joiners.put(session, new Joiner(command, membership, unread, joined));
    if (old != null) {
      old.joined.complete(true);
    }
  }

  /** Forgets a joiner that went. */
  void remove(ClientSession session) {
    Joiner joiner = joiners.remove(session);
    if (joiner != null) {
      joiner.joined.complete(true);
    }
  }

  boolean contains(ClientSession session) {
    return joiners.containsKey(session);
  }

  boolean isEmpty() {
    return joiners.isEmpty();
  }

  /** Keeps what is delivered for all of them. */
  void keep(List<Publication> publications) {
    for (Joiner joiner : joiners.values()) {
      joiner.buffer.addAll(publications);
    }
  }

  /** What was kept is of a log that is not delivered any more: their histories are read again. */
  void forgetKept() {
    joiners.values().forEach(joiner -> joiner.buffer.clear());
  }

  /** The room cannot be subscribed to. */
  void refuse(@Nullable Throwable failure) {
    ChatException problem = problem(failure);
    List<Joiner> waiting = List.copyOf(joiners.values());
    joiners.clear();
    waiting.forEach(joiner -> joiner.joined.completeExceptionally(problem));
  }

  private static ChatException problem(@Nullable Throwable failure) {
    return failure == null
        ? new ChatException(ErrorCode.UNAVAILABLE, "the log cannot be read")
        : ChatException.of(failure);
  }

  /** Reads the history of all of them, from the start. */
  void readAll() {
    List.copyOf(joiners.keySet()).forEach(this::read);
  }

  /** Reads the history of one of them, from the start. */
  void read(ClientSession session) {
    Joiner joiner = joiners.get(session);
    if (joiner == null) {
      return;
    }
    joiner.buffer.clear();
    Position since = joiner.command.since();
    HistoryQuery query =
        since == null
            ? new HistoryQuery.Newest(joiner.command.history())
            : new HistoryQuery.Since(since, node.limits().historyCount() * 2);
    read(session, joiner, query);
  }

  private void read(ClientSession session, Joiner joiner, HistoryQuery query) {
    int read = ++joiner.reads;
    node.broker()
        .history(room.name(), query)
        .whenComplete(
            (history, failure) ->
                room.run(
                    () -> {
                      if (joiners.get(session) == joiner && read == joiner.reads) {
                        historyRead(session, joiner, query, history, failure);
                      }
                    }));
  }

  private void historyRead(
      ClientSession session,
      Joiner joiner,
      HistoryQuery query,
      @Nullable History history,
      @Nullable Throwable failure) {
    if (history == null) {
      joiners.remove(session);
      joiner.joined.completeExceptionally(problem(failure));
      room.closeIfEmptyLater();
      return;
    }
    if (!room.goesOnFrom(history.top())) {
      return; // it is read again when the log has been caught up with
    }
    Boolean recovered = null;
    if (query instanceof HistoryQuery.Since since) {
      long bytes = 0;
      for (Publication publication : history.publications()) {
        bytes += publication.body().utf8Length();
      }
      recovered =
          history.recovers(since.position()) && bytes <= node.limits().outboxBytes() * 3L / 4;
      if (!recovered) {
        read(session, joiner, new HistoryQuery.Newest(joiner.command.history()));
        return;
      }
    } else if (joiner.command.since() != null) {
      recovered = false;
    }
    goLive(session, joiner, history, recovered);
  }

  private void goLive(
      ClientSession session, Joiner joiner, History history, @Nullable Boolean recovered) {
    if (!session.connected()) {
      remove(session); // what becomes of the membership the session decides
      room.closeIfEmptyLater();
      return;
    }
    List<Publication> frames = new ArrayList<>(history.publications());
    Position at = history.top();
    for (Publication publication : joiner.buffer) {
      if (publication.offset() > at.offset()) {
        frames.add(publication);
        at = publication.position();
      }
    }
    joiners.remove(session);
    if (!room.advance(at, frames)) {
      joiners.put(session, joiner); // after the repair its history is read again
      return;
    }
    Position joinedAt = at;
    Position since = joiner.command.since();
    room.admit(
        session,
        since == null ? joinedAt : since,
        joiner.membership,
        present ->
            FrameWriter.joined(joiner.command, joinedAt, recovered, frames, present, joiner.unread),
        joiner.joined);
  }
}
