package dev.roomcast.examples.redis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The slots of a cluster's masters, and how one is moved. Stateless. */
final class Slots {

  private static final int KEYS_AT_ONCE = 100;

  private Slots() {}

  /** Moves a slot with the keys in it, and tells all masters. */
  static void move(
      int number,
      RedisCluster.Member from,
      RedisCluster.Member to,
      List<RedisCluster.Member> masters)
      throws IOException {
    String slot = Integer.toString(number);
    to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id());
    from.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id());
    while (true) {
      Object found = from.ask("CLUSTER", "GETKEYSINSLOT", slot, Integer.toString(KEYS_AT_ONCE));
      List<?> keys = found instanceof List<?> list ? list : List.of();
      if (keys.isEmpty()) {
        break;
      }
      List<String> migrate = new ArrayList<>(List.of("MIGRATE", "127.0.0.1"));
      migrate.addAll(List.of(Integer.toString(to.process().port()), "", "0", "5000", "KEYS"));
      keys.forEach(key -> migrate.add(String.valueOf(key)));
      from.ask(migrate.toArray(String[]::new));
    }
    to.ask("CLUSTER", "SETSLOT", slot, "NODE", to.id());
    from.ask("CLUSTER", "SETSLOT", slot, "NODE", to.id());
    for (RedisCluster.Member other : masters) {
      if (other != from && other != to) {
        other.ask("CLUSTER", "SETSLOT", slot, "NODE", to.id());
      }
    }
  }

  /** Those that a member has. */
  static int[] of(RedisCluster.Member member) throws IOException {
    String myself =
        member
            .text("CLUSTER", "NODES")
            .lines()
            .filter(line -> line.contains("myself"))
            .findFirst()
            .orElseThrow();
    List<Integer> slots = new ArrayList<>();
    String[] words = myself.split(" ");
    for (int i = 8; i < words.length; i++) {
      if (!words[i].startsWith("[")) {
        String[] range = words[i].split("-");
        int to = Integer.parseInt(range[range.length - 1]);
        for (int slot = Integer.parseInt(range[0]); slot <= to; slot++) {
          slots.add(slot);
        }
      }
    }
    return slots.stream().mapToInt(Integer::intValue).toArray();
  }
}
