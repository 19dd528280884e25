package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.args.RawableFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A lasting way to Redis: one connection at a time, used in both directions at once, and replaced
 * when it is lost.
 *
 * <p><b>Threads.</b> Any thread may {@link #call}; it only queues. One thread writes what is
 * queued, everything that gathered in one go, so that a server that does not read blocks nobody
 * else. One thread connects and reads; it completes the answers, in the order of the commands, and
 * calls the listener.
 *
 * <p><b>Loss.</b> A connection that is silent for the timeout is lost: a PING goes out well before
 * that. Then everything unanswered ends with {@code unavailable}, and so does every call until
 * there is a new connection, which is attempted with growing, random pauses.
 *
 * <p>Mutable state is guarded by {@code lock}, which is never held during I/O. Thread-safe.
 */
final class RedisLink implements AutoCloseable {

  /** What a link tells; called on its reading thread, must not block. */
  interface Listener {
    /** There is a new connection. */
    void onUp();

    /** The connection was lost, or closed. */
    default void onDown() {}

    /** The server answered a command after so many nanoseconds. */
    default void onRoundTrip(long nanos) {}

    /** Something was published to a channel that is subscribed to. */
    void onMessage(byte[] channel, byte[] payload);
  }

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final long MAX_BYTES = 64L << 20;
  private static final int MAX_COMMANDS = 100_000;
  private static final int ROUND = 1_024;
  private static final long LASTED = 1_000_000_000L;
  private static final long MIN_PAUSE_MS = 20;
  private static final long MAX_PAUSE_MS = 2_000;

  private final RedisConnection.Purpose purpose;
  private final String name;
  private final RedisOptions options;
  private final Endpoint endpoint;
  private final Listener listener;
  private final Thread reader;
  private final Rawable run = new CurrentRun();
  private final Troubles troubles = new Troubles();
  private final Object lock = new Object();
  private final ArrayDeque<Request> queued = new ArrayDeque<>();
  private final ArrayDeque<Request> unanswered = new ArrayDeque<>();
  private long bytes;
  private boolean writerWaits;
  private boolean closed;
  private volatile @Nullable RedisConnection connection;
  private volatile long downSince;

  /** A command on its way. Immutable but for its future. */
  private record Request(
      CommandArguments command,
      int bytes,
      boolean answeredByPush,
      long since,
      CompletableFuture<@Nullable Object> answer) {}

  /** Stands for the run id of the server that the command goes to. */
  private final class CurrentRun implements Rawable {
    @Override
    public byte[] getRaw() {
      RedisConnection current = connection;
      return RawableFactory.from(current == null ? "" : current.run()).getRaw();
    }
  }

  /**
   * Creates a link that does nothing until it is started.
   *
   * @param purpose its name is that of its threads, and of its connections in the server's list
   */
  RedisLink(
      RedisConnection.Purpose purpose, RedisOptions options, Endpoint endpoint, Listener listener) {
    this.purpose = purpose;
    this.name = purpose.name();
    this.options = options;
    this.endpoint = endpoint;
    this.listener = listener;
    this.downSince = System.nanoTime() - Long.MAX_VALUE / 2;
    this.reader = new Thread(this::run, name);
    reader.setDaemon(true);
  }

  void start() {
    reader.start();
  }

  /** Sends a command; the answer is Redis's, or {@link ErrorCode#UNAVAILABLE}. */
  CompletableFuture<@Nullable Object> call(CommandArguments command) {
    return send(command, false);
  }

  /** Subscribes to a channel; completes when the server has done it. */
  CompletableFuture<@Nullable Object> subscribe(String channel) {
    return send(new CommandArguments(Command.SUBSCRIBE).add(channel), true);
  }

  CompletableFuture<@Nullable Object> unsubscribe(String channel) {
    return send(new CommandArguments(Command.UNSUBSCRIBE).add(channel), true);
  }

  /** Runs a script, in the order of the calls unless the server has forgotten its scripts. */
  CompletableFuture<@Nullable Object> eval(Script script, List<String> keys, Object... values) {
    return call(script.command(true, keys, values))
        .handle(
            (answer, failure) ->
                failure != null && Refusals.isUnknownScript(failure)
                    ? call(script.command(false, keys, values))
                    : failure != null
                        ? CompletableFuture.<@Nullable Object>failedFuture(failure)
                        : CompletableFuture.completedFuture(answer))
        .thenCompose(answer -> answer);
  }

  /** A script's argument that is the run id of the server that will run it. */
  Rawable runId() {
    return run;
  }

  private CompletableFuture<@Nullable Object> send(CommandArguments command, boolean push) {
    int size = 0;
    for (Rawable argument : command) {
      size += argument.getRaw().length + 16;
    }
    Request request =
        new Request(command, size, push, System.nanoTime(), new CompletableFuture<>());
    String refusal;
    synchronized (lock) {
      if (connection == null) {
        refusal = "the store cannot be reached";
      } else if (bytes + size > MAX_BYTES || queued.size() + unanswered.size() >= MAX_COMMANDS) {
        refusal = "the store is too slow";
      } else {
        bytes += size;
        queued.add(request);
        if (writerWaits) {
          lock.notifyAll();
        }
        return request.answer();
      }
    }
    request.answer().completeExceptionally(new ChatException(ErrorCode.UNAVAILABLE, refusal));
    return request.answer();
  }

  boolean isUp() {
    return connection != null;
  }

  /** The present connection. */
  @Nullable RedisConnection connection() {
    return connection;
  }

  /** Since when there is no connection, by {@link System#nanoTime}; of meaning only while down. */
  long downSince() {
    return downSince;
  }

  /** Makes sure that a silent server is told from a dead one; called every third of the timeout. */
  void ping() {
    if (isUp()) {
      call(new CommandArguments(Command.PING));
    }
  }

  /** Gives the present connection up when it is to another server than this one. */
  void moveTo(Address server) {
    RedisConnection current = connection;
    if (current != null && !current.server().equals(server)) {
      log.warn(
          "{}: the master is {} by now, no longer {}. The connection is replaced; nothing has to be"
              + " done here",
          name,
          server,
          current.server());
      current.close();
    }
  }

  /** Gives the present connection up, for a new one. */
  void replaceConnection() {
    RedisConnection current = connection;
    if (current != null) {
      current.close();
    }
  }

  private void run() {
    int attempt = 0;
    while (!isClosed()) {
      long upSince = System.nanoTime();
      try (RedisConnection fresh = RedisConnection.open(endpoint, options, purpose)) {
        log.info("{}: connected to {} ({})", name, options, fresh.server());
        upSince = System.nanoTime();
        use(fresh);
      } catch (RuntimeException e) {
        if (isUp() && System.nanoTime() - upSince > LASTED) {
          attempt = 0; // one that was of no use at all does not count as a success
        }
        lost(e, attempt);
      }
      pause(attempt++);
    }
    lost(new JedisConnectionException("closed"), 1);
  }

  private void use(RedisConnection fresh) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      connection = fresh;
    }
    Thread writer = new Thread(() -> write(fresh), name + "-writer");
    writer.setDaemon(true);
    writer.start();
    listener.onUp();
    while (true) {
      take(fresh.read());
    }
  }

  private void take(RedisConnection.Incoming incoming) {
    if (incoming instanceof RedisConnection.Incoming.Push push) {
      byte[] kind = (byte[]) push.parts().get(0);
      if (push.parts().size() == 3 && kind.length == "message".length() && kind[0] == 'm') {
        listener.onMessage((byte[]) push.parts().get(1), (byte[]) push.parts().get(2));
      } else if (nextIsAnsweredByPush()) {
        answered().answer().complete(push.parts());
      }
    } else if (incoming instanceof RedisConnection.Incoming.Refusal refusal) {
      JedisDataException error = refusal.error();
      answered().answer().completeExceptionally(Refusals.toChatException(error));
      if (Refusals.isOfServer(error)) {
        throw error; // this server will not do: perhaps the address leads to another one by now
      }
    } else if (incoming instanceof RedisConnection.Incoming.Reply reply) {
      Request request = answered();
      listener.onRoundTrip(System.nanoTime() - request.since());
      request.answer().complete(reply.value());
    }
  }

  private boolean nextIsAnsweredByPush() {
    synchronized (lock) {
      Request next = unanswered.peek();
      return next != null && next.answeredByPush();
    }
  }

  private Request answered() {
    synchronized (lock) {
      Request request = unanswered.poll();
      if (request == null) {
        throw new JedisConnectionException("an answer to nothing");
      }
      bytes -= request.bytes();
      return request;
    }
  }

  private void write(RedisConnection mine) {
    List<Request> round = new ArrayList<>();
    try {
      while (nextRound(mine, round)) {
        for (Request request : round) {
          mine.write(request.command());
        }
        mine.flush();
        round.clear();
      }
    } catch (IOException | JedisException e) {
      log.debug("{}: writing failed", name, e);
      mine.close(); // the reading thread notices and does the rest
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for something to write; false when the connection is another one by now. */
  private boolean nextRound(RedisConnection mine, List<Request> round) throws InterruptedException {
    synchronized (lock) {
      while (queued.isEmpty() && connection == mine) {
        writerWaits = true;
        lock.wait();
      }
      writerWaits = false;
      if (connection != mine) {
        return false;
      }
      Request request;
      while (round.size() < ROUND && (request = queued.poll()) != null) {
        round.add(request);
        // Before it is written: the answer must find it here.
        unanswered.add(request);
      }
      return true;
    }
  }

  private void lost(RuntimeException cause, int attempt) {
    List<Request> failed;
    boolean wasUp;
    synchronized (lock) {
      wasUp = connection != null;
      if (wasUp) {
        downSince = System.nanoTime();
        connection = null;
      }
      failed = new ArrayList<>(unanswered);
      failed.addAll(queued);
      unanswered.clear();
      queued.clear();
      bytes = 0;
      lock.notifyAll();
    }
    if (wasUp) {
      listener.onDown();
    }
    if (isClosed() || !troubles.tell(name, options, cause, attempt == 0)) {
      log.debug("{}: no connection to {}", name, options, cause);
    }
    ChatException failure =
        new ChatException(ErrorCode.UNAVAILABLE, "the connection to the store was lost", cause);
    failed.forEach(request -> request.answer().completeExceptionally(failure));
  }

  private void pause(int attempt) {
    long most = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS << Math.min(attempt, 10));
    long end = System.nanoTime() + (5 + ThreadLocalRandom.current().nextLong(most)) * 1_000_000;
    synchronized (lock) {
      long left;
      while (!closed && (left = (end - System.nanoTime()) / 1_000_000) > 0) {
        try {
          lock.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          closed = true;
        }
      }
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  /**
   * Ends the link; what is unanswered ends with {@code unavailable}. Waits for a second at most.
   */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    replaceConnection();
    if (Thread.currentThread() != reader) {
      try {
        reader.join(1_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
