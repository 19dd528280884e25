package dev.roomcast.examples.load;

import java.util.Locale;

/**
 * Something that is done to the cluster. Immutable.
 *
 * @param at when it begins, in ms after the start
 * @param millis how long it lasts; 0 for what is over at once
 * @param target which node, or how many clients or links
 */
record Fault(Kind kind, long at, long millis, int target) {

  /** What is done. */
  enum Kind {
    NODE_KILL("kill -9 of node %d, back after %d ms"),
    NODE_DRAIN("SIGTERM to node %d, and a new one"),
    CUT("%d client sockets are cut"),
    STALL("%d clients do not read for %d ms"),
    LINK_KILL("CLIENT KILL of %d links to Redis"),
    REDIS_PAUSE("Redis is stopped (SIGSTOP)%.0s for %d ms"),
    REDIS_SLEEP("DEBUG SLEEP%.0s of %d ms"),
    REDIS_KILL("kill -9 of Redis%.0s, back after %d ms"),
    MASTER_KILL("kill -9 of master %d, back after %d ms"),
    FAILOVER("CLUSTER FAILOVER of master %d"),
    SLOTS_MOVE("half the slots of master %d are moved to another"),
    RESHARD("half of all slots, beginning with those of master %d, are moved to another"),
    RESIZE("a master is added, gets slots of master %d, and is taken away");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Whether all nodes feel it at once. */
    boolean ofRedis() {
      return ofOneRedis() || ofCluster();
    }

    /** Of a Redis that is one server. */
    boolean ofOneRedis() {
      return this == REDIS_PAUSE || this == REDIS_SLEEP || this == REDIS_KILL;
    }

    /** Of a Redis Cluster. */
    boolean ofCluster() {
      return this == MASTER_KILL
          || this == FAILOVER
          || this == SLOTS_MOVE
          || this == RESHARD
          || this == RESIZE;
    }

    boolean ofNode() {
      return this == NODE_KILL || this == NODE_DRAIN;
    }

    /** As in {@code --faults}. */
    String option() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "+%6.2f s  ", at / 1e3)
        + String.format(Locale.ROOT, kind.text, target, millis);
  }
}
