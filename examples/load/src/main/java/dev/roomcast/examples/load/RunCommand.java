package dev.roomcast.examples.load;

import dev.roomcast.examples.demo.Demo;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Many clients that talk in rooms at a fixed rate, without faults. Confined to one thread. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Clients that talk in rooms at a fixed rate; checks order, loss and doubles.")
final class RunCommand implements Callable<Integer> {

  /** All clients come from one address, whose limits would be measured instead. */
  private static final Map<String, String> ONE_ADDRESS =
      Map.of(
          "ROOMCAST_LIMITS_CONNECTIONS_PER_ADDRESS", "0",
          "ROOMCAST_LIMITS_HANDSHAKES_PER_SECOND_PER_ADDRESS", "0",
          "ROOMCAST_LIMITS_PENDING_HANDSHAKES", "0");

  private static final int MAX_RATE_PER_CLIENT = 25;
  private static final int USUAL_RATE_PER_CLIENT = 10;
  private static final int USUAL_RATE = 2_000;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "a server, ws://127.0.0.1:5000/chat; give it again for more")
  private List<URI> urls = new ArrayList<>();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "start the demo with so many processes and a Redis of its own, instead of --url")
  private int workers;

  @Option(names = "--clients", paramLabel = "N", description = "clients, ${DEFAULT-VALUE}")
  private int clients = 200;

  @Option(names = "--rooms", paramLabel = "N", description = "rooms, ${DEFAULT-VALUE}")
  private int rooms = 50;

  @Option(
      names = "--joins",
      paramLabel = "N",
      description = "rooms of each client, ${DEFAULT-VALUE}")
  private int joins = 4;

  @Option(names = "--messages", paramLabel = "N", description = "messages in all, ${DEFAULT-VALUE}")
  private int messages = 20_000;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "messages a second in all; by default 10 a client, 2000 at most")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "so long at the rate, instead of --messages")
  private int seconds;

  @Option(names = "--size", paramLabel = "BYTES", description = "bytes of a text, ${DEFAULT-VALUE}")
  private int size = 100;

  @Option(
      names = "--ramp",
      paramLabel = "MS",
      description = "time in which the clients connect, by default 5 ms for each")
  private int ramp = -1;

  @Option(
      names = "--patience",
      paramLabel = "S",
      description = "how late connecting and delivery may be, ${DEFAULT-VALUE} s")
  private int patience = 60;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "write a page with the figures and plots there; one that is there is replaced")
  private @Nullable Path report;

  @Option(names = "--allow-remote", description = "servers that are not on this machine, too")
  private boolean remote;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;

  RunCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    if (workers == 0) {
      urls.forEach(url -> options.server(url, remote));
      return load(urls);
    }
    Path folder = Folders.temporary("roomcast-load");
    try (ServerProcess demo = startDemo(folder)) {
      // The demo goes on without us, unless it is told.
      Runtime.getRuntime().addShutdownHook(new Thread(demo::close));
      URI url = URI.create(demo.url().replace("http:", "ws:") + "/chat");
      return load(List.of(url));
    } finally {
      Folders.delete(folder);
    }
  }

  private ServerProcess startDemo(Path folder) throws IOException {
    List<String> arguments =
        List.of(
            "--workers",
            Integer.toString(workers),
            "--port",
            "0",
            "--data",
            folder.resolve("redis").toString());
    return ServerProcess.start(
        List.of("-Xmx256m"),
        Demo.class,
        arguments,
        ONE_ADDRESS,
        folder.resolve("demo.log").toFile());
  }

  private int load(List<URI> servers) throws IOException, InterruptedException {
    LoadRun.Plan plan =
        new LoadRun.Plan(
            clients,
            rooms,
            joins,
            messages,
            rate,
            size,
            Duration.ofMillis(ramp < 0 ? clients * 5L : ramp),
            Duration.ofSeconds(patience));
    LoadRun run = new LoadRun(servers, plan, err);
    LoadRun.Outcome outcome;
    try {
      outcome = run.run();
    } catch (IOException e) {
      write(run.failed(e));
      throw e;
    }
    outcome.print(out);
    write(outcome);
    return outcome.violations().isEmpty() ? Load.KEPT : Load.BROKEN;
  }

  private void write(LoadRun.Outcome outcome) throws IOException {
    if (report != null) {
      Files.writeString(report, new LoadReport(outcome).html());
      out.println("report        " + report);
    }
  }

  private void check() {
    options.between("--workers", workers, 0, 64);
    if ((workers == 0) == urls.isEmpty()) {
      throw options.bad("--url or --workers: one of the two expected");
    }
    options.between("--clients", clients, 1, 100_000);
    options.between("--rooms", rooms, 1, 100_000);
    options.between("--joins", joins, 1, 100);
    joins = Math.min(joins, rooms);
    options.between("--size", size, 1, 4_000);
    options.between("--ramp", ramp, -1, 3_600_000);
    options.between("--patience", patience, 1, 3_600);
    options.between("--rate", rate, 0, 1_000_000);
    if (rate == 0) {
      rate = Math.min(clients * USUAL_RATE_PER_CLIENT, USUAL_RATE);
    }
    if (rate > (long) clients * MAX_RATE_PER_CLIENT) {
      throw options.bad(
          "--rate: at most "
              + MAX_RATE_PER_CLIENT
              + " a second for each client, servers limit connections; more --clients?");
    }
    options.between("--seconds", seconds, 0, 86_400);
    if (seconds > 0) {
      messages = Math.multiplyExact(seconds, rate);
    }
    options.between("--messages", messages, 1, 50_000_000);
    if (report != null) {
      options.writable("--report", report);
    }
  }
}
