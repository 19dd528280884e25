package dev.roomcast.examples.load;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What came of a run of chaos, for people and as JSON. Immutable.
 *
 * @param start when the schedule began
 * @param windows when the faults really were
 * @param notable more numbers, by their names
 */
record ChaosReport(
    ChaosRun.Plan plan,
    long start,
    List<ChaosRun.Window> windows,
    List<Sent> messages,
    Tally tally,
    Map<String, Long> notable,
    List<Violation> violations) {

  /** What begins so soon after a fault still belongs to it. */
  private static final long AFTERMATH_NANOS = 1_000_000_000L;

  ChaosReport {
    windows = windows.stream().sorted(Comparator.comparingLong(ChaosRun.Window::from)).toList();
  }

  private boolean inFault(long from, long until) {
    return windows.stream()
        .anyMatch(window -> from <= window.until() + AFTERMATH_NANOS && until >= window.from());
  }

  private Histogram interruptions(Predicate<Tally.Interruption> which) {
    Histogram histogram = new Histogram();
    tally.interruptions.stream()
        .filter(which)
        .forEach(one -> histogram.add(one.until() - one.from()));
    return histogram;
  }

  private Histogram acks(boolean inside) {
    Histogram histogram = new Histogram();
    messages.stream()
        .filter(sent -> sent.acked != null && inFault(sent.due, sent.ackedAt) == inside)
        .forEach(sent -> histogram.add(sent.ackedAt - sent.due));
    return histogram;
  }

  private Histogram inside() {
    return interruptions(one -> !one.wanted() && inFault(one.from(), one.until()));
  }

  private Histogram outside() {
    return interruptions(one -> !one.wanted() && !inFault(one.from(), one.until()));
  }

  private Histogram wanted() {
    return interruptions(Tally.Interruption::wanted);
  }

  void print(PrintStream out) {
    out.println("Timeline");
    for (ChaosRun.Window window : windows) {
      Histogram hit =
          interruptions(
              one ->
                  !one.wanted()
                      && one.from() >= window.from()
                      && one.from() <= window.until() + AFTERMATH_NANOS);
      out.println(
          "  "
              + window.fault()
              + (hit.count() == 0 ? "" : "; connections lost, back after " + hit));
    }
    out.printf(
        Locale.ROOT,
        "sent            %,d by %d clients in %d rooms; acknowledged %,d, %,d of them as duplicates; delivered %,d%n",
        tally.sent,
        plan.clients(),
        plan.rooms(),
        tally.acked,
        tally.duplicates,
        tally.delivered);
    out.printf(
        Locale.ROOT,
        "connections     %,d; resumed %,d, not resumed %,d; rooms recovered %,d, not recovered %,d; gaps %,d%n",
        tally.welcomes,
        tally.resumed,
        tally.notResumed,
        tally.recovered,
        tally.notRecovered,
        tally.gaps);
    out.println("closed with     " + tally.closes);
    out.println("errors          " + tally.errors);
    out.println("interruptions   in faults: " + inside());
    out.println("                outside:   " + outside());
    out.println("                wanted:    " + wanted());
    out.println("from due to ack in faults: " + acks(true));
    out.println("                outside:   " + acks(false));
    out.println("memory          " + notable);
    Verdict.print(out, Verdict.ORDER + "; no ghost, no false leave, nothing left", violations);
  }

  void write(Path file) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("seed", plan.seed());
    json.addProperty("seconds", plan.seconds());
    json.addProperty("clients", plan.clients());
    json.addProperty("rooms", plan.rooms());
    json.addProperty("kept", violations.isEmpty());
    JsonArray faults = new JsonArray();
    for (ChaosRun.Window window : windows) {
      JsonObject one = new JsonObject();
      one.addProperty("kind", window.fault().kind().option());
      one.addProperty("planned", window.fault().at());
      one.addProperty("from", millis(window.from()));
      one.addProperty("until", millis(window.until()));
      one.addProperty("target", window.fault().target());
      faults.add(one);
    }
    json.add("faults", faults);
    JsonObject counts = new JsonObject();
    counts.addProperty("sent", tally.sent);
    counts.addProperty("acknowledged", tally.acked);
    counts.addProperty("duplicates", tally.duplicates);
    counts.addProperty("delivered", tally.delivered);
    counts.addProperty("connections", tally.welcomes);
    counts.addProperty("resumed", tally.resumed);
    counts.addProperty("notResumed", tally.notResumed);
    counts.addProperty("recovered", tally.recovered);
    counts.addProperty("notRecovered", tally.notRecovered);
    counts.addProperty("gaps", tally.gaps);
    notable.forEach(counts::addProperty);
    json.add("counts", counts);
    JsonObject closes = new JsonObject();
    tally.closes.forEach((code, count) -> closes.addProperty(Integer.toString(code), count));
    json.add("closes", closes);
    JsonObject errors = new JsonObject();
    tally.errors.forEach(errors::addProperty);
    json.add("errors", errors);
    JsonObject times = new JsonObject();
    times.add("interruptionsInFaults", json(inside()));
    times.add("interruptionsOutside", json(outside()));
    times.add("interruptionsWanted", json(wanted()));
    times.add("ackInFaults", json(acks(true)));
    times.add("ackOutside", json(acks(false)));
    json.add("times", times);
    JsonArray broken = new JsonArray();
    for (Violation violation : violations) {
      JsonObject one = new JsonObject();
      one.addProperty("kind", violation.kind().name());
      one.addProperty("where", violation.where());
      one.addProperty("what", violation.what());
      JsonArray evidence = new JsonArray();
      violation.evidence().forEach(evidence::add);
      one.add("evidence", evidence);
      broken.add(one);
    }
    json.add("violations", broken);
    Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n");
  }

  private double millis(long nanos) {
    return Math.round((nanos - start) / 1e3) / 1e3;
  }

  private static JsonObject json(Histogram histogram) {
    JsonObject json = new JsonObject();
    json.addProperty("count", histogram.count());
    json.addProperty("p50", histogram.percentile(50) / 1e6);
    json.addProperty("p99", histogram.percentile(99) / 1e6);
    json.addProperty("max", histogram.max() / 1e6);
    return json;
  }
}
