package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * What this node listens to in a cluster, each channel at the master that has its slot: rooms,
 * control messages, what is for this node's users, and a canary at each master.
 *
 * <p>When a slot moves, its channels are subscribed to at the new master, and told to have a gap as
 * soon as they are; what still comes from the old one is dropped. Guarded by "this". Thread-safe.
 */
final class ClusterSubscriptions implements Listening, AutoCloseable {

  private static final long RETRY_MS = 20;

  private final ClusterMembers members;
  private final Keys keys;
  private final Deliveries deliveries;
  private final BackendListener listener;
  private final ScheduledExecutorService timer;
  private final Duration timeout;
  private final String canary;
  private final Function<Address, ShardSubscriptions> open;
  private final Map<Address, ShardSubscriptions> shards = new HashMap<>();
  private final Map<String, Wish> wishes = new HashMap<>();
  private boolean closed;

  /** A channel that is listened to, and where; its identity tells one wish from a later one. */
  private static final class Wish {
    final String channel;
    final @Nullable String room;
    final ShardSubscriptions.Hearer hearer;
    @Nullable ShardSubscriptions at;

    Wish(String channel, @Nullable String room, ShardSubscriptions.Hearer hearer) {
      this.channel = channel;
      this.room = room;
      this.hearer = hearer;
    }
  }

  /**
   * Creates subscriptions, of which there are none yet.
   *
   * @param open makes those of one master, not started yet
   */
  ClusterSubscriptions(
      String node,
      RedisOptions options,
      ClusterMembers members,
      Keys keys,
      ScheduledExecutorService timer,
      BackendListener listener,
      Function<Address, ShardSubscriptions> open) {
    this.members = members;
    this.keys = keys;
    this.deliveries = new Deliveries(listener);
    this.listener = listener;
    this.timer = timer;
    this.timeout = options.timeout();
    this.canary = keys.canaryOfShard(node);
    this.open = open;
    listen(new Wish(keys.control(), null, deliveries::control));
    listen(new Wish(keys.inbox(node), null, new Inbox()));
    members.watch((map, before) -> follow(map));
  }

  /** What is for this node's users: a gap is told with how long it was. */
  private final class Inbox implements ShardSubscriptions.Hearer {
    private long deafSince;
    private boolean heardBefore;
    private boolean isDeaf;

    @Override
    public void heard(byte[] payload) {
      deliveries.deliver("", payload);
    }

    @Override
    public synchronized void deaf() {
      if (!isDeaf) {
        isDeaf = true;
        deafSince = System.nanoTime();
      }
    }

    @Override
    public void again() {
      Duration away;
      synchronized (this) {
        boolean first = !heardBefore;
        heardBefore = true;
        away = Duration.ofNanos(isDeaf ? System.nanoTime() - deafSince : 0);
        isDeaf = false;
        if (first) {
          return;
        }
      }
      // A connection is found dead only some time after it has died.
      deliveries.guarded(() -> listener.onDirectGap(away.plus(timeout.multipliedBy(2))));
    }
  }

  /** A room: after a gap its log has what was missed. */
  private final class RoomHearer implements ShardSubscriptions.Hearer {
    private final String room;

    RoomHearer(String room) {
      this.room = room;
    }

    @Override
    public void heard(byte[] payload) {
      deliveries.deliver(room, payload);
    }

    @Override
    public void again() {
      deliveries.guarded(() -> listener.onGap(room));
    }
  }

  private synchronized void listen(Wish wish) {
    wishes.put(wish.channel, wish);
  }

  /** Moves what is at another master by now. */
  private synchronized void follow(ClusterMap map) {
    for (Wish wish : wishes.values()) {
      Address owner = map.owner(wish.channel);
      if (owner != null && (wish.at == null || shards.get(owner) != wish.at)) {
        move(wish, owner);
      }
    }
    Set<Address> masters = map.masters();
    List<Address> gone = shards.keySet().stream().filter(at -> !masters.contains(at)).toList();
    gone.stream().map(shards::remove).filter(Objects::nonNull).forEach(shard -> shard.link().end());
    shards.values().forEach(shard -> shard.placeCanary(map, canary));
  }

  private synchronized void move(Wish wish, Address to) {
    ShardSubscriptions before = wish.at;
    if (before != null) {
      before.forget(wish.channel);
      wish.hearer.deaf();
    }
    ShardSubscriptions shard = shard(to);
    wish.at = shard;
    shard.want(wish.channel, wish.hearer);
    if (!closed) {
      timer.execute(() -> shard.subscribe(wish.channel)); // not under the lock: it tells the node
    }
  }

  private synchronized ShardSubscriptions shard(Address master) {
    ShardSubscriptions shard = shards.get(master);
    if (shard == null) {
      shard = open.apply(master);
      shards.put(master, shard);
      if (!closed) {
        shard.link().start();
      }
      shard.placeCanary(members.map(), canary);
    }
    return shard;
  }

  @Override
  public CompletableFuture<History> subscribe(String room, HistoryQuery query) {
    Wish mine = new Wish(keys.channel(room), room, new RoomHearer(room));
    Wish wish;
    synchronized (this) {
      Wish before = wishes.putIfAbsent(mine.channel, mine);
      wish = before == null ? mine : before;
    }
    CompletableFuture<History> result = new CompletableFuture<>();
    attempt(room, (shard, asked) -> subscribe(shard, wish, asked), query, result, now());
    return result.whenComplete(
        (history, failure) -> {
          if (failure != null && wish == mine) {
            drop(mine);
          }
        });
  }

  private static long now() {
    return System.nanoTime();
  }

  private CompletableFuture<History> subscribe(
      ShardSubscriptions shard, Wish wish, HistoryQuery query) {
    synchronized (this) {
      Address owner = members.map().owner(wish.channel);
      if (wishes.get(wish.channel) != wish || owner == null || shards.get(owner) != shard) {
        return CompletableFuture.failedFuture(
            new ChatException(ErrorCode.UNAVAILABLE, "unsubscribed before it was subscribed"));
      }
      if (wish.at != shard) {
        if (wish.at != null) {
          wish.at.forget(wish.channel);
        }
        wish.at = shard;
        shard.want(wish.channel, wish.hearer);
      }
    }
    return shard.read(String.valueOf(wish.room), wish.channel, query);
  }

  private synchronized void drop(Wish wish) {
    if (wishes.remove(wish.channel, wish) && wish.at != null) {
      wish.at.forget(wish.channel);
    }
  }

  @Override
  public synchronized void unsubscribe(String room) {
    Wish wish = wishes.get(keys.channel(room));
    if (wish != null) {
      drop(wish);
    }
  }

  @Override
  public CompletableFuture<History> history(String room, HistoryQuery query) {
    CompletableFuture<History> result = new CompletableFuture<>();
    attempt(room, (shard, asked) -> shard.read(room, asked), query, result, now());
    return result;
  }

  /** Reads at the master that has the room, and again where its slot has moved meanwhile. */
  private void attempt(
      String room,
      BiFunction<ShardSubscriptions, HistoryQuery, CompletableFuture<History>> read,
      HistoryQuery query,
      CompletableFuture<History> result,
      long since) {
    ShardSubscriptions shard;
    synchronized (this) {
      Address owner = members.map().owner(keys.channel(room));
      shard = owner == null || closed ? null : shard(owner);
    }
    if (shard == null || !shard.link().isUp()) {
      ChatException down = new ChatException(ErrorCode.UNAVAILABLE, "the store cannot be reached");
      members.look();
      if (shard == null || shard.isFresh(timeout)) {
        again(room, read, query, result, since, down);
      } else {
        result.completeExceptionally(down);
      }
      return;
    }
    read.apply(shard, query)
        .whenComplete(
            (history, failure) -> {
              if (failure == null) {
                result.complete(history);
              } else if (Refusals.isOfSlot(failure) || hasMoved(room, shard)) {
                if (ChatException.of(failure).getCause() instanceof JedisMovedDataException moved) {
                  members.moved(moved.getSlot(), shard.target(moved));
                } else {
                  members.look();
                }
                again(room, read, query, result, since, failure);
              } else {
                result.completeExceptionally(failure);
              }
            });
  }

  private synchronized boolean hasMoved(String room, ShardSubscriptions from) {
    Address owner = members.map().owner(keys.channel(room));
    return owner != null && shards.get(owner) != from;
  }

  private void again(
      String room,
      BiFunction<ShardSubscriptions, HistoryQuery, CompletableFuture<History>> read,
      HistoryQuery query,
      CompletableFuture<History> result,
      long since,
      Throwable failure) {
    if (now() - since > timeout.toNanos() || timer.isShutdown()) {
      result.completeExceptionally(failure);
      return;
    }
    timer.schedule(
        () -> attempt(room, read, query, result, since), RETRY_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized List<String> rooms() {
    List<String> rooms = new ArrayList<>();
    for (Wish wish : wishes.values()) {
      if (wish.room != null) {
        rooms.add(wish.room);
      }
    }
    return rooms;
  }

  /** A canary to each master; the slowest counts. */
  @Override
  public CompletableFuture<Duration> probe() {
    List<ShardSubscriptions> all;
    synchronized (this) {
      all = List.copyOf(shards.values());
    }
    if (all.isEmpty()) {
      return CompletableFuture.failedFuture(
          new ChatException(ErrorCode.UNAVAILABLE, "the store cannot be reached"));
    }
    CompletableFuture<Duration> slowest = CompletableFuture.completedFuture(Duration.ZERO);
    for (ShardSubscriptions shard : all) {
      CompletableFuture<Duration> probe = shard.probe();
      if (probe != null) {
        slowest = slowest.thenCombine(probe, (a, b) -> a.compareTo(b) > 0 ? a : b);
      }
    }
    return slowest;
  }

  synchronized List<RedisLink> links() {
    return shards.values().stream().map(ShardSubscriptions::link).toList();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    links().forEach(RedisLink::close);
  }
}
