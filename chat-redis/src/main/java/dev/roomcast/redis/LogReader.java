package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.Retention;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads logs, on the link that also brings what is announced: an answer comes after everything that
 * was announced before the log was read.
 *
 * <p>Redis cuts a subscriber off that does not read its output fast enough, so only some reads are
 * on their way at a time; the others wait here, in order. Guarded by "this". Thread-safe.
 */
final class LogReader {

  private static final int ON_THEIR_WAY = 16;
  private static final int MAX_WAITING = 100_000;

  /** Bytes of publications in one answer: what is more is a matter of another read. */
  private static final int PAGE_BYTES = 1 << 20;

  /** No log is longer, and numbers of scripts are exact up to here. */
  private static final long MOST_OFFSET = 1L << 52;

  private final RedisLink link;
  private final Keys keys;
  private final Epochs epochs;
  private final Retention retention;
  private final ArrayDeque<Read> waiting = new ArrayDeque<>();
  private int onTheirWay;
  private boolean pumping;

  LogReader(RedisLink link, Keys keys, Epochs epochs, Retention retention) {
    this.link = link;
    this.keys = keys;
    this.epochs = epochs;
    this.retention = retention;
  }

  /** A read; {@code before} is sent directly before it, and has to succeed too. */
  private record Read(
      String room,
      HistoryQuery query,
      boolean create,
      Supplier<CompletableFuture<@Nullable Object>> before,
      CompletableFuture<History> result) {}

  CompletableFuture<History> read(String room, HistoryQuery query) {
    return read(room, query, false, () -> CompletableFuture.completedFuture(null));
  }

  /**
   * Reads a log after something else.
   *
   * @param create whether a room without a log gets one
   * @param before sends a command on the same link, directly before the read
   */
  CompletableFuture<History> read(
      String room,
      HistoryQuery query,
      boolean create,
      Supplier<CompletableFuture<@Nullable Object>> before) {
    Read read = new Read(room, query, create, before, new CompletableFuture<>());
    synchronized (this) {
      if (waiting.size() >= MAX_WAITING) {
        read.result()
            .completeExceptionally(
                new ChatException(ErrorCode.UNAVAILABLE, "too many reads wait for the store"));
        return read.result();
      }
      waiting.add(read);
    }
    pump();
    return read.result();
  }

  /** How many reads wait or are on their way. */
  synchronized int size() {
    return waiting.size() + onTheirWay;
  }

  private void pump() {
    while (true) {
      Read next;
      synchronized (this) {
        if (pumping) {
          return; // whoever pumps sees what is new; and what fails at once does not nest
        }
        next = onTheirWay < ON_THEIR_WAY ? waiting.poll() : null;
        if (next == null) {
          return;
        }
        onTheirWay++;
        pumping = true;
      }
      send(next).whenComplete((history, failure) -> answered(next, history, failure));
      synchronized (this) {
        pumping = false;
      }
    }
  }

  private void answered(Read read, @Nullable History history, @Nullable Throwable failure) {
    synchronized (this) {
      onTheirWay--;
    }
    if (history != null) {
      read.result().complete(history);
    } else {
      read.result().completeExceptionally(ChatException.of(Objects.requireNonNull(failure)));
    }
    pump();
  }

  private CompletableFuture<History> send(Read read) {
    CompletableFuture<@Nullable Object> before = read.before().get();
    HistoryQuery query = read.query();
    String kind = "newest";
    Position position = Position.NONE;
    if (query instanceof HistoryQuery.Since since) {
      kind = "since";
      position = since.position();
    } else if (query instanceof HistoryQuery.After after) {
      kind = "after";
      position = new Position("", Math.max(0, after.offset()));
    } else if (query instanceof HistoryQuery.Before earlier) {
      kind = "before";
      position = new Position("", Math.max(0, earlier.offset()));
    }
    return link.eval(
            Script.HISTORY,
            List.of(keys.log(read.room()), keys.meta(read.room())),
            Script.RUN,
            epochs.next(),
            read.create() ? 1 : 0,
            kind,
            position.epoch(),
            Math.min(position.offset(), MOST_OFFSET),
            query.limit(),
            PAGE_BYTES,
            retention.age().toMillis())
        .thenCombine(before, (answer, done) -> history(read.room(), answer));
  }

  /** See history.lua for the form of the answer. */
  private static History history(String room, @Nullable Object answer) {
    List<?> parts = Replies.list(answer);
    Position top = new Position(Replies.text(parts.get(0)), Replies.number(parts.get(1)));
    long first = Replies.number(parts.get(3));
    List<Publication> publications = new ArrayList<>(parts.size() - 5);
    for (int i = 5; i < parts.size(); i++) {
      byte[] entry = (byte[]) parts.get(i);
      publications.add(Announcement.entry(room, top.at(first + i - 5), entry, 0, entry.length));
    }
    boolean more = Replies.text(parts.get(4)).equals("1");
    return new History(top, Replies.number(parts.get(2)), publications, more);
  }
}
