package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.redis.Traffic.Request;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.args.RawableFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * A lasting way to Redis: one connection at a time, used in both directions at once, and replaced
 * when it is lost.
 *
 * <p><b>Threads.</b> Any thread may {@link #call}; it writes what goes without waiting, the rest is
 * left to a thread that waits, so that a server that does not read blocks nobody else. One thread
 * connects and reads; it completes the answers, in the order of the commands, and calls the
 * listener.
 *
 * <p><b>Loss.</b> A connection that is silent for the timeout is lost: a PING goes out well before
 * that. Then everything unanswered ends with {@code unavailable}, and so does every call until
 * there is a new connection, which is attempted with growing, random pauses.
 *
 * <p>Mutable state is guarded by {@code lock}, which is never held during I/O. Thread-safe.
 */
final class RedisLink implements Commands, AutoCloseable {

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

    /** A shard does not have a channel any more that is subscribed to. */
    default void onUnsubscribed(byte[] channel) {}
  }

  static final String UNREACHABLE = "the store cannot be reached";

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final long LASTED = 1_000_000_000L;
  private static final long MIN_PAUSE_MS = 20;
  private static final long MAX_PAUSE_MS = 2_000;

  private final RedisConnection.Purpose purpose;
  private final String name;
  private final RedisOptions options;
  private final Endpoint endpoint;
  private final Listener listener;
  private final Thread reader;
  private final Traffic.Answer reply;
  private final Rawable run = new CurrentRun();
  private final Troubles troubles = new Troubles();
  private final Object lock = new Object();
  private boolean closed;
  private volatile @Nullable Exchange exchange;
  private volatile long downSince;

  /** Stands for the run id of the server that the command goes to. */
  private final class CurrentRun implements Rawable {
    @Override
    public byte[] getRaw() {
      RedisConnection current = connection();
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
    this.reply = purpose.replicas() > 0 ? Traffic.Answer.REPLICATED : Traffic.Answer.REPLY;
    this.downSince = System.nanoTime() - Long.MAX_VALUE / 2;
    this.reader = new Thread(this::run, name);
    reader.setDaemon(true);
  }

  void start() {
    reader.start();
  }

  /** Sends a command, whatever it is about. */
  CompletableFuture<@Nullable Object> call(CommandArguments command) {
    return send(null, Request.of(command, reply), null);
  }

  /** Sends a command about a slot that is being moved to this server. */
  CompletableFuture<@Nullable Object> callAsking(CommandArguments command) {
    CommandArguments asking = new CommandArguments(Command.ASKING);
    return send(Request.of(asking, Traffic.Answer.REPLY), Request.of(command, reply), null);
  }

  @Override
  public CompletableFuture<@Nullable Object> call(String key, CommandArguments command) {
    return call(command);
  }

  @Override
  public CompletableFuture<@Nullable Object> announce(String channel, byte[] payload) {
    return call(new CommandArguments(Command.PUBLISH).add(channel).add(payload));
  }

  /** Subscribes to a channel; completes when the server has done it. */
  CompletableFuture<@Nullable Object> subscribe(String channel) {
    Command command = options.isCluster() ? Command.SSUBSCRIBE : Command.SUBSCRIBE;
    CommandArguments subscribe = new CommandArguments(command).add(channel);
    return send(null, Request.of(subscribe, Traffic.Answer.PUSH), null);
  }

  void unsubscribe(String channel) {
    if (options.isCluster()) {
      CommandArguments unsubscribe = new CommandArguments(Command.SUNSUBSCRIBE).add(channel);
      Request ping = Request.of(new CommandArguments(Command.PING), Traffic.Answer.REPLY);
      send(null, Request.of(unsubscribe, Traffic.Answer.UNSURE), ping);
    } else {
      CommandArguments unsubscribe = new CommandArguments(Command.UNSUBSCRIBE).add(channel);
      send(null, Request.of(unsubscribe, Traffic.Answer.PUSH), null);
    }
  }

  @Override
  public CompletableFuture<@Nullable Object> eval(
      Script script, List<String> keys, Object... values) {
    return eval(script, this::call, keys, values);
  }

  /** Runs a script about a slot that is being moved to this server. */
  CompletableFuture<@Nullable Object> evalAsking(
      Script script, List<String> keys, Object... values) {
    return eval(script, this::callAsking, keys, values);
  }

  private CompletableFuture<@Nullable Object> eval(
      Script script,
      Function<CommandArguments, CompletableFuture<@Nullable Object>> send,
      List<String> keys,
      Object... values) {
    Script.Text text = script.text(options.isCluster());
    return send.apply(Script.command(text, true, run, keys, values))
        .handle(
            (answer, failure) ->
                failure != null && Refusals.isUnknownScript(failure)
                    ? send.apply(Script.command(text, false, run, keys, values))
                    : failure != null
                        ? CompletableFuture.<@Nullable Object>failedFuture(failure)
                        : CompletableFuture.completedFuture(answer))
        .thenCompose(answer -> answer);
  }

  private CompletableFuture<@Nullable Object> send(
      @Nullable Request before, Request request, @Nullable Request after) {
    Exchange current = exchange;
    String refusal = current == null ? UNREACHABLE : current.send(before, request, after);
    if (refusal != null) {
      request.answer().completeExceptionally(new ChatException(ErrorCode.UNAVAILABLE, refusal));
    }
    return request.answer();
  }

  @Override
  public void inOneGo(Runnable calls) {
    Exchange current = exchange;
    if (current == null) {
      calls.run();
    } else {
      current.inOneGo(calls);
    }
  }

  boolean isUp() {
    return exchange != null;
  }

  @Override
  public boolean isUp(String key) {
    return isUp();
  }

  @Override
  public long downSince(String key) {
    return downSince;
  }

  /** The present connection. */
  @Nullable RedisConnection connection() {
    Exchange current = exchange;
    return current == null ? null : current.connection();
  }

  /** Since when there is no connection, by {@link System#nanoTime}; of meaning only while down. */
  long downSince() {
    return downSince;
  }

  /** Makes sure that a silent server is told from a dead one; called every third of the timeout. */
  void ping() {
    if (isUp()) {
      send(null, Request.of(new CommandArguments(Command.PING), Traffic.Answer.REPLY), null);
    }
  }

  /** Gives the present connection up when it is to another server than this one. */
  void moveTo(Address server) {
    RedisConnection current = connection();
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
    RedisConnection current = connection();
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
      } catch (RuntimeException | Error e) {
        // Whatever it is: a node whose link has no thread would be deaf for ever.
        if (isUp() && System.nanoTime() - upSince > LASTED) {
          attempt = 0; // one that was of no use at all does not count as a success
        }
        if (e instanceof Error) {
          log.error("{}: a fault, which costs the connection; report it", name, e);
        }
        lost(e, attempt);
      }
      pause(attempt++);
    }
    lost(new JedisConnectionException("closed"), 1);
  }

  private void use(RedisConnection fresh) {
    Replicas replicas =
        purpose.replicas() > 0 ? new Replicas(purpose.replicas(), options.replicasTimeout()) : null;
    Exchange mine = new Exchange(fresh, listener, name, options.isCluster(), replicas);
    synchronized (lock) {
      if (closed) {
        return;
      }
      exchange = mine;
    }
    mine.startWriting();
    listener.onUp();
    mine.read();
  }

  private void lost(Throwable cause, int attempt) {
    Exchange mine = exchange;
    List<Request> unanswered = List.of();
    if (mine != null) {
      downSince = System.nanoTime();
      exchange = null;
      unanswered = mine.end();
      listener.onDown();
    }
    if (isClosed() || !troubles.tell(name, options, cause, attempt == 0)) {
      log.debug("{}: no connection to {}", name, options, cause);
    }
    ChatException failure =
        new ChatException(ErrorCode.UNAVAILABLE, "the connection to the store was lost", cause);
    Exchange.fail(unanswered, failure);
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

  /** Ends the link without waiting for it. */
  void end() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    replaceConnection();
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
    end();
    if (Thread.currentThread() != reader) {
      try {
        reader.join(1_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
