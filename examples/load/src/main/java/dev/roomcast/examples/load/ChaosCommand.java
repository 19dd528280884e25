package dev.roomcast.examples.load;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Nodes and a Redis of its own, clients, and faults by a seed. Confined to one thread. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = "Starts nodes and a Redis, breaks them by a seed, and checks every promise.")
final class ChaosCommand implements Callable<Integer> {

  private static final String LOSSY = "lossy-redis";
  private static final List<Fault.Kind> LOSSY_KINDS =
      List.of(Fault.Kind.REDIS_KILL, Fault.Kind.CUT, Fault.Kind.NODE_KILL);

  @Option(names = "--seed", paramLabel = "N", description = "which schedule, ${DEFAULT-VALUE}")
  private long seed = 1;

  @Option(names = "--seconds", paramLabel = "N", description = "how long, ${DEFAULT-VALUE}")
  private int seconds = 60;

  @Option(names = "--workers", paramLabel = "N", description = "nodes, ${DEFAULT-VALUE}")
  private int workers = 3;

  @Option(names = "--clients", paramLabel = "N", description = "clients, ${DEFAULT-VALUE}")
  private int clients = 200;

  @Option(names = "--rooms", paramLabel = "N", description = "rooms, ${DEFAULT-VALUE}")
  private int rooms = 20;

  @Option(
      names = "--joins",
      paramLabel = "N",
      description = "rooms of each client, ${DEFAULT-VALUE}")
  private int joins = 3;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "messages of each client a second, ${DEFAULT-VALUE}")
  private double rate = 1;

  @Option(
      names = "--faults",
      paramLabel = "LIST",
      description =
          "all, none, lossy-redis (Redis without persistence), or some of node-kill, node-drain,"
              + " cut, stall, link-kill, redis-pause, redis-sleep, redis-kill; ${DEFAULT-VALUE}")
  private String faults = "all";

  @Option(
      names = "--redis",
      paramLabel = "KIND",
      description =
          "one, or cluster (3 masters, 3 replicas, Redis 7.0): its faults are master-kill,"
              + " failover, slots-move, resize instead of redis-*, and reshard (half of all slots,"
              + " not in all: it takes long); ${DEFAULT-VALUE}")
  private String redis = "one";

  @Option(
      names = "--lease",
      paramLabel = "MS",
      description = "after which a silent node is dead, ${DEFAULT-VALUE}")
  private int lease = 5_000;

  @Option(
      names = "--resume-ttl",
      paramLabel = "MS",
      description = "in which sessions can be resumed, ${DEFAULT-VALUE}")
  private int resumeTtl = 10_000;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "write a report as JSON there; without it one is written beside the logs when a promise"
              + " was broken")
  private @Nullable Path report;

  @Option(names = "--plan", description = "print the schedule and do nothing")
  private boolean planOnly;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;

  ChaosCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.between("--seconds", seconds, 1, 86_400);
    options.between("--workers", workers, 1, 16);
    options.between("--clients", clients, 1, 10_000);
    options.between("--rooms", rooms, 1, 10_000);
    options.between("--joins", joins, 1, 50);
    options.between("--lease", lease, 500, 60_000);
    options.between("--resume-ttl", resumeTtl, 500, 600_000);
    if (!(rate > 0 && rate <= 20)) {
      throw options.bad("--rate: more than 0, up to 20 expected, got " + rate);
    }
    if (report != null) {
      options.writable("--report", report);
    }
    boolean sharded = redis.equals("cluster");
    boolean lossy = faults.equals(LOSSY);
    if (!sharded && !redis.equals("one") || sharded && lossy) {
      throw options.bad("--redis: one or cluster expected, without lossy-redis, got " + redis);
    }
    Schedule schedule =
        Schedule.of(seed, seconds, workers, clients, lossy ? LOSSY_KINDS : kinds(sharded));
    if (planOnly) {
      schedule.faults().forEach(out::println);
      return Load.KEPT;
    }
    ChaosRun.Plan plan =
        new ChaosRun.Plan(
            seed,
            schedule,
            seconds,
            clients,
            rooms,
            Math.min(joins, rooms),
            rate,
            !lossy,
            Duration.ofMillis(lease),
            Duration.ofMillis(resumeTtl));
    return chaos(plan, sharded);
  }

  private int chaos(ChaosRun.Plan plan, boolean sharded) throws IOException, InterruptedException {
    Path folder = Folders.temporary("roomcast-chaos");
    ChaosReport result;
    Path where = folder.resolve("redis");
    Store store = sharded ? ShardedRedis.start(where) : OneRedis.start(where, plan.durable());
    try (Cluster cluster = Cluster.start(folder, workers, store, plan.lease(), plan.resumeTtl())) {
      result = new ChaosRun(plan, cluster, err).run();
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; the logs are in " + folder, e);
    }
    result.print(out);
    boolean kept = result.violations().isEmpty();
    if (report != null || !kept) {
      Path file = report != null ? report : folder.resolve("report.json");
      result.write(file);
      out.println("report          " + file);
    }
    if (kept) {
      Folders.delete(folder);
      return Load.KEPT;
    }
    out.println("logs            " + folder);
    return Load.BROKEN;
  }

  private List<Fault.Kind> kinds(boolean sharded) {
    List<Fault.Kind> possible =
        Stream.of(Fault.Kind.values())
            .filter(kind -> sharded ? !kind.ofOneRedis() : !kind.ofCluster())
            .toList();
    if (faults.equals("all")) {
      return possible.stream().filter(kind -> kind != Fault.Kind.RESHARD).toList();
    } else if (faults.equals("none")) {
      return List.of();
    }
    List<Fault.Kind> kinds = new ArrayList<>();
    for (String name : faults.split(",", -1)) {
      kinds.add(
          possible.stream()
              .filter(kind -> kind.option().equals(name.strip().toLowerCase(Locale.ROOT)))
              .findAny()
              .orElseThrow(
                  () ->
                      options.bad(
                          "--faults: all, none, "
                              + LOSSY
                              + " or some of "
                              + possible.stream()
                                  .map(Fault.Kind::option)
                                  .collect(Collectors.joining(", "))
                              + " expected, got "
                              + name)));
    }
    return kinds;
  }
}
