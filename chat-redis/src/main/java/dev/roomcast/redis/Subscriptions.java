package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Retention;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node listens to: the rooms that were asked for, control messages, and its own canary.
 *
 * <p>The reading thread of the subscriber link is the delivery thread of the backend; everything
 * that the {@link BackendListener} hears, it hears here. After a loss of the link all rooms are
 * subscribed to again, some at a time, and each is told to have a gap as soon as it is.
 *
 * <p>{@code wanted} is guarded by itself, together with the order in which its changes are sent;
 * {@code again} and what follows it are confined to the delivery thread. Thread-safe.
 */
final class Subscriptions implements RedisLink.Listener, Listening {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int WINDOW = 64;

  private final Keys keys;
  private final BackendListener listener;
  private final RedisLink link;
  private final LogReader reader;
  private final String controlChannel;
  private final String canaryChannel;
  private final String inboxChannel;
  private final Duration timeout;
  private final Map<String, Wanted> wanted = new HashMap<>();
  private final Map<String, String> roomsByChannel = new ConcurrentHashMap<>();
  private final Deliveries deliveries;
  private final Canary canary;
  private Iterator<String> again = List.<String>of().iterator();
  private int onTheirWay;
  private int connections;

  /** A room that is listened to; its identity tells one wish from a later one. */
  private static final class Wanted {}

  Subscriptions(
      String node,
      String name,
      RedisOptions options,
      Endpoint endpoint,
      Keys keys,
      Epochs epochs,
      Retention retention,
      Commands commands,
      ScheduledExecutorService timer,
      BackendListener listener) {
    this.keys = keys;
    this.listener = listener;
    this.controlChannel = keys.control();
    this.canaryChannel = keys.canary(node);
    this.inboxChannel = keys.inbox(node);
    this.timeout = options.timeout();
    this.link = new RedisLink(new RedisConnection.Purpose(name, true, 0), options, endpoint, this);
    this.reader = new LogReader(link, keys, epochs, retention);
    this.canary = new Canary(link, commands, timeout, timer);
    this.deliveries = new Deliveries(listener);
  }

  RedisLink link() {
    return link;
  }

  @Override
  public CompletableFuture<History> history(String room, HistoryQuery query) {
    return reader.read(room, query);
  }

  @Override
  public CompletableFuture<Duration> probe() {
    return canary.probe(canaryChannel);
  }

  @Override
  public CompletableFuture<History> subscribe(String room, HistoryQuery query) {
    Wanted mine = new Wanted();
    Wanted wish;
    boolean fresh;
    synchronized (wanted) {
      Wanted before = wanted.putIfAbsent(room, mine);
      fresh = before == null;
      wish = before == null ? mine : before;
      roomsByChannel.put(keys.channel(room), room);
    }
    CompletableFuture<History> history =
        reader.read(room, query, true, () -> sendSubscribe(room, wish));
    return history.whenComplete(
        (done, failure) -> {
          if (failure != null && fresh) {
            remove(room, mine);
          }
        });
  }

  private CompletableFuture<@Nullable Object> sendSubscribe(String room, Wanted wish) {
    synchronized (wanted) {
      return wanted.get(room) == wish
          ? link.subscribe(keys.channel(room))
          : CompletableFuture.failedFuture(
              new ChatException(ErrorCode.UNAVAILABLE, "unsubscribed before it was subscribed"));
    }
  }

  @Override
  public void unsubscribe(String room) {
    remove(room, null);
  }

  private void remove(String room, @Nullable Wanted only) {
    synchronized (wanted) {
      boolean removed = only == null ? wanted.remove(room) != null : wanted.remove(room, only);
      if (removed) {
        roomsByChannel.remove(keys.channel(room));
        if (link.isUp()) {
          link.unsubscribe(keys.channel(room));
        }
      }
    }
  }

  @Override
  public List<String> rooms() {
    synchronized (wanted) {
      return List.copyOf(wanted.keySet());
    }
  }

  @Override
  public void onUp() {
    listener.onConnection(true);
    link.subscribe(controlChannel).whenComplete(this::complain);
    link.subscribe(canaryChannel).thenRun(() -> canary.subscribed(canaryChannel));
    subscribeToInbox();
    connections++;
    onTheirWay = 0;
    again = rooms().iterator();
    subscribeAgain();
  }

  /** Nothing else says so when no channel can be subscribed to. */
  private void complain(@Nullable Object done, @Nullable Throwable failure) {
    if (failure != null && link.isUp()) {
      log.warn(
          "channels cannot be subscribed to: {}; {}. Until they can, nothing arrives at this node's"
              + " clients",
          Refusals.describe(failure),
          Refusals.advice(failure));
    }
  }

  @Override
  public void onDown() {
    listener.onConnection(false);
  }

  @Override
  public void onRoundTrip(long nanos) {
    listener.onRoundTrip(nanos);
  }

  /**
   * What was for users here is not announced again: they are looked after when it is heard again.
   */
  private void subscribeToInbox() {
    boolean first = connections == 0;
    Duration away =
        first ? Duration.ZERO : Duration.ofNanos(Math.max(0, System.nanoTime() - link.downSince()));
    link.subscribe(inboxChannel)
        .whenComplete(
            (done, failure) -> {
              if (failure == null && !first) {
                // A connection is found dead only some time after it has died.
                deliveries.guarded(() -> listener.onDirectGap(away.plus(timeout.multipliedBy(2))));
              }
            });
  }

  private void subscribeAgain() {
    int connection = connections;
    while (onTheirWay < WINDOW && reader.size() < WINDOW * 4 && again.hasNext()) {
      String room = again.next();
      Wanted wish;
      synchronized (wanted) {
        wish = wanted.get(room);
      }
      if (wish == null) {
        continue;
      }
      onTheirWay++;
      sendSubscribe(room, wish)
          .whenComplete((done, failure) -> subscribedAgain(connection, room, failure));
    }
  }

  private void subscribedAgain(int connection, String room, @Nullable Throwable failure) {
    if (connection != connections) {
      return; // the connection was lost again; the next one has begun from the start
    }
    onTheirWay--;
    if (failure != null) {
      // A room must not stay deaf: everything from the start, on another connection.
      log.warn(
          "a room could not be subscribed to again: {}. So that it does not stay deaf, the"
              + " connection is replaced; members get what they missed after that. If this repeats,"
              + " look at the server's log",
          Refusals.describe(failure));
      again = List.<String>of().iterator();
      link.replaceConnection();
      return;
    }
    deliveries.guarded(() -> listener.onGap(room));
    subscribeAgain();
  }

  @Override
  public void onMessage(byte[] channel, byte[] payload) {
    String name = new String(channel, StandardCharsets.UTF_8);
    String room = roomsByChannel.get(name);
    if (room != null) {
      deliveries.deliver(room, payload);
    } else if (name.equals(inboxChannel)) {
      deliveries.deliver("", payload);
    } else if (name.equals(controlChannel)) {
      deliveries.control(payload);
    } else if (name.equals(canaryChannel)) {
      canary.heard(payload);
    }
    if (again.hasNext()) {
      subscribeAgain();
    }
  }
}
