package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** All faults of a run. The same numbers give the same schedule. Immutable. */
record Schedule(List<Fault> faults) {

  private static final int FIRST_MS = 1_000;
  private static final int BETWEEN_MS = 5_000;
  private static final int REDIS_REST_MS = 2_500;
  private static final int MASTERS = 3;
  private static final int NODE_REST_MS = 3_000;

  Schedule {
    faults = List.copyOf(faults);
  }

  /** Makes a schedule: kinds in turn, in ever new orders, at random times, for random durations. */
  static Schedule of(long seed, int seconds, int nodes, int clients, List<Fault.Kind> kinds) {
    Random random = new Random(seed);
    List<Fault> faults = new ArrayList<>();
    List<Fault.Kind> turn = new ArrayList<>();
    long[] nodeFree = new long[nodes];
    long redisFree = 0;
    long at = FIRST_MS;
    long end = seconds * 1_000L;
    while (!kinds.isEmpty() && at < end) {
      if (turn.isEmpty()) {
        turn.addAll(kinds);
        Collections.shuffle(turn, random);
      }
      Fault.Kind kind = turn.remove(turn.size() - 1);
      long millis = duration(kind, random);
      int target = target(kind, random, nodes, clients);
      boolean possible =
          kind.ofRedis()
              ? redisFree <= at
              : !kind.ofNode() || nodeFree[target] <= at && othersServe(nodeFree, target, at);
      if (possible && at + millis < end) {
        faults.add(new Fault(kind, at, millis, target));
        if (kind.ofRedis()) {
          redisFree = at + millis + REDIS_REST_MS;
        } else if (kind.ofNode()) {
          nodeFree[target] = at + millis + NODE_REST_MS;
        }
      }
      at += BETWEEN_MS / 4 + random.nextInt(BETWEEN_MS);
    }
    return new Schedule(faults);
  }

  private static boolean othersServe(long[] nodeFree, int target, long at) {
    for (int i = 0; i < nodeFree.length; i++) {
      if (i != target && nodeFree[i] <= at) {
        return true;
      }
    }
    return nodeFree.length == 1;
  }

  private static long duration(Fault.Kind kind, Random random) {
    return switch (kind) {
      case NODE_KILL -> 300 + random.nextInt(2_000);
      case STALL -> 2_000 + random.nextInt(8_000);
      case REDIS_PAUSE -> 3_000;
      case REDIS_SLEEP -> 500 + random.nextInt(1_500);
      case REDIS_KILL -> 200 + random.nextInt(1_300);
      case MASTER_KILL -> 3_000 + random.nextInt(3_000);
      case NODE_DRAIN, CUT, LINK_KILL, FAILOVER, SLOTS_MOVE, RESHARD, RESIZE -> 0;
    };
  }

  private static int target(Fault.Kind kind, Random random, int nodes, int clients) {
    return switch (kind) {
      case NODE_KILL, NODE_DRAIN -> random.nextInt(nodes);
      case CUT -> 1 + random.nextInt(Math.max(1, clients / 2));
      case STALL -> 1 + random.nextInt(Math.max(1, clients / 10));
      case LINK_KILL -> 1 + random.nextInt(2 * nodes);
      case REDIS_PAUSE, REDIS_SLEEP, REDIS_KILL -> 0;
      case MASTER_KILL, FAILOVER, SLOTS_MOVE, RESHARD, RESIZE -> random.nextInt(MASTERS);
    };
  }

  /** How often the epoch of a room may end: slots can move there and back in one fault. */
  long epochEnds() {
    return faults.stream()
        .mapToLong(
            fault -> fault.kind() == Fault.Kind.REDIS_KILL ? 1 : fault.kind().ofCluster() ? 2 : 0)
        .sum();
  }
}
