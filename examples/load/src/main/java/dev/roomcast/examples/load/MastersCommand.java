package dev.roomcast.examples.load;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The same load on Redis Clusters of so many masters, one after the other. Confined to one thread.
 */
@Command(
    name = "masters",
    mixinStandardHelpOptions = true,
    description =
        "Starts a Redis Cluster of one master, then of two and so on, with the same nodes and"
            + " clients that talk as fast as they get acks, and prints what each carried and cost.")
final class MastersCommand implements Callable<Integer> {

  @Option(
      names = "--counts",
      split = ",",
      paramLabel = "N",
      description = "masters of each run, 1,2,3")
  private List<Integer> counts = List.of(1, 2, 3);

  @Option(names = "--nodes", paramLabel = "N", description = "nodes, ${DEFAULT-VALUE}")
  private int nodes = 2;

  @Option(names = "--clients", paramLabel = "N", description = "clients, ${DEFAULT-VALUE}")
  private int clients = 200;

  @Option(
      names = "--rooms",
      paramLabel = "N",
      description = "rooms, over all slots; each client is in two, ${DEFAULT-VALUE}")
  private int rooms = 100;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "messages without an ack, of all clients together, ${DEFAULT-VALUE}")
  private int window = 200;

  @Option(names = "--seconds", paramLabel = "N", description = "of each run, ${DEFAULT-VALUE}")
  private int seconds = 10;

  @Option(
      names = "--share",
      paramLabel = "PERCENT",
      description =
          "how much of a core each master may use, 0 for all: with a small share masters are the"
              + " limit on a small machine too. Needs root and control groups; ${DEFAULT-VALUE}")
  private int share;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;

  MastersCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.between("--counts", counts.size(), 1, 16);
    counts.forEach(count -> options.between("--counts", count, 1, 16));
    options.between("--nodes", nodes, 1, 16);
    options.between("--clients", clients, 1, 10_000);
    options.between("--rooms", rooms, 2, 10_000);
    options.between("--window", window, 1, 100_000);
    options.between("--seconds", seconds, 1, 600);
    options.between("--share", share, 0, 100);
    MastersRun.Plan plan =
        new MastersRun.Plan(
            nodes, clients, rooms, window, Duration.ofSeconds(seconds), share, new Progress(err));
    List<MastersRun.Figures> all = new ArrayList<>();
    for (int count : counts) {
      Path folder = Folders.temporary("roomcast-masters");
      MastersRun.Figures figures;
      try {
        figures = new MastersRun(plan, count, folder).run();
      } catch (IOException e) {
        throw new IOException(e.getMessage() + "; the logs are in " + folder, e);
      }
      Folders.delete(folder);
      all.add(figures);
    }
    out.printf(
        "%d nodes, %d clients, %d rooms of %s members, %d messages in flight, %d s each%s%n%n",
        nodes,
        clients,
        rooms,
        MastersRun.JOINS * clients / rooms,
        window,
        seconds,
        share == 0 ? "" : ", each master has " + share + " % of a core");
    MastersRun.Figures.print(out, all);
    if (all.stream().allMatch(MastersRun.Figures::complete)) {
      return Load.KEPT;
    }
    out.println(
        "BROKEN        a message was not acknowledged, or not delivered to all members once");
    return Load.BROKEN;
  }
}
