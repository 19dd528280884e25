package dev.roomcast.redis;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.Broker;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.Retention;
import dev.roomcast.chat.RoomManager;
import dev.roomcast.chat.StateStore;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A backend on one Redis server, the master of some Sentinels, or a Redis Cluster, which many nodes
 * share: one of these per node.
 *
 * <p>It has two connections to a server: one for commands, one on which everything that is
 * announced comes in, and a third to log on where replicas are waited for; in a cluster to each
 * master that it needs. They come back by themselves when they are lost; while there is none, every
 * operation on that server ends with {@code unavailable}. Thread-safe.
 */
public final class RedisBackend implements Backend {

  private static final long TIDY_SECONDS = 10;
  private static final long TOUCH_PAUSE_MS = 20;

  private final RedisOptions options;
  private @Nullable Parts parts;
  private boolean closed;

  /** What there is once the backend was started. */
  private record Parts(
      ScheduledExecutorService timer,
      Ways ways,
      Publisher publisher,
      Broker broker,
      RedisRooms rooms,
      StateStore state) {}

  private RedisBackend(RedisOptions options) {
    this.options = options;
  }

  /**
   * Returns a backend for one node on the server that {@code options} name. It connects when the
   * node starts it, in the background: a server that cannot be reached is no error here.
   */
  public static RedisBackend connect(RedisOptions options) {
    return new RedisBackend(Objects.requireNonNull(options, "options"));
  }

  @Override
  public synchronized void start(String node, Limits limits, BackendListener listener) {
    if (parts != null || closed) {
      throw new IllegalStateException("started before");
    }
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "roomcast-redis-timer-" + node);
              thread.setDaemon(true);
              return thread;
            });
    Keys keys = new Keys(options.namespace(), options.isCluster());
    Epochs epochs = new Epochs();
    Retention retention = limits.retention();
    NodeContext context = new NodeContext(node, options, keys, epochs, retention, timer, listener);
    Ways ways = options.isCluster() ? new ClusterServers(context) : new OneServer(context);
    Commands commands = ways.commands();
    RoomIndex index = ways.index();
    Publisher publisher = new Publisher(context, ways.logging(), index, ways.telling());
    Unreads unreads = new Unreads(commands, keys, epochs, retention);
    parts =
        new Parts(
            timer,
            ways,
            publisher,
            new RedisBroker(
                commands, ways.listening(), publisher, unreads, keys, epochs, ways.telling()),
            new RedisRooms(node, commands, index, keys, retention, epochs),
            new RedisState(node, commands, keys, ways.sessions(), ways.losses()));
    ways.start(publisher::onUp);
    schedule(parts, retention);
  }

  private void schedule(Parts running, Retention retention) {
    long ping = Math.max(20, options.timeout().toMillis() / 3);
    running.timer().scheduleWithFixedDelay(running.ways()::ping, ping, ping, TimeUnit.MILLISECONDS);
    running
        .timer()
        .scheduleWithFixedDelay(
            () -> {
              running.rooms().tidy();
              running.ways().tidy();
            },
            TIDY_SECONDS,
            TIDY_SECONDS,
            TimeUnit.SECONDS);
    // A room's epoch lives twice as long as its log without being used, and an hour at least.
    long touch = Math.max(TimeUnit.MINUTES.toMillis(15), retention.age().toMillis() / 2);
    running
        .timer()
        .scheduleWithFixedDelay(
            () -> touch(running, running.ways().listening().rooms().iterator()),
            touch,
            touch,
            TimeUnit.MILLISECONDS);
  }

  /**
   * Keeps the epochs of rooms that are listened to, though nothing may be said in them for long.
   */
  private static void touch(Parts running, Iterator<String> rooms) {
    for (int i = 0; i < 100 && rooms.hasNext(); i++) {
      running.broker().history(rooms.next(), HistoryQuery.position());
    }
    if (rooms.hasNext()) {
      running.timer().schedule(() -> touch(running, rooms), TOUCH_PAUSE_MS, TimeUnit.MILLISECONDS);
    }
  }

  private synchronized Parts started() {
    if (parts == null) {
      throw new IllegalStateException("not started: a ChatNode starts its backend");
    }
    return parts;
  }

  @Override
  public Broker broker() {
    return started().broker();
  }

  @Override
  public RoomManager rooms() {
    return started().rooms();
  }

  @Override
  public StateStore state() {
    return started().state();
  }

  @Override
  public void whileReading(Runnable read) {
    started().publisher().whileReading(read);
  }

  @Override
  public String description() {
    return options + " (" + options.namespace() + ")";
  }

  @Override
  public void close() {
    Parts running;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      running = parts;
    }
    if (running != null) {
      running.timer().shutdownNow();
      running.ways().close();
      running.publisher().close();
    }
  }
}
