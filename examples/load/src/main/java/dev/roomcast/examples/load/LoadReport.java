package dev.roomcast.examples.load;

import dev.roomcast.chat.CloseCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A run of load as one page that needs nothing else: no script, no other file, no network.
 *
 * <p>Immutable.
 */
record LoadReport(LoadRun.Outcome outcome) {

  private static final double[] PERCENTS = {50, 75, 90, 95, 99, 99.9, 99.99, 100};
  private static final int VIOLATIONS_SHOWN = 20;

  /** Returns the page: well-formed XML too, so that a test can say that it is nothing else. */
  String html() {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>Roomcast load</title>
        <style>
        """
        + style()
        + "</style>\n</head>\n<body>\n<main>\n"
        + head()
        + verdict()
        + cards()
        + new LoadCharts(outcome.tally()).html()
        + percentiles()
        + troubles()
        + options()
        + seconds()
        + "</main>\n</body>\n</html>\n";
  }

  private static String style() {
    try (InputStream css = LoadReport.class.getResourceAsStream("/load-report.css")) {
      if (css == null) {
        throw new IllegalStateException("load-report.css is missing");
      }
      return new String(css.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String head() {
    LoadRun.Plan plan = outcome.plan();
    return "<header><h1>Roomcast load</h1><p>"
        + Markup.text(
            String.format(
                Locale.ROOT,
                "%,d clients in %,d rooms, %,d messages of %,d bytes at %,d a second, %s",
                plan.clients(),
                plan.rooms(),
                plan.messages(),
                plan.size(),
                plan.rate(),
                DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ROOT)
                    .format(outcome.started().atOffset(ZoneOffset.UTC))))
        + "</p></header>\n";
  }

  private String verdict() {
    List<Violation> broken = outcome.violations();
    if (broken.isEmpty()) {
      return "<p class=\"verdict kept\"><strong>Kept.</strong> "
          + Markup.text(Verdict.ORDER)
          + ".</p>\n";
    }
    return "<section class=\"verdict broken\"><p><strong>Broken.</strong> "
        + broken.size()
        + (broken.size() == 1 ? " promise was" : " promises were")
        + " not kept.</p><ul>"
        + broken.stream().limit(VIOLATIONS_SHOWN).map(this::item).collect(Collectors.joining())
        + "</ul>"
        + (broken.size() > VIOLATIONS_SHOWN
            ? "<p>" + (broken.size() - VIOLATIONS_SHOWN) + " more are not shown.</p>"
            : "")
        + "</section>\n";
  }

  private String item(Violation one) {
    return "<li><b>"
        + one.kind()
        + "</b>, "
        + Markup.text(one.kind().meaning + ": " + one.where() + ": " + one.what())
        + (one.evidence().isEmpty()
            ? ""
            : "<pre>" + Markup.text(String.join("\n", one.evidence())) + "</pre>")
        + "</li>";
  }

  private String cards() {
    Tally tally = outcome.tally();
    double seconds = outcome.seconds();
    return "<div class=\"cards\">"
        + card(
            "acknowledged",
            count(tally.acked),
            "of " + count(outcome.plan().messages()) + ", " + rate(tally.acked / seconds))
        + card(
            "delivered",
            count(tally.delivered),
            "of " + count(outcome.expected()) + ", " + rate(tally.delivered / seconds))
        + latency("due to ack", tally.toAck)
        + latency("due to member", tally.toMember)
        + latency("to connect", tally.toWelcome)
        + latency("this tool late", tally.late)
        + "</div>\n"
        + (outcome.late()
            ? "<p class=\"note\">This tool was late itself, for it or its machine is too busy: the"
                + " figures are not the server's alone.</p>\n"
            : "")
        + (tally.unanswered > 0
            ? "<p class=\"note\">"
                + count(tally.unanswered)
                + " messages never got an ack. They count as if it had come at the end.</p>\n"
            : "");
  }

  private static String latency(String name, Histogram times) {
    return times.count() == 0
        ? card(name, "none", "nothing was counted")
        : card(
            name,
            millis(times.percentile(50)),
            "p50; p99 " + millis(times.percentile(99)) + ", max " + millis(times.max()));
  }

  private static String card(String name, String figure, String more) {
    return "<div class=\"card\" id=\""
        + name.replace(' ', '-')
        + "\"><h2>"
        + name
        + "</h2><strong>"
        + figure
        + "</strong><p>"
        + more
        + "</p></div>";
  }

  private String percentiles() {
    Map<String, Histogram> columns = new LinkedHashMap<>();
    columns.put("due to ack", outcome.tally().toAck);
    columns.put("due to member", outcome.tally().toMember);
    columns.put("to connect", outcome.tally().toWelcome);
    columns.put("this tool late", outcome.tally().late);
    StringBuilder rows = new StringBuilder();
    for (double percent : PERCENTS) {
      String name = percent == 100 ? "max" : "p" + String.valueOf(percent).replaceAll("\\.0$", "");
      rows.append(row(name, columns, times -> millis(times.percentile(percent))));
    }
    rows.append(row("counted", columns, times -> count(times.count())));
    return section(
        "Percentiles",
        "Right to 3 %, and counted from the moment when something was due, not from when it was"
            + " done: whoever had to wait behind a stall is in here too.",
        table("percentiles", columns.keySet(), rows.toString()));
  }

  private static String row(
      String name, Map<String, Histogram> columns, Function<Histogram, String> figure) {
    return "<tr><th>"
        + name
        + "</th>"
        + columns.values().stream()
            .map(times -> "<td>" + (times.count() == 0 ? "none" : figure.apply(times)) + "</td>")
            .collect(Collectors.joining())
        + "</tr>";
  }

  private static String table(String id, Iterable<String> columns, String rows) {
    StringBuilder head = new StringBuilder();
    columns.forEach(column -> head.append("<th>").append(column).append("</th>"));
    return "<div class=\"table\"><table id=\""
        + id
        + "\"><thead><tr><th></th>"
        + head
        + "</tr></thead><tbody>"
        + rows
        + "</tbody></table></div>";
  }

  private String troubles() {
    Tally tally = outcome.tally();
    StringBuilder rows = new StringBuilder();
    tally.closes.forEach(
        (code, count) -> rows.append(trouble("closed " + code + meaning(code), count)));
    tally.errors.forEach((code, count) -> rows.append(trouble("error " + code, count)));
    if (rows.isEmpty()) {
      return section("Errors and closes", "There were none.", "");
    }
    return section(
        "Errors and closes",
        "What clients were told, and how connections ended that they did not end themselves. "
            + count(tally.resumed)
            + " came back as the same session, "
            + count(tally.notResumed)
            + " did not.",
        table("troubles", List.of("times"), rows.toString()));
  }

  private static String trouble(String name, long count) {
    return "<tr><th>" + Markup.text(name) + "</th><td>" + count(count) + "</td></tr>";
  }

  private static String meaning(int code) {
    if (code == 1006) {
      return " (no connection, or it broke)";
    }
    for (CloseCode known : CloseCode.values()) {
      if (known.code() == code) {
        return " (" + known.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")";
      }
    }
    return "";
  }

  private String options() {
    LoadRun.Plan plan = outcome.plan();
    Map<String, String> values = new LinkedHashMap<>();
    values.put(
        "servers", outcome.servers().stream().map(URI::toString).collect(Collectors.joining(", ")));
    values.put("--clients", count(plan.clients()));
    values.put("--rooms", count(plan.rooms()));
    values.put("--joins", plan.joins() + " rooms of each client");
    values.put("--messages", count(plan.messages()));
    values.put("--rate", count(plan.rate()) + " a second");
    values.put("--size", count(plan.size()) + " bytes");
    values.put("--ramp", count(plan.ramp().toMillis()) + " ms");
    values.put("--patience", plan.patience().toSeconds() + " s");
    values.put("started", outcome.started().truncatedTo(ChronoUnit.SECONDS).toString());
    values.put(
        "tool on",
        "Java "
            + Runtime.version().feature()
            + ", "
            + System.getProperty("os.name")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors");
    StringBuilder rows = new StringBuilder();
    values.forEach(
        (name, value) ->
            rows.append("<tr><th>")
                .append(Markup.text(name))
                .append("</th><td>")
                .append(Markup.text(value))
                .append("</td></tr>"));
    return section(
        "Options of the run",
        "",
        "<div class=\"table\"><table id=\"options\"><tbody>" + rows + "</tbody></table></div>");
  }

  private String seconds() {
    Timeline timeline = outcome.tally().timeline;
    StringBuilder rows = new StringBuilder();
    long at = 0;
    for (Timeline.Step step : timeline.steps()) {
      rows.append("<tr><th>").append(at).append(" s</th>");
      for (long figure :
          new long[] {step.welcomes, step.lost, step.sent, step.acked, step.delivered}) {
        rows.append("<td>").append(count(figure)).append("</td>");
      }
      for (double percent : new double[] {50, 99, 100}) {
        rows.append("<td>")
            .append(step.toMember.count() == 0 ? "" : millis(step.toMember.percentile(percent)))
            .append("</td>");
      }
      rows.append("</tr>");
      at += timeline.seconds();
    }
    List<String> columns =
        List.of("connected", "lost", "sent", "acks", "deliveries", "p50", "p99", "max");
    return "<details><summary>All figures by the second</summary>"
        + table("seconds", columns, rows.toString())
        + "<p class=\"note\">Times from due to member, of what was due then.</p></details>\n";
  }

  private static String section(String title, String text, String content) {
    return "<section><h2>"
        + title
        + "</h2>"
        + (text.isEmpty() ? "" : "<p>" + text + "</p>")
        + content
        + "</section>\n";
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String rate(double value) {
    return String.format(Locale.ROOT, "%,.0f a second", value);
  }

  /** A time for people, with three digits that count. */
  static String millis(long nanos) {
    double millis = nanos / 1e6;
    String format = millis < 10 ? "%.2f ms" : millis < 100 ? "%.1f ms" : "%,.0f ms";
    return String.format(Locale.ROOT, format, millis);
  }
}
