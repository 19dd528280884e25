package dev.roomcast.redis;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Which master of a cluster has which slot, and who replicates whom. Immutable. */
final class ClusterMap {

  static final int SLOTS = 16_384;
  static final ClusterMap EMPTY = new ClusterMap(new Address[SLOTS], Map.of());

  private final @Nullable Address[] owners;
  private final Map<Address, Set<Address>> replicas;

  private ClusterMap(@Nullable Address[] owners, Map<Address, Set<Address>> replicas) {
    this.owners = owners;
    this.replicas = replicas;
  }

  static int slot(String key) {
    return JedisClusterCRC16.getSlot(key);
  }

  /**
   * Reads the answer to {@code CLUSTER SLOTS}.
   *
   * @param asked who answered: a member that does not know its own host leaves it out
   */
  static ClusterMap read(List<?> ranges, Address asked) {
    Address[] owners = new Address[SLOTS];
    Map<Address, Set<Address>> replicas = new HashMap<>();
    for (Object item : ranges) {
      List<?> range = Replies.list(item);
      int from = (int) Replies.number(range.get(0));
      int to = (int) Replies.number(range.get(1));
      if (from < 0 || to >= SLOTS || from > to || range.size() < 3) {
        throw new IllegalStateException("unexpected answer of Redis: no range of slots");
      }
      Address master = member(range.get(2), asked);
      Arrays.fill(owners, from, to + 1, master);
      Set<Address> of = replicas.computeIfAbsent(master, any -> new HashSet<>());
      for (Object replica : range.subList(3, range.size())) {
        of.add(member(replica, asked));
      }
    }
    return new ClusterMap(owners, replicas);
  }

  private static Address member(@Nullable Object value, Address asked) {
    List<?> parts = Replies.list(value);
    String host = parts.get(0) == null ? "" : Replies.text(parts.get(0));
    return Address.of(
        host.isEmpty() || host.equals("?") ? asked.host() : host,
        (int) Replies.number(parts.get(1)));
  }

  /** The master that has a key or a sharded channel, null when none is known. */
  @Nullable Address owner(String key) {
    return owners[slot(key)];
  }

  /** The same, but for a slot that is somewhere else by now. */
  ClusterMap with(int slot, Address owner) {
    @Nullable Address[] changed = owners.clone();
    changed[slot] = owner;
    return new ClusterMap(changed, replicas);
  }

  boolean isSame(ClusterMap other) {
    return Arrays.equals(owners, other.owners) && replicas.equals(other.replicas);
  }

  Set<Address> masters() {
    Set<Address> masters = new LinkedHashSet<>();
    for (Address owner : owners) {
      if (owner != null) {
        masters.add(owner);
      }
    }
    return masters;
  }

  Set<Address> members() {
    Set<Address> members = masters();
    replicas.values().forEach(members::addAll);
    return members;
  }

  /** Whether a replica has taken the place of its master since another map. */
  boolean hasPromotedSince(ClusterMap before) {
    for (int slot = 0; slot < SLOTS; slot++) {
      Address now = owners[slot];
      Address then = before.owners[slot];
      if (now != null
          && then != null
          && !now.equals(then)
          && before.replicas.getOrDefault(then, Set.of()).contains(now)) {
        return true;
      }
    }
    return false;
  }

  /** Returns a name that begins with this one, of a key that a master has; null when none is. */
  @Nullable String nameAt(Address master, String name) {
    for (int i = 0; i < 20 * SLOTS; i++) {
      String found = name + "~" + i;
      if (master.equals(owner(found))) {
        return found;
      }
    }
    return null;
  }
}
