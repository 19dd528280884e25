package dev.roomcast.examples.load;

import dev.roomcast.examples.redis.RedisCluster;
import dev.roomcast.examples.redis.RedisCluster.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Redis Cluster as processes: three masters with a replica each. One fault waits for the one
 * before. Faults are guarded by "this".
 */
final class ShardedRedis implements Store {

  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;
  private static final String FAILED_AFTER_MS = "2000";

  private final RedisCluster cluster;

  private ShardedRedis(RedisCluster cluster) {
    this.cluster = cluster;
  }

  /** Starts it; masters and replicas write everything to disk before they answer. */
  static ShardedRedis start(Path where) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--save", "", "--appendonly", "yes"));
    arguments.addAll(List.of("--appendfsync", "always", "--repl-diskless-sync-delay", "0"));
    arguments.addAll(List.of("--cluster-node-timeout", FAILED_AFTER_MS));
    RedisCluster cluster =
        RedisCluster.start(Files.createDirectories(where), MASTERS, 1, arguments);
    // Nodes end with this process, whatever ends it; Redis does not.
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close));
    return new ShardedRedis(cluster);
  }

  @Override
  public String url() {
    return cluster.url();
  }

  @Override
  public synchronized void suffer(Fault fault) throws IOException, InterruptedException {
    List<Member> masters = cluster.masters();
    Member master = masters.get(fault.target() % masters.size());
    switch (fault.kind()) {
      case MASTER_KILL -> kill(master, fault.millis());
      case FAILOVER -> {
        Member replica = cluster.replicaOf(master);
        if (replica != null) {
          cluster.failOver(replica);
        }
      }
      case SLOTS_MOVE -> {
        Member other = masters.get((fault.target() + 1) % masters.size());
        patiently(() -> cluster.moveSlots(master, other, SLOTS / MASTERS / 2));
      }
      case RESHARD ->
          patiently(
              () -> {
                // Backwards: what a master has just got is not the first that it gives away.
                for (int i = masters.size() - 1; i >= 0; i--) {
                  Member from = masters.get((fault.target() + i) % masters.size());
                  Member to = masters.get((fault.target() + i + 1) % masters.size());
                  cluster.moveSlots(from, to, SLOTS / MASTERS / 2);
                }
              });
      case RESIZE -> patiently(() -> resize(master));
      default -> throw new IllegalArgumentException("not of a cluster: " + fault.kind());
    }
    cluster.untilReplicated();
  }

  /** Moves slots; {@link #patiently}. */
  private interface Move {
    void run() throws IOException, InterruptedException;
  }

  /** While slots move no master may fail: who moves them by hand would have to clear up. */
  private void patiently(Move move) throws IOException, InterruptedException {
    failAfter("30000");
    move.run();
    cluster.untilWell();
    failAfter(FAILED_AFTER_MS);
  }

  private void failAfter(String millis) throws IOException {
    for (Member member : running()) {
      member.ask("CONFIG", "SET", "cluster-node-timeout", millis);
    }
  }

  private void resize(Member master) throws IOException, InterruptedException {
    Member fresh = cluster.addMaster();
    fresh.ask("CONFIG", "SET", "cluster-node-timeout", "30000");
    cluster.moveSlots(master, fresh, SLOTS / MASTERS / 4);
    cluster.remove(fresh);
  }

  /** Its replica takes its place, if it has one; it comes back as the replica of that. */
  private void kill(Member master, long millis) throws IOException, InterruptedException {
    Member replica = cluster.replicaOf(master);
    master.process().kill();
    if (replica != null) {
      cluster.untilPromoted(replica);
    }
    TimeUnit.MILLISECONDS.sleep(millis);
    master.process().start();
    cluster.untilWell();
  }

  @Override
  public void killLinks(int count) throws IOException {
    int left = count;
    for (Member member : running()) {
      for (String line : member.text("CLIENT", "LIST").split("\n")) {
        if (left > 0 && line.contains("name=roomcast")) {
          left--;
          member.ask("CLIENT", "KILL", "ID", line.replaceAll(".*\\bid=(\\d+).*", "$1"));
        }
      }
    }
  }

  private List<Member> running() {
    return cluster.members().stream().filter(member -> member.process().isAlive()).toList();
  }

  @Override
  public long longestQueue() throws IOException {
    long longest = 0;
    for (Member member : running()) {
      for (String line : member.text("INFO", "clients").split("\n")) {
        if (line.startsWith("client_recent_max_output_buffer:")) {
          longest = Math.max(longest, Long.parseLong(line.substring(line.indexOf(':') + 1).trim()));
        }
      }
    }
    return longest;
  }

  @Override
  public List<String> keys() throws IOException {
    List<String> keys = new ArrayList<>();
    for (Member master : cluster.masters()) {
      if (master.ask("KEYS", "*") instanceof List<?> found) {
        found.forEach(key -> keys.add(String.valueOf(key)));
      }
    }
    return keys;
  }

  @Override
  public boolean lasts(String key) throws IOException {
    return cluster.ownerOf(key).text("PTTL", key).equals("-1");
  }

  @Override
  public void close() {
    cluster.close();
  }
}
