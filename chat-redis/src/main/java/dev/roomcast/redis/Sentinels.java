package dev.roomcast.redis;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Asks Sentinels which server is the master: all of them, because one that was away may know an old
 * one; the answer of the newest failover counts.
 *
 * <p>They are also watched, because a master that was replaced while it could not be reached by
 * them goes on serving us. Guarded by "this". Thread-safe.
 */
final class Sentinels implements Endpoint {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");

  private final RedisOptions options;
  private final long pauseMs;
  private @Nullable Thread watcher;
  private boolean closed;

  /** What a Sentinel says. */
  private record Answer(Address master, long failover) {}

  Sentinels(RedisOptions options) {
    this.options = options;
    this.pauseMs = Math.max(50, Math.min(1_000, options.timeout().toMillis() / 3));
  }

  @Override
  public Address find() throws IOException {
    Answer newest = null;
    IOException failed = new IOException("no Sentinel could be asked");
    for (Address sentinel : options.hosts()) {
      try {
        Answer answer = ask(sentinel);
        if (newest == null || answer.failover() > newest.failover()) {
          newest = answer;
        }
      } catch (IOException | JedisException e) {
        failed.addSuppressed(e);
        failed =
            failed.getCause() == null
                ? new IOException("Sentinel " + sentinel + ": " + e.getMessage(), e)
                : failed;
      }
    }
    if (newest == null) {
      throw failed;
    }
    return newest.master();
  }

  private Answer ask(Address sentinel) throws IOException {
    try (Resp resp = new Resp(Wire.open(sentinel, options))) {
      String password = options.sentinelPassword();
      if (password != null) {
        resp.ask(new CommandArguments(Command.AUTH).add(password));
      }
      List<?> fields =
          Replies.list(
              resp.ask(new CommandArguments(Command.SENTINEL).add("MASTER").add(options.master())));
      String host = "";
      int port = 0;
      long failover = 0;
      for (int i = 0; i + 1 < fields.size(); i += 2) {
        String value = Replies.text(fields.get(i + 1));
        switch (Replies.text(fields.get(i))) {
          case "ip" -> host = value;
          case "port" -> port = Integer.parseInt(value);
          case "config-epoch" -> failover = Long.parseLong(value);
          default -> {}
        }
      }
      return new Answer(Address.of(host, port), failover);
    }
  }

  @Override
  public synchronized void watch(String name, Consumer<Address> moved) {
    if (watcher != null || closed) {
      throw new IllegalStateException("watched before, or closed");
    }
    watcher = new Thread(() -> watch(moved), name);
    watcher.setDaemon(true);
    watcher.start();
  }

  private void watch(Consumer<Address> moved) {
    while (waited()) {
      try {
        moved.accept(find());
      } catch (IOException e) {
        // Who needs an answer asks, and says so; the connections that are there stay.
        log.debug("no Sentinel can be asked", e);
      }
    }
  }

  private synchronized boolean waited() {
    long end = System.nanoTime() + pauseMs * 1_000_000;
    long left;
    while (!closed && (left = (end - System.nanoTime()) / 1_000_000) > 0) {
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return !closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
