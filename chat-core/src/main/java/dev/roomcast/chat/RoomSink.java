package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a room's log on behalf of a {@link PublicationSink}, while the store lets this node do it:
 * of all nodes that run the sink one has its cursor, the others wait for it to go away.
 *
 * <p>One step follows another, so all fields but these are confined to the step that runs: {@code
 * closed} and {@code running}, whether a step does, are guarded by "this". Thread-safe.
 */
final class RoomSink implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RoomSink.class);
  private static final int PAGE = 500;

  /** How often a log is read in which nothing happens. */
  static final Duration POLL = Duration.ofMillis(500);

  private final ChatNode node;
  private final String room;
  private final String name;
  private final PublicationSink sink;
  private final Duration lease;
  private Position position = Position.NONE;
  private Position taken = Position.NONE;
  private long claimedAt;
  private final CompletableFuture<@Nullable Void> released = new CompletableFuture<>();
  private boolean running = true;
  private boolean closed;

  RoomSink(ChatNode node, String room, String name, PublicationSink sink) {
    this.node = node;
    this.room = room;
    this.name = name;
    this.sink = sink;
    this.lease = node.limits().nodeLease();
  }

  void start() {
    claim();
  }

  private void claim() {
    long asked = node.clock().millis();
    node.state()
        .claimCursor(room, name, lease)
        .whenComplete(
            (found, failure) -> {
              node.noteFailure(found, failure);
              if (found == null) {
                later(failure == null ? lease.dividedBy(3) : ChatNode.RETRY, this::claim);
              } else {
                claimedAt = asked;
                // The store may not have heard how far the sink has come.
                position = isBehind(found) ? taken : found;
                read();
              }
            });
  }

  private boolean isBehind(Position found) {
    return found.epoch().equals(taken.epoch()) && found.offset() < taken.offset();
  }

  private void read() {
    if (isClosed()) {
      release();
      return;
    }
    if (node.clock().millis() - claimedAt > lease.toMillis() / 3) {
      claim();
      return;
    }
    node.broker()
        .history(room, new HistoryQuery.Since(position, PAGE))
        .whenComplete(
            (history, failure) -> {
              node.noteFailure(history, failure);
              if (history == null) {
                later(ChatNode.RETRY, this::read);
              } else if (history.top().equals(Position.NONE) || history.top().equals(position)) {
                later(POLL, this::read);
              } else {
                hand(history);
              }
            });
  }

  private void hand(History history) {
    List<Publication> publications = history.publications();
    Position top = history.top();
    long base = publications.isEmpty() ? top.offset() : publications.get(0).offset() - 1;
    long sure = Math.min(history.sure(), position.offset());
    boolean gap =
        top.epoch().equals(position.epoch())
            ? base > position.offset() || sure < position.offset()
            : base > 0 || !position.equals(Position.NONE);
    node.hooks()
        .run(
            "sink",
            () -> {
              if (gap) {
                sink.onGap(room, sure + 1, new Position(top.epoch(), base));
              }
              if (!publications.isEmpty()) {
                sink.onPublications(publications);
              }
            })
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                log.warn(
                    "sink {} did not take publications of room {}: they come again in a second, and"
                        + " nothing after them until then; look at what the sink logged",
                    JsonText.quote(name),
                    JsonText.quote(room));
                later(Duration.ofSeconds(1), this::claim);
              } else {
                move(
                    publications.isEmpty()
                        ? new Position(top.epoch(), base)
                        : publications.get(publications.size() - 1).position());
              }
            });
  }

  private void move(Position to) {
    taken = to;
    long asked = node.clock().millis();
    CompletionStage<Boolean> moved = node.state().moveCursor(room, name, to, lease);
    moved.whenComplete(
        (ours, failure) -> {
          node.noteFailure(ours, failure);
          if (Boolean.TRUE.equals(ours)) {
            claimedAt = asked;
            position = to;
            read();
          } else {
            // Another node has it by now, or nobody knows: what the store says counts.
            later(ChatNode.RETRY, this::claim);
          }
        });
  }

  private void later(Duration delay, Runnable step) {
    boolean over;
    synchronized (this) {
      over = closed;
      running = over;
    }
    if (over) {
      release();
    } else {
      node.clock().schedule(delay, () -> next(step));
    }
  }

  private void next(Runnable step) {
    synchronized (this) {
      if (closed) {
        return;
      }
      running = true;
    }
    step.run();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Gives the cursor back, if it is this node's: a claim that is over at once. */
  private void release() {
    node.state()
        .claimCursor(room, name, Duration.ZERO)
        .whenComplete(
            (found, failure) -> {
              node.noteFailure(found, failure);
              released.complete(null);
            });
  }

  /** Stops reading, after what is being handed over; then another node takes over. Idempotent. */
  @Override
  public void close() {
    boolean idle;
    synchronized (this) {
      idle = !closed && !running;
      closed = true;
    }
    node.forget(this);
    if (idle) {
      release();
    }
  }

  /** Closes it; the stage ends when the store knows, or could not be told. */
  CompletionStage<@Nullable Void> end() {
    close();
    return released;
  }

  @Override
  public String toString() {
    return "sink " + JsonText.quote(name) + " of room " + JsonText.quote(room);
  }
}
