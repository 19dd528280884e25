package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The plots of a run of load. Confined to one thread. */
final class LoadCharts {

  private static final double NINES_STEP = 0.05;
  private static final double[] SHOWN = {50, 99, 100};

  private final Tally tally;
  private final List<Timeline.Step> steps;
  private final long seconds;
  private final Axis time;

  LoadCharts(Tally tally) {
    this.tally = tally;
    this.steps = tally.timeline.steps();
    this.seconds = tally.timeline.seconds();
    this.time = Axis.time((double) steps.size() * seconds);
  }

  /** Returns all of them, as part of a page. */
  String html() {
    String each = seconds == 1 ? "each second" : "every " + seconds + " seconds";
    return plot(
            "From due to member",
            "Of what was due in " + each + ", whenever it came.",
            latencies("From due to member", step -> step.toMember))
        + plot(
            "From due to ack",
            "Of what was due in " + each + ", whenever it came.",
            latencies("From due to ack", step -> step.toAck))
        + plot(
            "Distribution",
            "How many per cent took at most so long; each further nine is as wide as the one"
                + " before.",
            distribution())
        + plot(
            "Messages a second",
            "Over " + each + ".",
            rates(
                "Messages a second",
                List.of("sent", "acknowledged"),
                List.of(step -> step.sent, step -> step.acked)))
        + plot(
            "Deliveries a second",
            "Over " + each + ".",
            rates("Deliveries a second", List.of("delivered"), List.of(step -> step.delivered)))
        + plot("Connections", "Clients that are connected, and those that came.", connections());
  }

  private static String plot(String title, String text, Chart chart) {
    boolean empty =
        chart.lines().stream()
            .allMatch(line -> line.points().stream().allMatch(point -> Double.isNaN(point.y())));
    return "<section class=\"plot\"><h2>"
        + title
        + "</h2><p>"
        + text
        + "</p>"
        + (empty ? "<p class=\"none\">There were none.</p>" : chart.html())
        + "</section>\n";
  }

  private interface Times {
    Histogram of(Timeline.Step step);
  }

  private Chart latencies(String name, Times times) {
    double least = Double.MAX_VALUE;
    double most = 0;
    List<Chart.Line> lines = new ArrayList<>();
    for (double percent : SHOWN) {
      List<Chart.Point> points = new ArrayList<>();
      for (int i = 0; i < steps.size(); i++) {
        Histogram histogram = times.of(steps.get(i));
        double millis = histogram.count() == 0 ? Double.NaN : histogram.percentile(percent) / 1e6;
        points.add(new Chart.Point(middle(i), millis));
        if (histogram.count() > 0) {
          least = Math.min(least, millis);
          most = Math.max(most, millis);
        }
      }
      lines.add(new Chart.Line(percent == 100 ? "max" : "p" + (int) percent, points));
    }
    List<Chart.Spot> spots =
        spots(
            step -> {
              Histogram histogram = times.of(step);
              return histogram.count() == 0
                  ? "none"
                  : String.format(
                      Locale.ROOT,
                      "p50 %s, p99 %s, max %s of %,d",
                      LoadReport.millis(histogram.percentile(50)),
                      LoadReport.millis(histogram.percentile(99)),
                      LoadReport.millis(histogram.max()),
                      histogram.count());
            });
    return new Chart(name, time, Axis.millis(Math.min(least, most), most), lines, spots);
  }

  private double middle(int step) {
    return (step + 0.5) * seconds;
  }

  private interface Told {
    String of(Timeline.Step step);
  }

  private List<Chart.Spot> spots(Told told) {
    List<Chart.Spot> spots = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      long from = i * seconds;
      spots.add(new Chart.Spot(from, from + seconds, from + " s: " + told.of(steps.get(i))));
    }
    return spots;
  }

  private Chart distribution() {
    List<Chart.Line> lines =
        List.of(
            new Chart.Line("due to ack", nines(tally.toAck)),
            new Chart.Line("due to member", nines(tally.toMember)));
    double least = Double.MAX_VALUE;
    double most = 0;
    for (Chart.Line line : lines) {
      for (Chart.Point point : line.points()) {
        least = Math.min(least, point.y());
        most = Math.max(most, point.y());
      }
    }
    long count = Math.max(tally.toAck.count(), tally.toMember.count());
    return new Chart(
        "Percentiles",
        Axis.percentiles(count),
        Axis.millis(Math.min(least, most), most),
        lines,
        List.of());
  }

  private static List<Chart.Point> nines(Histogram times) {
    List<Chart.Point> points = new ArrayList<>();
    if (times.count() > 0) {
      double last = Axis.nines(100 - 100.0 / Math.max(2, times.count()));
      for (double at = 0; at < last; at += NINES_STEP) {
        points.add(new Chart.Point(at, times.percentile(Axis.percent(at)) / 1e6));
      }
      points.add(new Chart.Point(last, times.max() / 1e6));
    }
    return points;
  }

  private Chart rates(
      String name, List<String> names, List<ToDoubleFunction<Timeline.Step>> figures) {
    List<Chart.Line> lines = new ArrayList<>();
    double most = 0;
    for (int i = 0; i < names.size(); i++) {
      ToDoubleFunction<Timeline.Step> figure = figures.get(i);
      List<Chart.Point> points = new ArrayList<>();
      for (int j = 0; j < steps.size(); j++) {
        double rate = figure.applyAsDouble(steps.get(j)) / seconds;
        most = Math.max(most, rate);
        points.add(new Chart.Point(middle(j), rate));
      }
      lines.add(new Chart.Line(names.get(i), points));
    }
    List<Chart.Spot> spots =
        spots(
            step -> {
              List<String> told = new ArrayList<>();
              for (int i = 0; i < names.size(); i++) {
                told.add(
                    String.format(
                        Locale.ROOT,
                        "%,.0f %s",
                        figures.get(i).applyAsDouble(step) / seconds,
                        names.get(i)));
              }
              return String.join(", ", told);
            });
    return new Chart(name, time, Axis.of(most, ""), lines, spots);
  }

  private Chart connections() {
    List<Chart.Point> open = new ArrayList<>();
    List<Chart.Point> came = new ArrayList<>();
    List<Chart.Spot> spots = new ArrayList<>();
    long now = 0;
    long most = 0;
    for (int i = 0; i < steps.size(); i++) {
      Timeline.Step step = steps.get(i);
      now += step.welcomes - step.lost;
      most = Math.max(most, Math.max(now, step.welcomes));
      open.add(new Chart.Point(middle(i), now));
      came.add(new Chart.Point(middle(i), step.welcomes));
      long from = i * seconds;
      spots.add(
          new Chart.Spot(
              from,
              from + seconds,
              String.format(
                  Locale.ROOT,
                  "%d s: %,d connected, %,d came, %,d lost",
                  from,
                  now,
                  step.welcomes,
                  step.lost)));
    }
    return new Chart(
        "Connections",
        time,
        Axis.of((double) most, ""),
        List.of(new Chart.Line("connected", open), new Chart.Line("came", came)),
        spots);
  }
}
