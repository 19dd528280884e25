package dev.roomcast.examples.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster of child processes on loopback ports, whose members can be killed and started
 * again, and whose slots can be moved. Redis 7.0 or later. Thread-safe; what changes the cluster is
 * called by one thread at a time.
 */
public final class RedisCluster implements AutoCloseable {

  private static final int SLOTS = 16_384;
  private static final long SECONDS = 60;
  private static final long POLL_MS = 20;

  private final Path folder;
  private final IntFunction<List<String>> arguments;
  private final CopyOnWriteArrayList<Member> members = new CopyOnWriteArrayList<>();

  /** A server of the cluster. Thread-safe. */
  public static final class Member {
    private final RedisProcess process;
    private final RedisAsk server;
    private final String id;

    private Member(RedisProcess process) throws IOException {
      this.process = process;
      this.server = new RedisAsk(process.port());
      this.id = text("CLUSTER", "MYID");
    }

    /** The process of the server. */
    public RedisProcess process() {
      return process;
    }

    /** The name that the cluster has for it. */
    public String id() {
      return id;
    }

    /** Asks the server something; the answer is a text, a number or a list. */
    public @Nullable Object ask(String... command) throws IOException {
      return server.ask(command);
    }

    /** Asks for a text. */
    public String text(String... command) throws IOException {
      return String.valueOf(ask(command));
    }

    /** Whether it says that it is a master. */
    public boolean isMaster() {
      try {
        return process.isAlive() && text("INFO", "replication").contains("role:master");
      } catch (IOException e) {
        return false;
      }
    }

    private boolean knows(int count) throws IOException {
      String nodes = text("CLUSTER", "NODES").strip();
      return nodes.lines().count() == count
          && nodes.lines().noneMatch(line -> line.contains("handshake"));
    }
  }

  private RedisCluster(Path folder, IntFunction<List<String>> arguments) {
    this.folder = folder;
    this.arguments = arguments;
  }

  /**
   * Starts a cluster and waits until it works.
   *
   * @param masters among which the slots are divided
   * @param replicas of each master
   * @param arguments of each server's command line
   */
  public static RedisCluster start(Path folder, int masters, int replicas, List<String> arguments)
      throws IOException, InterruptedException {
    return start(folder, masters, replicas, member -> arguments);
  }

  /**
   * Starts a cluster whose members differ.
   *
   * @param arguments of the command line of the member with a number, from 0 on
   */
  public static RedisCluster start(
      Path folder, int masters, int replicas, IntFunction<List<String>> arguments)
      throws IOException, InterruptedException {
    RedisCluster cluster = new RedisCluster(folder, arguments);
    try {
      cluster.form(masters, replicas);
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void form(int masters, int replicas) throws IOException, InterruptedException {
    for (int i = 0; i < masters * (1 + replicas); i++) {
      members.add(newMember());
    }
    for (int i = 0; i < masters; i++) {
      Member master = members.get(i);
      master.ask("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
      String from = Integer.toString(SLOTS * i / masters);
      String to = Integer.toString(SLOTS * (i + 1) / masters - 1);
      master.ask("CLUSTER", "ADDSLOTSRANGE", from, to);
    }
    for (Member member : members) {
      meet(member);
    }
    until(() -> all(member -> member.knows(members.size())));
    for (int i = masters; i < members.size(); i++) {
      Member replica = members.get(i);
      String of = members.get(i % masters).id();
      until(() -> replica.text("CLUSTER", "REPLICATE", of).equals("OK"));
    }
    for (int i = masters; i < members.size(); i++) {
      Member replica = members.get(i);
      until(() -> replica.text("INFO", "replication").contains("master_link_status:up"));
    }
    untilWell();
  }

  private void meet(Member member) throws IOException {
    String port = Integer.toString(members.get(0).process().port());
    String bus = Integer.toString(busOf(members.get(0)));
    member.ask("CLUSTER", "MEET", "127.0.0.1", port, bus);
  }

  private static int busOf(Member member) throws IOException {
    String myself =
        member
            .text("CLUSTER", "NODES")
            .lines()
            .filter(line -> line.contains("myself"))
            .findFirst()
            .orElseThrow();
    return Integer.parseInt(myself.replaceFirst("^\\S+ [^@]*@(\\d+).*", "$1"));
  }

  private Member newMember() throws IOException, InterruptedException {
    Path own = Files.createDirectories(folder.resolve("member-" + members.size()));
    List<String> line = new ArrayList<>(arguments.apply(members.size()));
    line.addAll(List.of("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"));
    line.addAll(List.of("--cluster-announce-ip", "127.0.0.1"));
    // A master whose slots have been moved away stays one.
    line.addAll(List.of("--cluster-allow-replica-migration", "no"));
    line.addAll(List.of("--cluster-port", Integer.toString(Ports.free())));
    RedisProcess process = RedisProcess.prepare(own, "", line);
    process.start();
    return new Member(process);
  }

  /** Something about a member. */
  private interface Question {
    boolean of(Member member) throws IOException;
  }

  private boolean all(Question question) throws IOException {
    for (Member member : members) {
      if (member.process().isAlive() && !question.of(member)) {
        return false;
      }
    }
    return true;
  }

  private void until(Callable<Boolean> condition) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    Exception last = null;
    while (System.nanoTime() < deadline) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception e) {
        last = e; // a member that has not heard of another yet refuses
      }
      Thread.sleep(POLL_MS);
    }
    throw new IOException("the cluster does not get there: " + views(), last);
  }

  /**
   * Waits until all members that run say that all slots are served, and know the same masters with
   * the same epochs: who gets a slot before it has heard of the newest epoch takes one that is not
   * newer, and loses the slot again to whoever had it.
   */
  public void untilWell() throws IOException, InterruptedException {
    until(
        () ->
            all(member -> member.text("CLUSTER", "INFO").contains("cluster_state:ok"))
                && views().stream().distinct().count() == 1);
  }

  /** What each member that runs knows of the masters. */
  private List<String> views() throws IOException {
    List<String> views = new ArrayList<>();
    for (Member member : members) {
      if (member.process().isAlive()) {
        views.add(
            member
                .text("CLUSTER", "NODES")
                .lines()
                .filter(line -> line.contains("master") && !line.contains("fail"))
                .filter(line -> line.split(" ").length > 8)
                .map(RedisCluster::idEpochAndSlots)
                .sorted()
                .collect(Collectors.joining("\n")));
      }
    }
    return views;
  }

  private static String idEpochAndSlots(String line) {
    return line.replaceFirst("^(\\S+) (?:\\S+ ){5}(\\S+) \\S+ ", "$1 $2 ");
  }

  /** The servers that belong to the cluster, whether they run or not. */
  public List<Member> members() {
    return List.copyOf(members);
  }

  /** Those that run and are masters with slots. */
  public List<Member> masters() {
    return members.stream().filter(member -> member.isMaster() && hasSlots(member)).toList();
  }

  private static boolean hasSlots(Member member) {
    try {
      return Slots.of(member).length > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The replica of a master that runs; null when there is none. */
  public @Nullable Member replicaOf(Member master) throws IOException {
    for (Member member : members) {
      if (member.process().isAlive()
          && member.text("CLUSTER", "NODES").contains("myself,slave " + master.id())) {
        return member;
      }
    }
    return null;
  }

  /** The master that has a key. */
  public Member ownerOf(String key) throws IOException {
    long slot = (Long) Objects.requireNonNull(members.get(0).ask("CLUSTER", "KEYSLOT", key));
    for (Member master : masters()) {
      for (int owned : Slots.of(master)) {
        if (owned == slot) {
          return master;
        }
      }
    }
    throw new IOException("nobody has the slot of " + key);
  }

  /** Adds a master without slots. */
  public Member addMaster() throws IOException, InterruptedException {
    Member fresh = newMember();
    members.add(fresh);
    meet(fresh);
    int alive = (int) members.stream().filter(member -> member.process().isAlive()).count();
    until(() -> all(member -> member.knows(alive)));
    untilWell();
    return fresh;
  }

  /** Moves a master's slots to the others, and takes it out of the cluster. */
  public void remove(Member member) throws IOException, InterruptedException {
    List<Member> masters = masters();
    List<Member> others = masters.stream().filter(other -> other != member).toList();
    int[] slots = Slots.of(member);
    int moved = 0;
    for (int i = 0; i < others.size(); i++) {
      for (int end = slots.length * (i + 1) / others.size(); moved < end; moved++) {
        Slots.move(slots[moved], member, others.get(i), masters);
      }
      untilWell();
    }
    members.remove(member);
    for (Member other : members) {
      if (other.process().isAlive()) {
        until(
            () ->
                !other.text("CLUSTER", "NODES").contains(member.id())
                    || other.text("CLUSTER", "FORGET", member.id()).equals("OK"));
      }
    }
    member.process().close();
  }

  /**
   * Moves so many of a master's slots to another one, with the keys in them, and waits until all
   * members know: two that get slots at the same time may both count as the newer owner.
   */
  public void moveSlots(Member from, Member to, int count)
      throws IOException, InterruptedException {
    int[] slots = Slots.of(from);
    List<Member> masters = masters();
    for (int i = 0; i < Math.min(count, slots.length); i++) {
      Slots.move(slots[i], from, to, masters);
    }
    untilWell();
  }

  /** Moves the slot of a key to another master, and waits until all members know. */
  public void moveSlotOf(String key, Member to) throws IOException, InterruptedException {
    long slot = (Long) Objects.requireNonNull(to.ask("CLUSTER", "KEYSLOT", key));
    Slots.move((int) slot, ownerOf(key), to, masters());
    untilWell();
  }

  /** Has a replica take its master's place, losing nothing; waits until it has. */
  public void failOver(Member replica) throws IOException, InterruptedException {
    until(() -> replica.text("CLUSTER", "FAILOVER").equals("OK"));
    until(replica::isMaster);
    untilWell();
  }

  /** Waits until a replica has its master's place without being asked. */
  public void untilPromoted(Member replica) throws IOException, InterruptedException {
    until(replica::isMaster);
    untilWell();
  }

  /** Waits until all replicas that run have what their masters have, and follow them. */
  public void untilReplicated() throws IOException, InterruptedException {
    until(
        () ->
            all(
                member ->
                    member.isMaster()
                        || member.text("INFO", "replication").contains("master_link_status:up")));
  }

  /** {@code redis://127.0.0.1:1,127.0.0.1:2,...} */
  public String url() {
    return "redis://"
        + members.stream()
            .map(member -> "127.0.0.1:" + member.process().port())
            .collect(Collectors.joining(","));
  }

  /** Ends all servers at once. */
  @Override
  public void close() {
    for (Member member : members) {
      try {
        member.process().kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
