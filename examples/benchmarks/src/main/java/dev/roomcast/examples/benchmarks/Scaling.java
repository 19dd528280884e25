package dev.roomcast.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Reckons from measured costs how many nodes and masters are needed, and plays what a master does
 * under load: the tables and curves of {@code chat-redis/SCALING.md}. Immutable.
 */
public final class Scaling {

  static final int ROOMS = 1_000;
  static final int SUBSCRIBERS = 3;
  private static final int MESSAGES = 200_000;

  private final CostModel costs;

  Scaling(CostModel costs) {
    this.costs = costs;
  }

  /** Takes the file with the costs and the folder for the curves; prints the tables. */
  public static void main(String[] args) throws IOException {
    Scaling scaling = new Scaling(CostModel.read(Path.of(args[0])));
    System.out.println(scaling.needs());
    System.out.println(scaling.master());
    for (Map.Entry<String, String> curve : scaling.curves().entrySet()) {
      Files.writeString(Path.of(args[1]).resolve(curve.getKey()), curve.getValue());
    }
  }

  /** Nodes and masters for the three shapes, as a table of Markdown. */
  String needs() {
    StringBuilder table = new StringBuilder();
    table.append(
        "| shape | connections | messages/s | deliveries/s | nodes that hear of a message |"
            + " nodes | for | masters | for | store sends |\n");
    table.append("|---|---|---|---|---|---|---|---|---|---|\n");
    for (Shape shape : Shape.values()) {
      for (double connections : new double[] {1e5, 1e6, 1e7}) {
        Sizing.Need need = new Sizing(costs, shape, connections).need();
        table.append(
            String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %,.0f | %.1f | %,d | %s | %s | %s | %,.1f MB/s |\n",
                shape.title,
                connections,
                need.messages(),
                need.deliveries(),
                need.subscriptions(),
                need.nodes(),
                need.nodesFor(),
                need.masters() == Sizing.NONE
                    ? "–"
                    : String.format(Locale.ROOT, "%,d", need.masters()),
                need.mastersFor(),
                need.storeBytes() / 1e6));
      }
    }
    return table.toString();
  }

  /** What a master does at rates up to twice what it could log one by one. */
  String master() {
    StringBuilder table = new StringBuilder();
    table.append("| messages/s | of its core | messages a script | ack p50 | ack p99 |\n");
    table.append("|---|---|---|---|---|\n");
    for (int percent : new int[] {10, 30, 50, 70, 80, 90, 95, 120, 150, 200}) {
      MasterQueue.Result result = at(percent / 100.0);
      table.append(
          String.format(
              Locale.ROOT,
              "| %,.0f | %.0f %% | %.1f | %.1f ms | %.1f ms |\n",
              rate(percent / 100.0),
              100 * result.used(),
              result.batch(),
              result.p50Millis(),
              result.p99Millis()));
    }
    return table.toString();
  }

  /** Messages a second, as a part of what one master could log one by one. */
  private double rate(double part) {
    return part * 1e6 / (costs.script() + costs.message() + SUBSCRIBERS * costs.subscriber());
  }

  private MasterQueue.Result at(double part) {
    return MasterQueue.play(costs, ROOMS, SUBSCRIBERS, rate(part), MESSAGES);
  }

  /** The curves: files of SVG by name. */
  Map<String, String> curves() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("scaling-nodes.svg", needed("Nodes", Sizing.Need::nodes));
    files.put("scaling-masters.svg", needed("Masters", Sizing.Need::masters));
    List<Chart.Point> p50 = new ArrayList<>();
    List<Chart.Point> p99 = new ArrayList<>();
    List<Chart.Point> used = new ArrayList<>();
    for (double part = 0.1; part < 2.05; part += 0.1) {
      MasterQueue.Result result = at(part);
      p50.add(new Chart.Point(rate(part), result.p50Millis()));
      p99.add(new Chart.Point(rate(part), result.p99Millis()));
      used.add(new Chart.Point(rate(part), 100 * result.used()));
    }
    Chart.Axis rate = new Chart.Axis("messages a second", 0, rate(2), false);
    files.put(
        "scaling-latency.svg",
        new Chart(
                "From publishing to ack, one master", rate, new Chart.Axis("ms", 0.1, 1_000, true))
            .curve("p50", p50)
            .curve("p99", p99)
            .svg());
    files.put(
        "scaling-master-use.svg",
        new Chart("Use of one master's core", rate, new Chart.Axis("per cent", 0, 100, false))
            .curve("use", used)
            .svg());
    return files;
  }

  private String needed(String what, ToIntFunction<Sizing.Need> count) {
    Chart chart =
        new Chart(
            what + " needed",
            new Chart.Axis("connections", 1e4, 1e7, true),
            new Chart.Axis(what.toLowerCase(Locale.ROOT), 1, 1_000, true));
    for (Shape shape : Shape.values()) {
      List<Chart.Point> points = new ArrayList<>();
      for (int i = 0; i <= 30; i++) {
        double connections = 1e4 * Math.pow(10, i / 10.0);
        int needed = count.applyAsInt(new Sizing(costs, shape, connections).need());
        points.add(new Chart.Point(connections, needed));
      }
      chart.curve(shape.title, points);
    }
    return chart.svg();
  }
}
