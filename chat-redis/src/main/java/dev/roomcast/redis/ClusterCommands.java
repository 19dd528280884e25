package dev.roomcast.redis;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Commands to the masters of a cluster, a link to each that is needed.
 *
 * <p>What a member refuses because it does not have the slot, or not now, was not done: it is sent
 * again, where the slot is by now, for as long as the timeout. What was on its way when a
 * connection was lost may have been done; that is told as on one server.
 *
 * <p>{@code links} is guarded by itself. Thread-safe.
 */
final class ClusterCommands implements Commands, AutoCloseable {

  private static final long RETRY_MS = 20;
  private static final int AT_ONCE = 4;

  private final ClusterMembers members;
  private final Function<Address, RedisLink> open;
  private final ScheduledExecutorService timer;
  private final long patience;
  private final Map<Address, Opened> links = new HashMap<>();
  private boolean closed;

  /** A link and when it was opened. */
  private record Opened(RedisLink link, long at) {}

  /** How a command is sent on a link; {@code true} when its slot is being moved there. */
  private interface Sending extends BiFunction<RedisLink, Boolean, CompletableFuture<?>> {}

  /**
   * Creates the commands.
   *
   * @param open starts a link to a master
   */
  ClusterCommands(
      ClusterMembers members,
      RedisOptions options,
      ScheduledExecutorService timer,
      Function<Address, RedisLink> open) {
    this.members = members;
    this.open = open;
    this.timer = timer;
    this.patience = options.timeout().toNanos();
    members.watch((now, before) -> closeUnneeded(now));
  }

  @Override
  public CompletableFuture<@Nullable Object> call(String key, CommandArguments command) {
    return send(key, (link, asking) -> asking ? link.callAsking(command) : link.call(command));
  }

  @Override
  public CompletableFuture<@Nullable Object> eval(
      Script script, List<String> keys, Object... values) {
    return send(
        keys.get(0),
        (link, asking) ->
            asking ? link.evalAsking(script, keys, values) : link.eval(script, keys, values));
  }

  @Override
  public CompletableFuture<@Nullable Object> announce(String channel, byte[] payload) {
    return call(Command.SPUBLISH, channel, payload);
  }

  @Override
  public void inOneGo(Runnable calls) {
    Runnable all = calls;
    for (RedisLink link : links()) {
      Runnable inner = all;
      all = () -> link.inOneGo(inner);
    }
    all.run();
  }

  private CompletableFuture<@Nullable Object> send(String key, Sending sending) {
    CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
    attempt(key, sending, result, System.nanoTime(), 0);
    return result;
  }

  private void attempt(
      String key,
      Sending sending,
      CompletableFuture<@Nullable Object> result,
      long since,
      int attempts) {
    Address owner = members.map().owner(key);
    if (owner == null) {
      members.look();
      ChatException nobody =
          new ChatException(ErrorCode.UNAVAILABLE, "no master of the cluster has the slot");
      again(key, sending, result, since, attempts, nobody, true);
      return;
    }
    sent(key, sending, result, since, attempts, owner, false);
  }

  private void sent(
      String key,
      Sending sending,
      CompletableFuture<@Nullable Object> result,
      long since,
      int attempts,
      Address to,
      boolean asking) {
    Opened opened = opened(to);
    if (!opened.link().isUp()) {
      ChatException down = new ChatException(ErrorCode.UNAVAILABLE, "the store cannot be reached");
      members.look();
      boolean isFresh = System.nanoTime() - opened.at() < patience;
      if (isFresh) {
        again(key, sending, result, since, attempts, down, true);
      } else {
        result.completeExceptionally(down);
      }
      return;
    }
    sending
        .apply(opened.link(), asking)
        .whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                result.complete(answer);
                return;
              }
              Throwable cause = ChatException.of(failure).getCause();
              if (cause instanceof JedisAskDataException ask && attempts < AT_ONCE) {
                sent(key, sending, result, since, attempts + 1, target(ask, to), true);
              } else if (cause instanceof JedisMovedDataException moved) {
                members.moved(moved.getSlot(), target(moved, to));
                again(key, sending, result, since, attempts, failure, attempts >= AT_ONCE);
              } else if (Refusals.isOfSlot(failure)) {
                members.look();
                again(key, sending, result, since, attempts, failure, true);
              } else {
                result.completeExceptionally(failure);
              }
            });
  }

  /** A member that does not know its own host leaves it out. */
  static Address target(JedisRedirectionException redirection, Address from) {
    String host = redirection.getTargetNode().getHost();
    return Address.of(
        host.isEmpty() || host.equals("?") ? from.host() : host,
        redirection.getTargetNode().getPort());
  }

  private void again(
      String key,
      Sending sending,
      CompletableFuture<@Nullable Object> result,
      long since,
      int attempts,
      Throwable failure,
      boolean later) {
    if (System.nanoTime() - since > patience) {
      result.completeExceptionally(failure);
      return;
    }
    Runnable next = () -> attempt(key, sending, result, since, attempts + 1);
    try {
      if (later) {
        timer.schedule(next, RETRY_MS, TimeUnit.MILLISECONDS);
      } else {
        timer.execute(next); // not here: this may be the thread that reads what comes in
      }
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(failure);
    }
  }

  private Opened opened(Address master) {
    synchronized (links) {
      Opened opened = links.get(master);
      if (opened == null) {
        opened = new Opened(open.apply(master), System.nanoTime());
        links.put(master, opened);
        if (closed) {
          opened.link().close();
        } else {
          opened.link().start();
        }
      }
      return opened;
    }
  }

  private void closeUnneeded(ClusterMap map) {
    List<RedisLink> unneeded;
    synchronized (links) {
      Set<Address> masters = map.masters();
      List<Address> gone = links.keySet().stream().filter(at -> !masters.contains(at)).toList();
      unneeded =
          gone.stream().map(links::remove).filter(Objects::nonNull).map(Opened::link).toList();
    }
    // Not at once: what is on its way there may yet be answered.
    for (RedisLink link : unneeded) {
      try {
        timer.schedule(link::end, patience, TimeUnit.NANOSECONDS);
      } catch (RejectedExecutionException e) {
        link.end();
      }
    }
  }

  @Override
  public boolean isUp(String key) {
    Address owner = members.map().owner(key);
    return owner != null && opened(owner).link().isUp();
  }

  @Override
  public long downSince(String key) {
    Address owner = members.map().owner(key);
    Opened opened = owner == null ? null : opened(owner);
    // Where nobody has been reached yet it counts from when that began.
    return opened == null ? System.nanoTime() : Math.max(opened.at(), opened.link().downSince());
  }

  List<RedisLink> links() {
    synchronized (links) {
      return links.values().stream().map(Opened::link).toList();
    }
  }

  @Override
  public void close() {
    synchronized (links) {
      closed = true;
    }
    links().forEach(RedisLink::close);
  }
}
