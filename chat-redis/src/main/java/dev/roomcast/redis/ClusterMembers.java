package dev.roomcast.redis;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Knows which master has which slot: asks any member every second, and at once when somebody was
 * told that a slot has moved.
 *
 * <p>Members that are cut off from the others are passed over: what they know may be old. One
 * thread asks, on a connection of its own; it and whoever brings news tell the watchers, one at a
 * time. Guarded by "this", and what the watchers do by {@code telling}. Thread-safe.
 */
final class ClusterMembers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final long PERIOD_MS = 1_000;
  private static final long LEAST_MS = 50;

  private final RedisOptions options;
  private final String name;
  private final Thread thread;
  private final CopyOnWriteArrayList<BiConsumer<ClusterMap, ClusterMap>> watchers =
      new CopyOnWriteArrayList<>();
  private final Object telling = new Object();
  private final Troubles troubles = new Troubles();
  private volatile ClusterMap map = ClusterMap.EMPTY;
  private @Nullable Resp connection;
  private @Nullable Address asked;
  private boolean wanted;
  private boolean closed;

  ClusterMembers(RedisOptions options, String name) {
    this.options = options;
    this.name = name;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  /** Has a watcher told the new and the old map whenever it changes. Call it before the start. */
  void watch(BiConsumer<ClusterMap, ClusterMap> watcher) {
    watchers.add(watcher);
  }

  void start() {
    thread.start();
  }

  ClusterMap map() {
    return map;
  }

  /** Asks soon: something that is known may be wrong. */
  synchronized void look() {
    wanted = true;
    notifyAll();
  }

  /** A member said that a slot is somewhere else. */
  void moved(int slot, Address owner) {
    synchronized (telling) {
      change(map.with(slot, owner));
    }
    look();
  }

  /** Must be called with {@code telling} held. */
  private void change(ClusterMap fresh) {
    ClusterMap before = map;
    map = fresh;
    if (fresh.isSame(before)) {
      return;
    }
    for (BiConsumer<ClusterMap, ClusterMap> watcher : watchers) {
      watcher.accept(fresh, before);
    }
  }

  private void run() {
    boolean isNew = true;
    while (!isClosed()) {
      try {
        ClusterMap fresh = ask();
        isNew = true;
        synchronized (telling) {
          change(fresh);
        }
      } catch (IOException | JedisException | IllegalStateException e) {
        if (!isClosed()) {
          troubles.tell(name, options, e, isNew);
        }
        isNew = false;
      }
      pause();
    }
    forget();
  }

  private ClusterMap ask() throws IOException {
    Resp open = connection;
    if (open != null) {
      try {
        return ask(open, Objects.requireNonNull(asked));
      } catch (IOException | JedisException | IllegalStateException e) {
        log.debug("{}: {} does not know", name, asked, e);
        forget();
      }
    }
    Set<Address> members = new LinkedHashSet<>(map.members());
    members.addAll(options.hosts());
    IOException failed = new IOException("no member of the cluster could be asked");
    for (Address member : members) {
      if (isClosed()) {
        break;
      }
      try {
        Resp fresh = new Resp(Wire.open(member, options));
        connection = fresh;
        asked = member;
        RedisConnection.hello(fresh, options, name);
        return ask(fresh, member);
      } catch (IOException | JedisException | IllegalStateException e) {
        forget();
        failed.addSuppressed(e);
        if (failed.getCause() == null) {
          failed = new IOException(member + ": " + e.getMessage(), e);
        }
      }
    }
    throw failed;
  }

  private static ClusterMap ask(Resp member, Address address) throws IOException {
    String info = Replies.text(member.ask(new CommandArguments(Command.CLUSTER).add("INFO")));
    if (!Replies.field(info, "cluster_state").equals("ok")) {
      throw new IOException("the cluster is down, or this member is cut off from it");
    }
    return ClusterMap.read(
        Replies.list(member.ask(new CommandArguments(Command.CLUSTER).add("SLOTS"))), address);
  }

  private void forget() {
    Resp open = connection;
    connection = null;
    try {
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      log.debug("closing a connection", e); // it is of no use any more
    }
  }

  /** Waits for a period, or a little when somebody wants to know. */
  private synchronized void pause() {
    long began = System.nanoTime();
    while (!closed) {
      long waited = (System.nanoTime() - began) / 1_000_000;
      long left = (wanted ? LEAST_MS : PERIOD_MS) - waited;
      if (left <= 0) {
        break;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        closed = true;
      }
    }
    wanted = false;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
