package dev.roomcast.examples.load;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of chaos: clients talk, come and go by the seed; faults happen by the schedule; then all
 * has to settle, and what was seen is judged. Confined to the caller's thread, but for the faults,
 * which have threads of their own.
 */
final class ChaosRun {

  private static final long CONNECT_SECONDS = 60;
  private static final long SETTLE_SECONDS = 40;
  private static final long LOOK_MS = 100;
  private static final int TEXT_BYTES = 80;
  private static final long MAX_REDIS_QUEUE = 32L << 20;

  private final Plan plan;
  private final Cluster cluster;
  private final Progress progress;
  private final Messages messages;
  private final Tally tally = new Tally();
  private final List<Client> clients = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private boolean talking = true;
  private long longestRedisQueue;
  private long largestNode;

  /**
   * What is to be done. Immutable.
   *
   * @param durable whether Redis keeps what it acknowledged
   */
  record Plan(
      long seed,
      Schedule schedule,
      int seconds,
      int clients,
      int rooms,
      int joins,
      double rate,
      boolean durable,
      Duration lease,
      Duration resumeTtl) {}

  /** When a fault really was. */
  record Window(Fault fault, long from, long until) {}

  ChaosRun(Plan plan, Cluster cluster, PrintStream err) {
    this.plan = plan;
    this.cluster = cluster;
    this.progress = new Progress(err);
    this.messages = new Messages("chaos" + plan.seed(), TEXT_BYTES);
  }

  ChaosReport run() throws IOException, InterruptedException {
    try (Loop loop = Loop.start()) {
      loop.execute(() -> connect(loop));
      if (!await(loop, CONNECT_SECONDS, this::everybodyIsIn)) {
        throw new IOException("the clients do not get into their rooms, without any fault");
      }
      long start = System.nanoTime();
      loop.execute(() -> clients.forEach(client -> live(loop, client)));
      happen(loop, start);
      boolean settled = await(loop, SETTLE_SECONDS, this::allSettled);
      loop.execute(() -> clients.forEach(Client::claim));
      boolean claimed =
          await(loop, SETTLE_SECONDS, () -> clients.stream().allMatch(Client::claimed));
      Map<String, RoomLog> logs = new LinkedHashMap<>();
      Map<String, Map<String, String>> members = new HashMap<>();
      converge(loop, logs, members);
      readConversations(loop, logs);
      cluster.noteDead();
      List<Violation> violations = loop.ask(() -> judge(settled && claimed, logs, members));
      loop.execute(() -> clients.forEach(Client::stop));
      awaitNoKeys(violations);
      return loop.ask(() -> report(start, violations));
    }
  }

  private void connect(Loop loop) {
    for (int i = 0; i < plan.clients(); i++) {
      Random random = new Random(plan.seed() * 1_000_003 + i);
      Client client = new Client(loop, cluster.servers(), messages, tally, i, random);
      clients.add(client);
      for (int j = 0; j < plan.joins(); j++) {
        client.join(room(i + j * 7));
      }
      loop.after(i * 5L, client::start);
    }
  }

  private String room(int number) {
    return "room-" + Math.floorMod(number, plan.rooms());
  }

  private boolean everybodyIsIn() {
    return clients.size() == plan.clients() && clients.stream().allMatch(Client::live);
  }

  private boolean allSettled() {
    return clients.stream().allMatch(Client::settled);
  }

  /** What a client does by itself, from its own seed, until it is over. */
  private void live(Loop loop, Client client) {
    Random random = new Random(plan.seed() * 7_919 + client.number());
    talk(loop, client, random);
    wander(loop, client, random);
    int fate = random.nextInt(20);
    if (fate < 2) {
      long when = plan.seconds() * (300L + random.nextInt(500));
      loop.after(when, fate == 0 ? client::stop : client::vanish);
    }
  }

  private void talk(Loop loop, Client client, Random random) {
    loop.after(
        Math.round(-Math.log(1 - random.nextDouble()) * 1_000 / plan.rate()),
        () -> {
          List<String> rooms = client.rooms();
          if (talking && !client.line().stopped()) {
            if (!rooms.isEmpty()) {
              say(client, rooms.get(random.nextInt(rooms.size())), random);
            }
            talk(loop, client, random);
          }
        });
  }

  /** Mostly messages, and everything else that is logged or read; in a store that loses, those. */
  private void say(Client client, String room, Random random) {
    long now = System.nanoTime();
    int what = plan.durable() ? random.nextInt(20) : 0;
    if (what < 9) {
      client.send(room, now);
    } else if (what < 12) {
      int other = (client.number() + 1 + random.nextInt(2)) % plan.clients();
      client.direct("client" + other, now);
    } else if (what < 14) {
      client.read(room, random);
    } else {
      Sent.Kind kind =
          what < 15
              ? Sent.Kind.DELETE
              : what < 17 ? Sent.Kind.EDIT : what < 19 ? Sent.Kind.REACT : Sent.Kind.UNREACT;
      String conversation = conversation(client, random);
      client.change(random.nextInt(4) == 0 ? conversation : room, kind, random, now);
    }
  }

  private String conversation(Client client, Random random) {
    int other = (client.number() + 1 + random.nextInt(2)) % plan.clients();
    return Directs.room("client" + client.number(), "client" + other);
  }

  private void wander(Loop loop, Client client, Random random) {
    loop.after(
        2_000 + random.nextInt(16_000),
        () -> {
          if (!talking || client.line().stopped()) {
            return;
          }
          List<String> rooms = client.rooms();
          int what = random.nextInt(4);
          String room = room(random.nextInt(plan.rooms()));
          if (what < 2) {
            client.disconnect(what == 0, true);
          } else if (what == 2 && rooms.size() > 1) {
            client.leave(rooms.get(random.nextInt(rooms.size())));
          } else if (rooms.size() < 2 * plan.joins()) {
            client.join(room);
          }
          wander(loop, client, random);
        });
  }

  /** Lets the schedule happen and waits for the end of it. */
  private void happen(Loop loop, long start) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newCachedThreadPool();
    Random random = new Random(plan.seed() * 31);
    for (Fault fault : plan.schedule().faults()) {
      showUntil(loop, start, fault.at());
      long seed = random.nextLong();
      threads.execute(() -> inject(loop, fault, seed));
    }
    showUntil(loop, start, plan.seconds() * 1_000L);
    threads.shutdown();
    if (!threads.awaitTermination(180, TimeUnit.SECONDS)) {
      throw new IOException("a fault does not end");
    }
    loop.ask(
        () -> {
          talking = false;
          return true;
        });
    if (!problems.isEmpty()) {
      throw new IOException("a fault could not be brought about: " + problems.get(0));
    }
  }

  private void inject(Loop loop, Fault fault, long seed) {
    long from = System.nanoTime();
    try {
      switch (fault.kind()) {
        case NODE_KILL -> {
          // Some go with their node and never come back: survivors have to notice.
          someTired(loop, seed, true);
          cluster.killNode(fault.target(), fault.millis());
          someTired(loop, seed, false);
        }
        case NODE_DRAIN -> cluster.drainNode(fault.target());
        case LINK_KILL -> cluster.store().killLinks(fault.target());
        case REDIS_PAUSE,
            REDIS_SLEEP,
            REDIS_KILL,
            MASTER_KILL,
            FAILOVER,
            SLOTS_MOVE,
            RESHARD,
            RESIZE ->
            cluster.store().suffer(fault);
        case CUT -> some(loop, fault, seed, client -> client.disconnect(false, false));
        case STALL -> {
          some(loop, fault, seed, client -> client.line().stall(fault.millis()));
          TimeUnit.MILLISECONDS.sleep(fault.millis());
        }
      }
    } catch (IOException e) {
      loop.execute(() -> problems.add(fault + ": " + e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long until = System.nanoTime();
    loop.execute(() -> windows.add(new Window(fault, from, until)));
  }

  private void someTired(Loop loop, long seed, boolean tired)
      throws IOException, InterruptedException {
    loop.ask(
        () -> {
          new Random(seed)
              .ints(1 + clients.size() / 20, 0, clients.size())
              .forEach(number -> clients.get(number).tired(tired));
          return true;
        });
  }

  private void some(Loop loop, Fault fault, long seed, java.util.function.Consumer<Client> what) {
    loop.execute(
        () ->
            new Random(seed)
                .ints(fault.target(), 0, clients.size())
                .distinct()
                .forEach(number -> what.accept(clients.get(number))));
  }

  private void showUntil(Loop loop, long start, long millis)
      throws IOException, InterruptedException {
    long at = start + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
      show(loop, start);
      TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(LOOK_MS)));
    }
  }

  private void show(Loop loop, long start) throws IOException, InterruptedException {
    progress.show(
        loop.ask(
            () ->
                String.format(
                    Locale.ROOT,
                    "+%3d s  %d of %d in their rooms, %,d sent, %,d acknowledged, %,d delivered, %d"
                        + " faults over",
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
                    clients.stream().filter(Client::live).count(),
                    clients.size(),
                    tally.sent,
                    tally.acked,
                    tally.delivered,
                    windows.size())));
    try {
      longestRedisQueue = Math.max(longestRedisQueue, cluster.store().longestQueue());
      largestNode = Math.max(largestNode, cluster.largestNode());
    } catch (IOException e) {
      // Redis is away, which is part of the plan.
    }
  }

  /** Reads logs and members again and again, until they are as they must be, or it is too late. */
  private void converge(
      Loop loop, Map<String, RoomLog> logs, Map<String, Map<String, String>> members)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience().toNanos();
    LogReader reader = new LogReader(cluster.servers().get(0), messages);
    do {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS * 5);
      for (int i = 0; i < plan.rooms(); i++) {
        logs.put(room(i), reader.log(room(i)));
        members.put(room(i), reader.members(room(i)));
      }
    } while (!loop.ask(() -> new PresenceCheck(people()).ghosts(members).isEmpty() && atTop(logs))
        && System.nanoTime() < deadline);
  }

  private void readConversations(Loop loop, Map<String, RoomLog> logs)
      throws IOException, InterruptedException {
    Set<String> rooms =
        loop.ask(
            () ->
                messages.all().stream()
                    .filter(sent -> Directs.is(sent.room) && sent.acked != null)
                    .map(sent -> sent.room)
                    .collect(Collectors.toCollection(TreeSet::new)));
    LogReader reader = new LogReader(cluster.servers().get(0), messages);
    for (String room : rooms) {
      String user = room.substring(room.lastIndexOf(':') + 1);
      logs.put(room, reader.conversation(room, user));
    }
  }

  private List<Person> people() {
    return clients.stream().map(Client::person).toList();
  }

  private boolean atTop(Map<String, RoomLog> logs) {
    return people().stream()
        .flatMap(person -> person.tracks().stream())
        .allMatch(
            track -> {
              RoomLog log = logs.get(track.room);
              return track.position() == null || log != null && log.top().equals(track.position());
            });
  }

  /** Everybody said goodbye: nothing of sessions and members may be left in Redis. */
  private void awaitNoKeys(List<Violation> violations) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience().toNanos();
    List<String> left = cluster.leftKeys();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      left = cluster.leftKeys();
    }
    if (!left.isEmpty()) {
      violations.add(
          new Violation(
              Violation.Kind.GHOST, "Redis", "keys are left when everybody is gone", left));
    }
  }

  /** How long it may take until what is dead is gone. */
  private Duration patience() {
    return plan.lease().plus(plan.resumeTtl()).plusSeconds(7);
  }

  private ChaosReport report(long start, List<Violation> violations) {
    Map<String, Long> notable = new TreeMap<>();
    notable.put("largest node, bytes", largestNode);
    notable.put("longest queue in Redis, bytes", longestRedisQueue);
    return new ChaosReport(plan, start, windows, messages.all(), tally, notable, violations);
  }

  private List<Violation> judge(
      boolean settled, Map<String, RoomLog> logs, Map<String, Map<String, String>> members) {
    List<Track> tracks =
        people().stream()
            .flatMap(person -> Stream.of(person.tracks(), person.conversations()))
            .flatMap(List::stream)
            .toList();
    List<Violation> all =
        new ArrayList<>(new Checker(messages.all(), !plan.durable()).check(tracks, logs));
    if (plan.durable()) {
      all.addAll(new StateCheck().states(logs.values()));
      all.addAll(new StateCheck().refusals(messages.all(), logs));
      all.addAll(new StateCheck().marks(tracks));
      all.addAll(new StateCheck().unread(people(), logs));
    }
    PresenceCheck presence = new PresenceCheck(people());
    all.addAll(presence.ghosts(members));
    if (plan.durable()) {
      all.addAll(presence.falseLeaves(tally.leaves, plan.resumeTtl()));
    }
    all.addAll(new EpochCheck(plan.schedule().epochEnds()).check(tracks));
    tally.oddities.forEach(
        odd -> all.add(new Violation(Violation.Kind.UNEXPECTED, "a client", odd, List.of())));
    cluster
        .surprises()
        .forEach(
            surprise ->
                all.add(new Violation(Violation.Kind.ENDED, "a node", surprise, List.of())));
    if (longestRedisQueue > MAX_REDIS_QUEUE) {
      all.add(
          new Violation(
              Violation.Kind.QUEUE, "Redis", longestRedisQueue + " bytes for one link", List.of()));
    }
    if (!settled) {
      clients.stream()
          .filter(client -> !client.settled() || !client.claimed())
          .forEach(
              client ->
                  all.add(
                      new Violation(
                          Violation.Kind.STUCK, client.toString(), client.state(), List.of())));
    }
    return all;
  }

  private boolean await(Loop loop, long seconds, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    long deadline = start + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < deadline) {
      if (loop.ask(condition::getAsBoolean)) {
        return true;
      }
      show(loop, start);
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    return false;
  }
}
