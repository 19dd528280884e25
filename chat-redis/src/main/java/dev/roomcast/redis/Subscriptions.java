package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Retention;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
final class Subscriptions implements RedisLink.Listener {

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
  private final Map<String, Runnable> canaries = new ConcurrentHashMap<>();
  private Iterator<String> again = List.<String>of().iterator();
  private int onTheirWay;
  private int connections;
  private boolean skipped;

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
      BackendListener listener) {
    this.keys = keys;
    this.listener = listener;
    this.controlChannel = keys.control();
    this.canaryChannel = keys.canary(node);
    this.inboxChannel = keys.inbox(node);
    this.timeout = options.timeout();
    this.link = new RedisLink(new RedisConnection.Purpose(name, true), options, endpoint, this);
    this.reader = new LogReader(link, keys, epochs, retention);
  }

  RedisLink link() {
    return link;
  }

  LogReader reader() {
    return reader;
  }

  /** Subscribes, and reads on the same connection right after it: the answer is the fence. */
  CompletableFuture<History> subscribe(String room, HistoryQuery query) {
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

  void unsubscribe(String room) {
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

  /** The rooms that are listened to. */
  List<String> rooms() {
    synchronized (wanted) {
      return List.copyOf(wanted.keySet());
    }
  }

  /** Has {@code arrived} run when the token comes in on the canary's channel. */
  void expectCanary(String token, Runnable arrived) {
    canaries.put(token, arrived);
  }

  void forgetCanary(String token) {
    canaries.remove(token);
  }

  String canaryChannel() {
    return canaryChannel;
  }

  @Override
  public void onUp() {
    listener.onConnection(true);
    link.subscribe(controlChannel).whenComplete(this::complain);
    link.subscribe(canaryChannel);
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
                guarded(() -> listener.onDirectGap(away.plus(timeout.multipliedBy(2))));
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
    guarded(() -> listener.onGap(room));
    subscribeAgain();
  }

  @Override
  public void onMessage(byte[] channel, byte[] payload) {
    String name = new String(channel, StandardCharsets.UTF_8);
    String room = roomsByChannel.get(name);
    if (room != null) {
      guarded(() -> deliver(room, payload));
    } else if (name.equals(inboxChannel)) {
      guarded(() -> deliver("", payload));
    } else if (name.equals(controlChannel)) {
      guarded(() -> listener.onControl(Json.ofUtf8(payload, 0, payload.length)));
    } else if (name.equals(canaryChannel)) {
      Runnable arrived = canaries.remove(new String(payload, StandardCharsets.UTF_8));
      if (arrived != null) {
        arrived.run();
      }
    }
    if (again.hasNext()) {
      subscribeAgain();
    }
  }

  private void deliver(String room, byte[] payload) {
    Announcement announcement = Announcement.read(room, payload);
    if (announcement instanceof Announcement.Logged logged) {
      listener.onPublications(room, logged.publications());
    } else if (announcement instanceof Announcement.Ephemeral ephemeral) {
      listener.onEphemeral(room, ephemeral.frame());
    } else if (announcement instanceof Announcement.Direct direct) {
      listener.onDirect(direct.room(), direct.publications());
    } else if (announcement instanceof Announcement.Told told) {
      listener.onTold(told.user(), told.frame());
    } else if (announcement instanceof Announcement.Edge edge) {
      listener.onPresence(room, edge.change());
    } else {
      if (!skipped) {
        skipped = true;
        log.warn(
            "a newer release announces what this one does not know. It is skipped, so clients of"
                + " this node do not see it; finish the upgrade of all nodes");
      }
      listener.onSkipped();
    }
  }

  private static void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      log.error(
          "an announcement could not be delivered. Rooms read their logs when an offset is missing;"
              + " this is a fault, report it",
          e);
    }
  }
}
