package dev.roomcast.examples.load;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One run of load, from the first connection to the judgement. Confined to the caller's thread. */
final class LoadRun {

  private static final long LOOK_MS = 50;
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final List<URI> servers;
  private final Plan plan;
  private final Progress progress;
  private final String name =
      "load-" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
  private final Messages messages;
  private final Tally tally = new Tally();
  private final List<Client> clients = new ArrayList<>();
  private Instant started = Instant.EPOCH;
  private long lastLineAt = System.nanoTime();
  private long lastAcked;
  private long lastDelivered;

  /**
   * What is to be done. Immutable.
   *
   * @param joins how many rooms each client is in
   * @param rate messages a second, of all clients together
   * @param patience how long connecting may take beyond the ramp, and delivery beyond the schedule
   */
  record Plan(
      int clients,
      int rooms,
      int joins,
      int messages,
      int rate,
      int size,
      Duration ramp,
      Duration patience) {}

  /**
   * What came of it. Immutable, when the run is over.
   *
   * @param started when its clients began to connect
   * @param expected how many deliveries there should be
   */
  record Outcome(
      List<URI> servers,
      Plan plan,
      Instant started,
      Tally tally,
      long expected,
      List<Violation> violations) {

    /** From the first message to the last ack. */
    double seconds() {
      return Math.max(1, tally.lastAckedAt - tally.firstSentAt) / 1e9;
    }

    void print(PrintStream out) {
      double seconds = seconds();
      out.printf(
          Locale.ROOT,
          "%,d clients, %,d rooms, %,d messages of %,d bytes at %,d/s%n",
          plan.clients(),
          plan.rooms(),
          tally.sent,
          plan.size(),
          plan.rate());
      out.printf(
          Locale.ROOT,
          "acknowledged  %,d in %.1f s, %,.0f/s; from due to ack: %s%n",
          tally.acked,
          seconds,
          tally.acked / seconds,
          tally.toAck);
      out.printf(
          Locale.ROOT,
          "delivered     %,d, %,.0f/s; from due to member: %s%n",
          tally.delivered,
          tally.delivered / seconds,
          tally.toMember);
      if (tally.unanswered > 0) {
        out.printf(
            Locale.ROOT,
            "unanswered    %,d, which count as if the ack had come at the end%n",
            tally.unanswered);
      }
      if (late()) {
        out.println(
            "late          this tool itself was, for it or its machine is too busy: " + tally.late);
      }
      if (!tally.errors.isEmpty() || tally.welcomes > plan.clients()) {
        out.println(
            "errors        " + tally.errors + ", " + tally.welcomes + " connections were needed");
      }
      if (!tally.interruptions.isEmpty()) {
        Histogram away = new Histogram();
        tally.interruptions.forEach(one -> away.add(one.until() - one.from()));
        out.println(
            "interruptions "
                + away
                + "; closed with "
                + tally.closes
                + ", resumed "
                + tally.resumed
                + ", not resumed "
                + tally.notResumed);
        out.println("presence      " + tally.leaves.size() + " leaves were told");
      }
      Verdict.print(out, Verdict.ORDER, violations);
    }

    /** Whether the tool itself was so late that the figures are not the server's alone. */
    boolean late() {
      return tally.late.percentile(99) > LATE_NANOS;
    }
  }

  LoadRun(List<URI> servers, Plan plan, PrintStream err) {
    this.servers = servers;
    this.plan = plan;
    this.progress = new Progress(err);
    this.messages = new Messages(name, plan.size());
  }

  /** Something that is done to the servers while the clients talk. */
  interface Disturbance {
    void happen() throws IOException, InterruptedException;
  }

  Outcome run() throws IOException, InterruptedException {
    return run(() -> {}, false);
  }

  /** The same while something is done that no client may notice. */
  Outcome run(Disturbance unnoticed) throws IOException, InterruptedException {
    return run(unnoticed, true);
  }

  private Outcome run(Disturbance disturbance, boolean unnoticed)
      throws IOException, InterruptedException {
    started = Instant.now();
    try (Loop loop = Loop.start()) {
      loop.execute(() -> connect(loop));
      if (!await(
          loop, plan.patience().toSeconds() + plan.ramp().toSeconds(), this::everybodyIsIn)) {
        long in = loop.ask(() -> clients.stream().filter(Client::live).count());
        throw new IOException(
            "only "
                + in
                + " of "
                + plan.clients()
                + " clients got into their rooms; closed with "
                + loop.ask(() -> tally.closes.toString()));
      }
      loop.execute(() -> talk(loop));
      disturbance.happen();
      long seconds = plan.messages() / plan.rate() + plan.patience().toSeconds();
      await(loop, seconds, () -> everythingArrived() && everybodyIsIn());
      loop.execute(this::countUnanswered);
      Map<String, RoomLog> logs = readLogs();
      List<Violation> violations = loop.ask(() -> judge(logs, unnoticed));
      loop.ask(
          () -> {
            clients.forEach(Client::stop);
            return true;
          });
      return outcome(violations);
    }
  }

  /** What there is to tell when it has failed. */
  Outcome failed(IOException why) {
    return outcome(
        List.of(new Violation(Violation.Kind.STUCK, "the run", "" + why.getMessage(), List.of())));
  }

  private Outcome outcome(List<Violation> violations) {
    return new Outcome(servers, plan, started, tally, expectedDeliveries(), violations);
  }

  private void countUnanswered() {
    long now = System.nanoTime();
    messages.all().stream()
        .filter(sent -> sent.acked == null && !sent.done)
        .forEach(sent -> tally.unanswered(sent.due, now));
  }

  private void connect(Loop loop) {
    long start = System.nanoTime();
    for (int i = 0; i < plan.clients(); i++) {
      Client client = new Client(loop, servers, messages, tally, i, new Random(i));
      clients.add(client);
      for (int j = 0; j < plan.joins(); j++) {
        client.join(room(i + j * 7));
      }
      long due = start + plan.ramp().toNanos() / plan.clients() * i;
      loop.at(due, () -> client.start(due));
    }
  }

  private String room(int number) {
    return name + "-" + Math.floorMod(number, plan.rooms());
  }

  private boolean everybodyIsIn() {
    return clients.size() == plan.clients() && clients.stream().allMatch(Client::live);
  }

  private boolean everythingArrived() {
    return tally.acked >= plan.messages() && tally.delivered >= expectedDeliveries();
  }

  private long expectedDeliveries() {
    Map<String, Integer> members = new LinkedHashMap<>();
    clients.forEach(client -> client.rooms().forEach(room -> members.merge(room, 1, Integer::sum)));
    return messages.all().stream().mapToLong(sent -> members.getOrDefault(sent.room, 0)).sum();
  }

  /** Sends each message when it is due, however late the ones before it are. */
  private void talk(Loop loop) {
    talk(loop, System.nanoTime(), 0);
  }

  private void talk(Loop loop, long start, int next) {
    int at = next;
    while (at < plan.messages() && due(start, at) <= System.nanoTime()) {
      Client client = clients.get(at % clients.size());
      List<String> rooms = client.rooms();
      tally.late.add(System.nanoTime() - due(start, at));
      client.send(rooms.get(at / clients.size() % rooms.size()), due(start, at));
      at++;
    }
    int then = at;
    if (then < plan.messages()) {
      loop.at(due(start, then), () -> talk(loop, start, then));
    }
  }

  private long due(long start, int message) {
    return start + TimeUnit.SECONDS.toNanos(message) / plan.rate();
  }

  private Map<String, RoomLog> readLogs() throws IOException, InterruptedException {
    LogReader reader = new LogReader(servers.get(0), messages);
    Map<String, RoomLog> logs = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(plan.rooms(), plan.clients() + 7 * plan.joins()); i++) {
      String room = room(i);
      if (clients.stream().anyMatch(client -> client.rooms().contains(room))) {
        try {
          logs.put(room, reader.log(room));
        } catch (IOException e) {
          throw new IOException(
              "the log of " + room + " cannot be read to compare: " + e.getMessage(), e);
        }
      }
    }
    return logs;
  }

  private List<Violation> judge(Map<String, RoomLog> logs, boolean unnoticed) {
    List<Track> tracks =
        clients.stream().flatMap(client -> client.person().tracks().stream()).toList();
    List<Violation> all = new ArrayList<>(new Checker(messages.all(), false).check(tracks, logs));
    tally.oddities.forEach(
        odd -> all.add(new Violation(Violation.Kind.UNEXPECTED, "a client", odd, List.of())));
    if (unnoticed) {
      tally.leaves.forEach(
          leave ->
              all.add(
                  new Violation(
                      Violation.Kind.PRESENCE,
                      "client " + leave.observer() + " in " + leave.room(),
                      "was told that " + leave.user() + " left, who had not",
                      List.of())));
    }
    if (unnoticed && !everybodyIsIn() || tally.acked < plan.messages()) {
      all.add(
          new Violation(
              Violation.Kind.STUCK,
              "the clients",
              tally.acked + " of " + plan.messages() + " acknowledged",
              List.of()));
    }
    return all;
  }

  /** How far it is, and how fast at present. */
  private String line() {
    long now = System.nanoTime();
    double seconds = (now - lastLineAt) / 1e9;
    String line =
        String.format(
            Locale.ROOT,
            "%,d of %,d connected, %,d of %,d sent, %,d unanswered, %,.0f acks/s, %,.0f deliveries/s, %s",
            clients.stream().filter(Client::live).count(),
            plan.clients(),
            tally.sent,
            plan.messages(),
            tally.sent - tally.acked,
            (tally.acked - lastAcked) / seconds,
            (tally.delivered - lastDelivered) / seconds,
            tally.recent);
    lastLineAt = now;
    lastAcked = tally.acked;
    lastDelivered = tally.delivered;
    tally.recent.clear();
    return line;
  }

  private boolean await(Loop loop, long seconds, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < deadline) {
      if (loop.ask(condition::getAsBoolean)) {
        return true;
      }
      if (progress.due()) {
        progress.show(loop.ask(this::line));
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    return loop.ask(condition::getAsBoolean);
  }
}
