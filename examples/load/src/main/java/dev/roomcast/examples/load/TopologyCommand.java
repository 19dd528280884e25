package dev.roomcast.examples.load;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Nodes behind HAProxy, restarted one by one by SIGTERM under clients that talk. Confined to one
 * thread.
 */
@Command(
    name = "topology",
    mixinStandardHelpOptions = true,
    description =
        "Starts Redis, three nodes and HAProxy before them, restarts the nodes one by one with"
            + " SIGTERM while clients talk, and checks that nobody lost anything or saw anybody"
            + " leave. With a Redis Cluster, a master fails over meanwhile. Needs haproxy on the"
            + " PATH.")
final class TopologyCommand implements Callable<Integer> {

  @Option(
      names = "--haproxy",
      paramLabel = "FILE",
      description = "configuration of HAProxy, ${DEFAULT-VALUE}")
  private Path configuration = Path.of("examples/haproxy.cfg");

  @Option(
      names = "--redis",
      paramLabel = "KIND",
      description = "one, or cluster (3 masters, 3 replicas, Redis 7.0); ${DEFAULT-VALUE}")
  private String redis = "one";

  @Option(names = "--clients", paramLabel = "N", description = "clients, ${DEFAULT-VALUE}")
  private int clients = 200;

  @Option(names = "--rooms", paramLabel = "N", description = "rooms, ${DEFAULT-VALUE}")
  private int rooms = 50;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "messages a second in all, ${DEFAULT-VALUE}")
  private int rate = 200;

  @Option(names = "--seconds", paramLabel = "N", description = "so long, ${DEFAULT-VALUE}")
  private int seconds = 30;

  @Option(
      names = "--drain",
      paramLabel = "MS",
      description = "time of a node to drain, ${DEFAULT-VALUE}")
  private int drain = 3_000;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;

  TopologyCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.between("--clients", clients, 1, 10_000);
    options.between("--rooms", rooms, 1, 10_000);
    options.between("--rate", rate, 1, clients * 20L);
    options.between("--seconds", seconds, 5, 3_600);
    options.between("--drain", drain, 100, 600_000);
    if (!redis.equals("one") && !redis.equals("cluster")) {
      throw options.bad("--redis: one or cluster expected, got " + redis);
    }
    if (!Files.isReadable(configuration)) {
      throw options.bad("--haproxy: a file that can be read expected, got " + configuration);
    }
    if (!Topology.available()) {
      throw new IOException("there is no haproxy on the PATH");
    }
    Path folder = Folders.temporary("roomcast-topology");
    LoadRun.Outcome outcome;
    try (Topology topology =
        Topology.start(
            folder,
            store(folder.resolve("redis")),
            configuration.toAbsolutePath(),
            Duration.ofMillis(drain))) {
      LoadRun.Plan plan =
          new LoadRun.Plan(
              clients,
              rooms,
              Math.min(4, rooms),
              seconds * rate,
              rate,
              100,
              Duration.ofMillis(clients * 10L),
              Duration.ofSeconds(60));
      outcome = new LoadRun(List.of(topology.url()), plan, err).run(() -> roll(topology));
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; the logs are in " + folder, e);
    }
    outcome.print(out);
    if (outcome.violations().isEmpty()) {
      Folders.delete(folder);
      return Load.KEPT;
    }
    out.println("logs          " + folder);
    return Load.BROKEN;
  }

  private Store store(Path where) throws IOException, InterruptedException {
    return redis.equals("cluster") ? ShardedRedis.start(where) : OneRedis.start(where, true);
  }

  /** In a cluster a master fails over between the first node and the others. */
  private void roll(Topology topology) throws IOException, InterruptedException {
    long began = System.nanoTime();
    for (int node = 1; node <= Topology.NODES; node++) {
      topology.restart(node);
      if (node == 1 && redis.equals("cluster")) {
        failOver(topology.store());
      }
    }
    out.printf(
        "restarted     %d nodes behind HAProxy in %d s%n",
        Topology.NODES, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
  }

  private void failOver(Store store) throws IOException, InterruptedException {
    long began = System.nanoTime();
    store.suffer(new Fault(Fault.Kind.FAILOVER, 0, 0, 0));
    out.printf(
        "failed over   a master of the cluster in %d ms%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
  }
}
