package dev.roomcast.examples.load;

import dev.roomcast.examples.demo.Demo;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The demo's workers, replaced one by one by SIGHUP under clients that talk. */
@Command(
    name = "roll",
    mixinStandardHelpOptions = true,
    description =
        "Starts the demo with workers, has it replace them one by one while clients talk, and"
            + " checks that nobody lost anything or saw anybody leave.")
final class RollCommand implements Callable<Integer> {

  private static final long FIRST_MS = 3_000;
  private static final long LOOK_MS = 100;
  private static final long START_SECONDS = 90;

  @Option(names = "--workers", paramLabel = "N", description = "processes, ${DEFAULT-VALUE}")
  private int workers = 4;

  @Option(names = "--clients", paramLabel = "N", description = "clients, ${DEFAULT-VALUE}")
  private int clients = 500;

  @Option(names = "--rooms", paramLabel = "N", description = "rooms, ${DEFAULT-VALUE}")
  private int rooms = 100;

  @Option(
      names = "--joins",
      paramLabel = "N",
      description = "rooms of each client, ${DEFAULT-VALUE}")
  private int joins = 4;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "messages a second in all, ${DEFAULT-VALUE}")
  private int rate = 500;

  @Option(names = "--seconds", paramLabel = "N", description = "so long, ${DEFAULT-VALUE}")
  private int seconds = 60;

  @Option(
      names = "--drain",
      paramLabel = "MS",
      description = "time of a worker to drain, ${DEFAULT-VALUE}")
  private int drain = 5_000;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;

  RollCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.between("--workers", workers, 2, 16);
    options.between("--clients", clients, 1, 10_000);
    options.between("--rooms", rooms, 1, 10_000);
    options.between("--joins", joins, 1, 50);
    options.between("--rate", rate, 1, clients * 20L);
    options.between("--seconds", seconds, 10, 3_600);
    options.between("--drain", drain, 100, 600_000);
    Path folder = Folders.temporary("roomcast-roll");
    Path log = folder.resolve("demo.log");
    LoadRun.Outcome outcome;
    try (ServerProcess demo = startDemo(folder, log)) {
      Runtime.getRuntime().addShutdownHook(new Thread(demo::close));
      URI url = URI.create(demo.url().replace("http:", "ws:") + "/chat");
      LoadRun.Plan plan =
          new LoadRun.Plan(
              clients,
              rooms,
              Math.min(joins, rooms),
              seconds * rate,
              rate,
              100,
              Duration.ofMillis(clients * 10L),
              Duration.ofSeconds(60));
      outcome = new LoadRun(List.of(url), plan, err).run(() -> roll(demo, log));
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "; the log is " + log, e);
    }
    outcome.print(out);
    if (outcome.violations().isEmpty()) {
      Folders.delete(folder);
      return Load.KEPT;
    }
    out.println("log           " + log);
    return Load.BROKEN;
  }

  private ServerProcess startDemo(Path folder, Path log) throws IOException {
    return ServerProcess.start(
        List.of("-Xmx192m", "-XX:TieredStopAtLevel=1"),
        Demo.class,
        List.of(
            "--workers",
            Integer.toString(workers),
            "--port",
            "0",
            "--data",
            folder.resolve("redis").toString()),
        // All clients have one address.
        Map.of(
            "ROOMCAST_LIMITS_CONNECTIONS_PER_ADDRESS",
            "0",
            "ROOMCAST_LIMITS_HANDSHAKES_PER_SECOND_PER_ADDRESS",
            "0",
            "ROOMCAST_LIMITS_DRAIN",
            drain + "ms"),
        log.toFile());
  }

  /** Has the parent replace its workers, and waits until it says that it did. */
  private void roll(ServerProcess demo, Path log) throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(FIRST_MS);
    long began = System.nanoTime();
    int code =
        new ProcessBuilder("kill", "-HUP", Long.toString(demo.process().pid())).start().waitFor();
    if (code != 0) {
      throw new IOException("SIGHUP cannot be sent");
    }
    long deadline =
        began
            + TimeUnit.SECONDS.toNanos(START_SECONDS * workers)
            + TimeUnit.MILLISECONDS.toNanos((long) drain * workers);
    String done = "all " + workers + " workers are replaced";
    while (!Files.readString(log).contains(done)) {
      if (System.nanoTime() > deadline || !demo.process().isAlive()) {
        throw new IOException("the workers were not replaced");
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    out.printf(
        "replaced      %d workers in %d s%n",
        workers, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
  }
}
