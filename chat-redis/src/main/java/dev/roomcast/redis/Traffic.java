package dev.roomcast.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.args.Rawable;

/**
 * What is on its way to a server: commands that wait to be written, and those without an answer.
 * Bounded. Guarded by the lock of its link.
 */
final class Traffic {

  private static final long MAX_BYTES = 64L << 20;
  private static final int MAX_COMMANDS = 100_000;

  private final ArrayDeque<Request> queued = new ArrayDeque<>();
  private final ArrayDeque<Request> unanswered = new ArrayDeque<>();
  private long bytes;

  /** How the server answers. */
  enum Answer {
    /** With a reply or an error. */
    REPLY,
    /** With a reply or an error; a reply counts only when enough replicas have what was written. */
    REPLICATED,
    /** With how many replicas have what was written. */
    REPLICAS,
    /** With a push or an error. */
    PUSH,
    /**
     * With an error, or with a push that cannot be told from one that nobody asked for: what is
     * answered after it tells that it was. Nothing that can end with an error may follow directly.
     */
    UNSURE
  }

  /** A command on its way. Immutable but for its future. */
  record Request(
      CommandArguments command,
      int bytes,
      Answer kind,
      long since,
      CompletableFuture<@Nullable Object> answer) {

    static Request of(CommandArguments command, Answer kind) {
      int size = 0;
      for (Rawable argument : command) {
        size += argument.getRaw().length + 16;
      }
      return new Request(command, size, kind, System.nanoTime(), new CompletableFuture<>());
    }
  }

  boolean hasRoom(int more) {
    return bytes + more <= MAX_BYTES && queued.size() + unanswered.size() < MAX_COMMANDS;
  }

  void add(Request request) {
    bytes += request.bytes();
    queued.add(request);
  }

  /** Adds one that is written right after those of {@link #next}. */
  void addWritten(Request request) {
    bytes += request.bytes();
    unanswered.add(request);
  }

  boolean isQueueEmpty() {
    return queued.isEmpty();
  }

  /**
   * Moves some to the unanswered, before they are written: the answer must find them there.
   *
   * @param mostBytes from which on no more are taken
   */
  List<Request> next(int most, int mostBytes) {
    List<Request> round = new ArrayList<>();
    int size = 0;
    Request request;
    while (round.size() < most && size < mostBytes && (request = queued.poll()) != null) {
      round.add(request);
      unanswered.add(request);
      size += request.bytes();
    }
    return round;
  }

  /** Takes the one that an error answers; null when there is none. */
  @Nullable Request refused() {
    return taken(unanswered.poll());
  }

  /** Takes the one that a reply answers; null when there is none. */
  @Nullable Request answered() {
    Request request = taken(unanswered.poll());
    while (request != null && request.kind() == Answer.UNSURE) {
      request.answer().complete(null);
      request = taken(unanswered.poll());
    }
    return request;
  }

  /** Takes the one that a push answers; null when it answers none. */
  @Nullable Request pushed() {
    Request next = unanswered.peek();
    return next != null && next.kind() == Answer.PUSH ? taken(unanswered.poll()) : null;
  }

  private @Nullable Request taken(@Nullable Request request) {
    bytes -= request == null ? 0 : request.bytes();
    return request;
  }

  /** Takes all. */
  List<Request> clear() {
    List<Request> all = new ArrayList<>(unanswered);
    all.addAll(queued);
    unanswered.clear();
    queued.clear();
    bytes = 0;
    return all;
  }
}
