package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * What this node listens to at one master of a cluster. A channel that the master does not have any
 * more is subscribed to where it is by now, see {@link ClusterSubscriptions}; whatever was deaf for
 * a while is told so when it hears again.
 *
 * <p>{@code wanted} is guarded by itself, together with the order in which its changes are sent;
 * {@code again} and what follows it by "this". Thread-safe.
 */
final class ShardSubscriptions implements RedisLink.Listener {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int WINDOW = 64;
  private static final long RETRY_MS = 20;

  private final Address master;
  private final ClusterMembers members;
  private final BackendListener listener;
  private final ScheduledExecutorService timer;
  private final RedisLink link;
  private final LogReader reader;
  private final Canary canary;
  private final long opened = System.nanoTime();
  private final Map<String, Hearer> wanted = new HashMap<>();
  private volatile @Nullable String canaryChannel;
  private Iterator<String> again = List.<String>of().iterator();
  private int onTheirWay;
  private int connections;

  /** Who listens to a channel. Its methods must not block. */
  interface Hearer {
    void heard(byte[] payload);

    /** Nothing is heard from now on. */
    default void deaf() {}

    /** It is subscribed to, after it was not or for the first time. */
    default void again() {}
  }

  private final class CanaryHearer implements Hearer {
    private final String channel;

    CanaryHearer(String channel) {
      this.channel = channel;
    }

    @Override
    public void heard(byte[] payload) {
      canary.heard(payload);
    }

    @Override
    public void again() {
      canary.subscribed(channel);
    }
  }

  ShardSubscriptions(
      Address master, String name, ClusterMembers members, Commands commands, NodeContext context) {
    RedisOptions options = context.options();
    this.master = master;
    this.members = members;
    this.listener = context.listener();
    this.timer = context.timer();
    this.link =
        new RedisLink(new RedisConnection.Purpose(name, true, 0), options, () -> master, this);
    this.reader = new LogReader(link, context.keys(), context.epochs(), context.retention());
    this.canary = new Canary(link, commands, options.timeout(), timer);
  }

  RedisLink link() {
    return link;
  }

  /** Whether it has not been up for long enough to say that it is down. */
  boolean isFresh(Duration patience) {
    return System.nanoTime() - opened < patience.toNanos();
  }

  CompletableFuture<History> read(String room, HistoryQuery query) {
    return reader.read(room, query);
  }

  /** Subscribes to the channel of a room that is wanted here, and reads its log right after it. */
  CompletableFuture<History> read(String room, String channel, HistoryQuery query) {
    return reader.read(room, query, true, () -> sendSubscribe(channel));
  }

  /** Listens to a channel; it is subscribed to by {@link #read} or {@link #subscribe}. */
  void want(String channel, Hearer hearer) {
    synchronized (wanted) {
      wanted.put(channel, hearer);
    }
  }

  void forget(String channel) {
    synchronized (wanted) {
      if (wanted.remove(channel) != null && link.isUp()) {
        link.unsubscribe(channel);
      }
    }
  }

  private @Nullable Hearer hearer(String channel) {
    synchronized (wanted) {
      return wanted.get(channel);
    }
  }

  private CompletableFuture<@Nullable Object> sendSubscribe(String channel) {
    synchronized (wanted) {
      return wanted.containsKey(channel)
          ? link.subscribe(channel)
          : CompletableFuture.failedFuture(
              new ChatException(ErrorCode.UNAVAILABLE, "unsubscribed before it was subscribed"));
    }
  }

  /** Subscribes to a channel that is wanted here, until it is or the link is lost. */
  void subscribe(String channel) {
    if (link.isUp()) {
      sendSubscribe(channel).whenComplete((done, failure) -> subscribed(channel, failure));
    }
  }

  private void subscribed(String channel, @Nullable Throwable failure) {
    Hearer hearer = hearer(channel);
    if (hearer == null) {
      return;
    }
    if (failure == null) {
      hearer.again();
    } else if (ChatException.of(failure).getCause() instanceof JedisMovedDataException moved) {
      later(() -> members.moved(moved.getSlot(), target(moved)));
      subscribeLater(channel); // if it is still wanted here, this master has it by then
    } else if (Refusals.isOfSlot(failure)) {
      members.look();
      subscribeLater(channel);
    } else if (link.isUp()) {
      // It must not stay deaf: everything from the start, on another connection.
      log.warn(
          "{}: a channel could not be subscribed to: {}. So that it does not stay deaf, the"
              + " connection is replaced; members get what they missed after that. If this repeats,"
              + " look at the server's log",
          master,
          Refusals.describe(failure));
      link.replaceConnection();
    }
  }

  /** On another thread, which holds no lock. */
  private void later(Runnable task) {
    if (!timer.isShutdown()) {
      timer.execute(task);
    }
  }

  private void subscribeLater(String channel) {
    if (!timer.isShutdown()) {
      timer.schedule(() -> subscribe(channel), RETRY_MS, TimeUnit.MILLISECONDS);
    }
  }

  Address target(JedisMovedDataException moved) {
    return ClusterCommands.target(moved, master);
  }

  /** Sends a canary; null when this master has no slot for its channel. */
  @Nullable CompletableFuture<Duration> probe() {
    String channel = canaryChannel;
    return channel == null ? null : canary.probe(channel);
  }

  /** Has the canary's channel in a slot that the master has. */
  void placeCanary(ClusterMap map, String name) {
    String before = canaryChannel;
    if (before != null && master.equals(map.owner(before))) {
      return;
    }
    if (before != null) {
      forget(before);
    }
    String channel = map.nameAt(master, name);
    canaryChannel = channel;
    if (channel != null) {
      want(channel, new CanaryHearer(channel));
      subscribe(channel);
    }
  }

  @Override
  public void onUp() {
    listener.onConnection(true);
    synchronized (this) {
      connections++;
      onTheirWay = 0;
      synchronized (wanted) {
        again = List.copyOf(wanted.keySet()).iterator();
      }
    }
    subscribeAgain();
  }

  /** Some at a time: Redis cuts off who does not read fast enough. */
  private void subscribeAgain() {
    while (true) {
      String channel;
      int connection;
      synchronized (this) {
        if (onTheirWay >= WINDOW || reader.size() >= WINDOW * 4 || !again.hasNext()) {
          return;
        }
        channel = again.next();
        connection = connections;
        onTheirWay++;
      }
      sendSubscribe(channel)
          .whenComplete((done, failure) -> subscribedAgain(connection, channel, failure));
    }
  }

  private void subscribedAgain(int connection, String channel, @Nullable Throwable failure) {
    synchronized (this) {
      if (connection != connections) {
        return; // the connection was lost again; the next one has begun from the start
      }
      onTheirWay--;
    }
    subscribed(channel, failure);
    if (failure == null || link.isUp()) {
      subscribeAgain();
    }
  }

  @Override
  public void onDown() {
    listener.onConnection(false);
    members.look();
    List<Hearer> all;
    synchronized (wanted) {
      all = List.copyOf(wanted.values());
    }
    all.forEach(Hearer::deaf);
  }

  @Override
  public void onRoundTrip(long nanos) {
    listener.onRoundTrip(nanos);
  }

  @Override
  public void onMessage(byte[] channel, byte[] payload) {
    Hearer hearer = hearer(new String(channel, StandardCharsets.UTF_8));
    if (hearer != null) {
      hearer.heard(payload);
    }
    subscribeAgain();
  }

  /** The slot is another master's by now; who that is, this one tells. */
  @Override
  public void onUnsubscribed(byte[] channel) {
    String name = new String(channel, StandardCharsets.UTF_8);
    Hearer hearer = hearer(name);
    if (hearer != null) {
      hearer.deaf();
      subscribe(name);
    }
  }
}
