package dev.roomcast.chat;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, when a session is over, in which of its rooms something was logged that its client did
 * not get, and tells the listener. Nothing is asked where there is none.
 *
 * <p>Stateless, thread-safe.
 */
final class Undeliveries {

  private final ChatNode node;

  Undeliveries(ChatNode node) {
    this.node = node;
  }

  /** A session ended; its rooms are asked about until the store answers. */
  void ended(ClientSession session, Collection<String> rooms) {
    if (node.hooks().listens() && session.code() != CloseCode.NORMAL.code()) {
      rooms.forEach(room -> look(session, room));
    }
  }

  private void look(ClientSession session, String room) {
    check(session, room, new HashMap<>())
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                node.noteFailure(null, failure);
                node.clock().schedule(ChatNode.RETRY, () -> look(session, room));
              }
            });
  }

  /**
   * The node ends, and these sessions are where they were: nobody else would know how far they got.
   * They are looked at once, and the stage ends when the listener has been told.
   */
  CompletionStage<?> nodeEnds(Iterable<ClientSession> sessions) {
    CompletableFuture<?> all = CompletableFuture.completedFuture(null);
    if (!node.hooks().listens()) {
      return all;
    }
    Map<Asked, CompletionStage<History>> logs = new HashMap<>();
    for (ClientSession session : sessions) {
      for (String room : session.memberships().ours()) {
        CompletionStage<?> one = check(session, room, logs).exceptionally(this::failed);
        all = all.thenCombine(one, (before, told) -> told);
      }
    }
    return all;
  }

  private @Nullable Void failed(Throwable failure) {
    node.noteFailure(null, failure);
    return null;
  }

  /** A question to the log; at the end of a node many sessions have the same. */
  private record Asked(String room, @Nullable Position since) {}

  private CompletionStage<@Nullable Void> check(
      ClientSession session, String room, Map<Asked, CompletionStage<History>> logs) {
    return session
        .attendance()
        .lastWritten()
        .of(room)
        .thenCompose(
            last ->
                ask(new Asked(room, last), logs)
                    .thenCompose(
                        log ->
                            hasMore(log, last)
                                ? tell(
                                    session,
                                    new Undelivered(session, room, last, log.top(), session.code()))
                                : CompletableFuture.<@Nullable Void>completedFuture(null)));
  }

  private CompletionStage<History> ask(Asked asked, Map<Asked, CompletionStage<History>> logs) {
    synchronized (logs) {
      return logs.computeIfAbsent(
          asked,
          key -> {
            Position since = key.since();
            HistoryQuery query =
                since == null ? HistoryQuery.position() : new HistoryQuery.Since(since, 1);
            return node.broker().history(key.room(), query);
          });
    }
  }

  private static boolean hasMore(History log, @Nullable Position last) {
    Position top = log.top();
    return last != null && top.epoch().equals(last.epoch())
        ? top.offset() > last.offset()
        : top.offset() > log.sure();
  }

  /** Tells it, unless the session went on elsewhere, of which this node may not have heard. */
  private CompletionStage<@Nullable Void> tell(ClientSession session, Undelivered undelivered) {
    return node.state()
        .sessions(session.user().id())
        .thenCompose(
            sessions -> {
              boolean elsewhere =
                  sessions.stream()
                      .anyMatch(
                          one ->
                              one.session().equals(session.id()) && !one.node().equals(node.id()));
              return elsewhere
                  ? CompletableFuture.<@Nullable Void>completedFuture(null)
                  : session.hook(listener -> listener.onUndelivered(undelivered));
            });
  }
}
