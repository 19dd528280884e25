package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a room's log on behalf of a {@link PublicationSink}, while the store lets this node do it:
 * of all nodes that run the sink one has its cursor, the others wait for it to go away.
 *
 * <p>One step follows another, so all fields but {@code closed} are confined to the step that runs.
 * Thread-safe.
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
  private long claimedAt;
  private volatile boolean closed;

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
                position = found;
                read();
              }
            });
  }

  private void read() {
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
                    "sink {} did not take publications of room {}: they come again in a second",
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
    node.clock()
        .schedule(
            delay,
            () -> {
              if (!closed) {
                step.run();
              }
            });
  }

  /** Stops reading; another node takes over when the lease has ended. Idempotent. */
  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return "sink " + JsonText.quote(name) + " of room " + JsonText.quote(room);
  }
}
