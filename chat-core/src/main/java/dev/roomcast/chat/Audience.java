package dev.roomcast.chat;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The connections to this node, and whose they are: counted as they come and go. Thread-safe. */
final class Audience {

  private final AtomicInteger connections = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> users = new ConcurrentHashMap<>();

  /** A connection of the user is open. */
  void came(User user) {
    connections.incrementAndGet();
    count(user, 1);
  }

  /** A connection of the user is over. */
  void went(User user) {
    count(user, -1);
    connections.decrementAndGet();
  }

  /** A connection that is lost while it opens may go before it comes. */
  private void count(User user, int change) {
    users.merge(user.id(), change, (before, more) -> before + more == 0 ? null : before + more);
  }

  int connections() {
    return connections.get();
  }

  /** How many users have a connection. */
  int users() {
    return users.size();
  }
}
