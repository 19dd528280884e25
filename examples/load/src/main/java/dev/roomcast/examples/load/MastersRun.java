package dev.roomcast.examples.load;

import dev.roomcast.examples.demo.Demo;
import dev.roomcast.examples.redis.RedisCluster;
import dev.roomcast.examples.redis.RedisCluster.Member;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Clients that talk as fast as they get acks, through nodes on a Redis Cluster of so many masters.
 * Confined to the caller's thread.
 */
final class MastersRun {

  /** How many rooms each client is in. */
  static final int JOINS = 2;

  private static final int TEXT_BYTES = 100;
  private static final long LOOK_MS = 20;
  private static final long PATIENCE_SECONDS = 60;

  /** What those who come from one address would be limited to. */
  private static final Map<String, String> NO_LIMITS =
      Map.of(
          "ROOMCAST_LIMITS_CONNECTIONS_PER_ADDRESS", "0",
          "ROOMCAST_LIMITS_HANDSHAKES_PER_SECOND_PER_ADDRESS", "0",
          "ROOMCAST_LIMITS_PENDING_HANDSHAKES", "0",
          "ROOMCAST_LIMITS_COMMANDS_PER_SECOND", "0",
          "ROOMCAST_LIMITS_BYTES_PER_SECOND", "0",
          "ROOMCAST_LIMITS_USER_COMMANDS_PER_SECOND", "0");

  private final Plan plan;
  private final int masters;
  private final Path folder;
  private final Tally tally = new Tally();
  private final Messages messages;
  private final List<Client> clients = new ArrayList<>();
  private boolean over;

  /**
   * What is the same in all runs. Immutable.
   *
   * @param window messages without an ack, of all clients together
   * @param share the per cent of a core that a master may use, 0 for all
   */
  record Plan(
      int nodes, int clients, int rooms, int window, Duration time, int share, Progress progress) {}

  /**
   * What one master did. Immutable.
   *
   * @param messages of its rooms, acknowledged
   * @param scripts calls, of which each logs one batch, but for a few
   */
  record Master(long messages, long scripts, Duration cpu) {}

  /**
   * What came of a run. Immutable.
   *
   * @param complete whether all was acknowledged, and delivered to every member
   */
  record Figures(
      Duration time,
      long acknowledged,
      long delivered,
      Histogram toAck,
      Duration nodes,
      Duration load,
      List<Master> masters,
      boolean complete) {

    static void print(PrintStream out, List<Figures> all) {
      out.println(
          "| masters | messages/s | deliveries/s | ack p50 | ack p99 | CPU a message: nodes |"
              + " masters | load tool | each master: messages, messages a script, CPU a message,"
              + " of a core |");
      out.println("|---|---|---|---|---|---|---|---|---|");
      all.forEach(figures -> out.println(figures.row()));
    }

    private String row() {
      double seconds = time.toNanos() / 1e9;
      Duration redis = masters.stream().map(Master::cpu).reduce(Duration.ZERO, Duration::plus);
      return String.format(
          Locale.ROOT,
          "| %d | %,.0f | %,.0f | %.1f ms | %.1f ms | %.0f µs | %.0f µs | %.0f µs | %s |",
          masters.size(),
          acknowledged / seconds,
          delivered / seconds,
          toAck.percentile(50) / 1e6,
          toAck.percentile(99) / 1e6,
          micros(nodes, acknowledged),
          micros(redis, acknowledged),
          micros(load, acknowledged),
          masters.stream().map(this::each).collect(Collectors.joining("; ")));
    }

    private String each(Master master) {
      return String.format(
          Locale.ROOT,
          "%.0f %%, %.1f, %.0f µs, %.0f %%",
          100.0 * master.messages() / Math.max(1, acknowledged),
          (double) master.messages() / Math.max(1, master.scripts()),
          micros(master.cpu(), master.messages()),
          100.0 * master.cpu().toNanos() / time.toNanos());
    }

    private static double micros(Duration cpu, long count) {
      return cpu.toNanos() / 1e3 / Math.max(1, count);
    }
  }

  /** What has been used and counted up to a moment. Immutable. */
  private record Reading(
      long at, long delivered, List<Duration> masters, List<Long> scripts, Duration nodes) {}

  MastersRun(Plan plan, int masters, Path folder) {
    this.plan = plan;
    this.masters = masters;
    this.folder = folder;
    this.messages = new Messages("masters-" + masters, TEXT_BYTES);
  }

  /** Starts all, measures, and ends all. */
  Figures run() throws IOException, InterruptedException {
    Path data = Files.createDirectories(folder.resolve("redis"));
    List<ServerProcess> nodes = new ArrayList<>();
    try (CpuShare share = CpuShare.percent(plan.share());
        RedisCluster cluster = RedisCluster.start(data, masters, 0, List.of("--save", ""))) {
      Thread ending = new Thread(cluster::close);
      Runtime.getRuntime().addShutdownHook(ending);
      try {
        for (int i = 0; i < plan.nodes(); i++) {
          // With one address it is not told by their number that it is a cluster.
          nodes.add(startNode(cluster.url().replace("redis:", "redis-cluster:"), i));
        }
        for (ServerProcess node : nodes) {
          node.awaitReady();
        }
        for (Member master : cluster.members()) {
          share.limit(master.process().pid());
        }
        return drive(cluster, nodes);
      } finally {
        for (ServerProcess node : nodes) {
          node.kill();
        }
        Runtime.getRuntime().removeShutdownHook(ending);
      }
    }
  }

  private ServerProcess startNode(String redis, int number) throws IOException {
    Map<String, String> environment = new HashMap<>(NO_LIMITS);
    environment.put("ROOMCAST_REDIS", redis);
    return ServerProcess.start(
        List.of("-Xmx256m", "-XX:+UseSerialGC"),
        Demo.class,
        List.of("--port", "0"),
        environment,
        folder.resolve("node-" + number + ".log").toFile());
  }

  private Figures drive(RedisCluster cluster, List<ServerProcess> nodes)
      throws IOException, InterruptedException {
    List<URI> servers =
        nodes.stream()
            .map(node -> URI.create(node.url().replace("http:", "ws:") + "/chat"))
            .toList();
    try (Loop loop = Loop.start()) {
      loop.execute(() -> connect(loop, servers));
      await(
          loop, () -> clients.size() == plan.clients() && clients.stream().allMatch(Client::live));
      loop.execute(() -> talk(loop, 0));
      TimeUnit.NANOSECONDS.sleep(plan.time().toNanos() / 2); // until all is compiled
      Reading before = read(loop, cluster, nodes);
      Duration loadBefore = cpu(ProcessHandle.current().pid());
      TimeUnit.NANOSECONDS.sleep(plan.time().toNanos());
      Reading after = read(loop, cluster, nodes);
      Duration load = cpu(ProcessHandle.current().pid()).minus(loadBefore);
      loop.execute(() -> over = true);
      boolean complete = await(loop, this::everythingArrived);
      loop.ask(
          () -> {
            clients.forEach(Client::stop);
            return true;
          });
      return figures(before, after, load, owners(cluster), complete);
    }
  }

  private void connect(Loop loop, List<URI> servers) {
    for (int i = 0; i < plan.clients(); i++) {
      Client client = new Client(loop, servers, messages, tally, i, new Random(i));
      clients.add(client);
      for (int j = 0; j < JOINS; j++) {
        client.join("room-" + (i + j * 7) % plan.rooms());
      }
      loop.after(2L * i, client::start);
    }
  }

  /** Keeps so many messages on their way, in all rooms in turn. */
  private void talk(Loop loop, int next) {
    int at = next;
    while (!over && messages.all().size() - tally.acked < plan.window()) {
      Client client = clients.get(at % clients.size());
      List<String> rooms = client.rooms();
      client.send(rooms.get(at / clients.size() % rooms.size()), System.nanoTime());
      at++;
    }
    int then = at;
    if (!over) {
      loop.after(1, () -> talk(loop, then));
    }
  }

  private boolean everythingArrived() {
    Map<String, Integer> members = new HashMap<>();
    clients.forEach(client -> client.rooms().forEach(room -> members.merge(room, 1, Integer::sum)));
    long expected =
        messages.all().stream().mapToLong(sent -> members.getOrDefault(sent.room, 0)).sum();
    return tally.acked == messages.all().size() && tally.delivered == expected;
  }

  private Reading read(Loop loop, RedisCluster cluster, List<ServerProcess> nodes)
      throws IOException, InterruptedException {
    List<Duration> cpu = new ArrayList<>();
    List<Long> scripts = new ArrayList<>();
    for (Member master : cluster.members()) {
      cpu.add(cpu(master.process().pid()));
      scripts.add(
          master
              .text("INFO", "commandstats")
              .lines()
              .filter(line -> line.startsWith("cmdstat_evalsha:"))
              .mapToLong(line -> Long.parseLong(line.replaceFirst(".*?calls=(\\d+).*", "$1")))
              .sum());
    }
    Duration used = Duration.ZERO;
    for (ServerProcess node : nodes) {
      used = used.plus(cpu(node.process().pid()));
    }
    return new Reading(System.nanoTime(), loop.ask(() -> tally.delivered), cpu, scripts, used);
  }

  /** What a process has used, 0 where the system does not tell. */
  private static Duration cpu(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  private Map<String, Integer> owners(RedisCluster cluster) throws IOException {
    Map<String, Integer> owners = new HashMap<>();
    for (int i = 0; i < plan.rooms(); i++) {
      String room = "room-" + i;
      owners.put(room, cluster.members().indexOf(cluster.ownerOf(room)));
    }
    return owners;
  }

  private Figures figures(
      Reading before, Reading after, Duration load, Map<String, Integer> owners, boolean complete) {
    Histogram toAck = new Histogram();
    long[] counts = new long[masters];
    long acknowledged = 0;
    for (Sent sent : messages.all()) {
      if (sent.acked != null && sent.ackedAt > before.at() && sent.ackedAt <= after.at()) {
        acknowledged++;
        counts[owners.getOrDefault(sent.room, 0)]++;
        toAck.add(sent.ackedAt - sent.due);
      }
    }
    List<Master> each = new ArrayList<>();
    for (int i = 0; i < masters; i++) {
      each.add(
          new Master(
              counts[i],
              after.scripts().get(i) - before.scripts().get(i),
              after.masters().get(i).minus(before.masters().get(i))));
    }
    return new Figures(
        Duration.ofNanos(after.at() - before.at()),
        acknowledged,
        after.delivered() - before.delivered(),
        toAck,
        after.nodes().minus(before.nodes()),
        load,
        each,
        complete);
  }

  private boolean await(Loop loop, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!loop.ask(condition::getAsBoolean)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      plan.progress()
          .show(
              masters
                  + " masters: "
                  + loop.ask(
                      () -> tally.welcomes + " connected, " + tally.acked + " acknowledged"));
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    return true;
  }
}
