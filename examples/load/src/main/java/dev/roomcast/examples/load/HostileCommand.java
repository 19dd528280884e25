package dev.roomcast.examples.load;

import dev.roomcast.examples.demo.Demo;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One attack after the other on a demo with a small heap, while honest clients chat and must not
 * notice. Confined to one thread.
 */
@Command(
    name = "hostile",
    mixinStandardHelpOptions = true,
    description = "Attacks on a server of its own, while honest clients must not notice.")
final class HostileCommand implements Callable<Integer> {

  @Option(
      names = "--attacks",
      paramLabel = "NAME",
      split = ",",
      description = "only these; by default all")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "how long each attack lasts, ${DEFAULT-VALUE}")
  private int seconds = 10;

  @Option(names = "--clients", paramLabel = "N", description = "honest clients, ${DEFAULT-VALUE}")
  private int clients = 100;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "messages a second of the honest in all, ${DEFAULT-VALUE}")
  private int rate = 100;

  @Option(
      names = "--p99",
      paramLabel = "MS",
      description = "how late 99 per cent of the honest messages may be, ${DEFAULT-VALUE}")
  private int p99 = 100;

  @Option(names = "--heap", paramLabel = "MB", description = "the server's heap, ${DEFAULT-VALUE}")
  private int heap = 256;

  @Option(
      names = "--growth",
      paramLabel = "MB",
      description = "how much more of it may be in use after an attack, ${DEFAULT-VALUE}")
  private int growth = 48;

  @Mixin private Options options = new Options();

  private final PrintStream out;
  private final PrintStream err;
  private final List<String> problems = new ArrayList<>();

  HostileCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Attack> attacks = chosen();
    Path folder = Folders.temporary("roomcast-hostile");
    Path log = folder.resolve("demo.log");
    List<String> jvm = List.of("-Xmx" + heap + "m", "-XX:+ExitOnOutOfMemoryError");
    try (ServerProcess demo =
            ServerProcess.start(jvm, Demo.class, List.of("--port", "0"), Map.of(), log.toFile());
        Loop honestLoop = Loop.start();
        Attackers attackers =
            Attackers.start(chat(demo), Honest.rooms(), folder.resolve("attackers.log").toFile())) {
      Runtime.getRuntime().addShutdownHook(new Thread(demo::close));
      URI server = chat(demo);
      Honest honest = new Honest(honestLoop, server, clients, rate);
      honest.start();
      TimeUnit.SECONDS.sleep(seconds);
      Gauges before = Gauges.read(demo.process().pid());
      out.printf(
          "%d honest clients, %d messages/s, %d s an attack, -Xmx%dm, before: %s%n",
          clients, rate, seconds, heap, before);
      out.printf("%-24s %9s %9s %9s  %s%n", "attack", "p99", "p99", "heap", "what happened to");
      out.printf("%-24s %9s %9s %9s  %s%n", "", "before", "during", "after", "the attackers");
      for (Attack attack : attacks) {
        play(attack, honest, attackers, demo, before);
      }
      for (Violation violation : honest.judge()) {
        problems.add("honest: " + violation);
      }
      int traces = stackTraces(log);
      if (traces > 0) {
        problems.add(traces + " stack traces in the server's log");
      }
    } finally {
      Folders.delete(folder);
    }
    problems.forEach(problem -> out.println("BROKEN        " + problem));
    if (problems.isEmpty()) {
      out.println(
          "kept          p99 of the honest within "
              + p99
              + " ms, nobody of them disturbed, "
              + Verdict.ORDER
              + ", heap bounded");
    }
    return problems.isEmpty() ? Load.KEPT : Load.BROKEN;
  }

  private static URI chat(ServerProcess demo) {
    return URI.create(demo.url().replace("http:", "ws:") + "/chat");
  }

  private void play(
      Attack attack, Honest honest, Attackers attackers, ServerProcess demo, Gauges before)
      throws IOException, InterruptedException {
    err.println(attack.name());
    honest.mark();
    TimeUnit.SECONDS.sleep(Math.max(1, seconds / 3));
    Honest.While calm = honest.seen();
    honest.mark();
    attackers.begin(attack);
    TimeUnit.SECONDS.sleep(seconds);
    Honest.While during = honest.seen();
    String outcomes = attackers.end();
    if (!demo.process().isAlive()) {
      throw new IOException("the server did not survive " + attack.name());
    }
    Gauges after = Gauges.read(demo.process().pid());
    // Time to settle: what the collection held up does not count.
    TimeUnit.SECONDS.sleep(1);
    out.printf(
        Locale.ROOT,
        "%-24s %6.1f ms %6.1f ms %9s  %s%n",
        attack.name(),
        calm.p99Millis(),
        during.p99Millis(),
        after.heap(),
        outcomes);
    judge(attack, during, before, after);
  }

  private void judge(Attack attack, Honest.While during, Gauges before, Gauges after) {
    if (during.p99Millis() > p99) {
      problems.add(
          String.format(
              Locale.ROOT, "%s: p99 of the honest %.1f ms", attack.name(), during.p99Millis()));
    }
    if (during.delivered() == 0) {
      problems.add(attack.name() + ": nothing was delivered to the honest");
    }
    during.disturbances().forEach(what -> problems.add(attack.name() + ": " + what));
    if (after.heapBytes() > before.heapBytes() + ((long) growth << 20)) {
      problems.add(attack.name() + ": heap " + before.heap() + " before, now " + after.heap());
    }
  }

  private List<Attack> chosen() {
    options.between("--seconds", seconds, 1, 3_600);
    options.between("--clients", clients, 10, 400);
    options.between("--rate", rate, 1, 2_000);
    options.between("--p99", p99, 1, 60_000);
    options.between("--heap", heap, 64, 65_536);
    options.between("--growth", growth, 1, 65_536);
    List<Attack> all = Attacks.all(Honest.rooms());
    for (String name : names) {
      if (all.stream().noneMatch(attack -> attack.name().equals(name))) {
        throw options.bad(
            "--attacks: some of "
                + String.join(",", all.stream().map(Attack::name).toList())
                + " expected, got "
                + name);
      }
    }
    return all.stream().filter(attack -> names.isEmpty() || names.contains(attack.name())).toList();
  }

  /** Counts the stack traces in a log: strangers must not fill a disk with them. */
  private static int stackTraces(Path log) throws IOException {
    int traces = 0;
    boolean inTrace = false;
    for (String line : Files.readAllLines(log)) {
      boolean at = line.startsWith("\tat ");
      traces += at && !inTrace ? 1 : 0;
      inTrace = at;
    }
    return traces;
  }
}
