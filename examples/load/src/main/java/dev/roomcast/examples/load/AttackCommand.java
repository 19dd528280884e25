package dev.roomcast.examples.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The attackers' process: reads on its input which attack to begin and when to end it, and tells
 * what became of those who took part. Confined to one thread.
 *
 * @see Attackers
 */
@Command(name = "attack", hidden = true, description = "Attacks, as the hostile suite says.")
final class AttackCommand implements Callable<Integer> {

  static final String END = "end";

  @Option(names = "--server", required = true)
  private URI server = URI.create("ws://127.0.0.1");

  @Option(names = "--rooms", required = true, split = ",")
  private List<String> rooms = new ArrayList<>();

  private final PrintStream out;

  AttackCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Attack> attacks =
        Attacks.all(rooms).stream().collect(Collectors.toMap(Attack::name, attack -> attack));
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Loop loop = Loop.start()) {
      for (String name = orders.readLine(); name != null; name = orders.readLine()) {
        Attack attack = attacks.get(name);
        if (attack == null) {
          throw new IOException("no such attack: " + name);
        }
        Crowd crowd = new Crowd(loop, server, attack);
        loop.execute(crowd::begin);
        String end = orders.readLine();
        Map<String, Integer> outcomes = loop.ask(crowd::end);
        if (!END.equals(end)) {
          break;
        }
        out.println(
            outcomes.entrySet().stream()
                .map(outcome -> outcome.getKey() + " x" + outcome.getValue())
                .collect(Collectors.joining(", ")));
      }
    }
    return Load.KEPT;
  }
}
