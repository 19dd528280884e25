package dev.roomcast.examples.load;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * People who only want to chat: each in one room, at a steady rate, and every interruption of
 * theirs is noted.
 *
 * <p>Its methods are called by one thread; what they look at lives on the loop's.
 */
final class Honest {

  private static final int ROOMS = 10;

  private static final String RUN =
      HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
  private static final long LOOK_MS = 20;

  private final Loop loop;
  private final int rate;
  private final URI server;
  private final Messages messages = new Messages("honest-" + RUN, 100);
  private final Tally tally = new Tally();
  private final List<Client> clients = new ArrayList<>();
  private boolean talking;
  private int next;

  /** How a while was for them. Immutable. */
  record While(double p99Millis, long delivered, List<String> disturbances) {}

  Honest(Loop loop, URI server, int count, int rate) {
    this.loop = loop;
    this.server = server;
    this.rate = rate;
    for (int i = 0; i < count; i++) {
      Client client = new Client(loop, List.of(server), messages, tally, i, new Random(i));
      client.join(room(i));
      clients.add(client);
    }
  }

  static List<String> rooms() {
    return IntStream.range(0, ROOMS).mapToObj(Honest::room).toList();
  }

  private static String room(int number) {
    return "honest-" + RUN + "-" + number % ROOMS;
  }

  /** Connects everybody, and has them talk from now on. */
  void start() throws IOException, InterruptedException {
    for (int i = 0; i < clients.size(); i++) {
      Client client = clients.get(i);
      int wait = i * 20;
      loop.execute(() -> loop.after(wait, client::start));
    }
    if (!await(30, () -> clients.stream().allMatch(Client::live))) {
      throw new IOException("the honest clients got no connections: " + tally.closes);
    }
    loop.execute(
        () -> {
          talking = true;
          talk(System.nanoTime());
        });
  }

  private void talk(long due) {
    if (!talking) {
      return;
    }
    Client client = clients.get(next++ % clients.size());
    client.send(client.rooms().get(0), due);
    long then = due + TimeUnit.SECONDS.toNanos(1) / rate;
    loop.at(then, () -> talk(then));
  }

  /** Begins to count anew. */
  void mark() throws IOException, InterruptedException {
    loop.ask(
        () -> {
          tally.toMember.clear();
          tally.closes.clear();
          tally.errors.clear();
          tally.oddities.clear();
          return true;
        });
  }

  /** What happened since the mark. */
  While seen() throws IOException, InterruptedException {
    return loop.ask(
        () -> {
          List<String> disturbances = new ArrayList<>(tally.oddities);
          tally.closes.forEach((code, count) -> disturbances.add(count + " closed with " + code));
          tally.errors.forEach((code, count) -> disturbances.add(count + " got " + code));
          return new While(
              tally.toMember.percentile(99) / 1e6, tally.toMember.count(), disturbances);
        });
  }

  /** Ends, and judges whether anything was lost, doubled or out of order from the beginning. */
  List<Violation> judge() throws IOException, InterruptedException {
    loop.ask(
        () -> {
          talking = false;
          return true;
        });
    await(20, () -> clients.stream().allMatch(Client::settled));
    await(10, () -> tally.delivered >= expected());
    Map<String, RoomLog> logs = new HashMap<>();
    LogReader reader = new LogReader(server, messages);
    for (int i = 0; i < ROOMS; i++) {
      logs.put(room(i), reader.log(room(i)));
    }
    return loop.ask(
        () -> {
          List<Track> tracks =
              clients.stream().flatMap(client -> client.person().tracks().stream()).toList();
          List<Violation> violations = new Checker(messages.all(), false).check(tracks, logs);
          clients.forEach(Client::stop);
          return violations;
        });
  }

  private long expected() {
    return (long) messages.all().size() * clients.size() / ROOMS;
  }

  private boolean await(long seconds, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!loop.ask(condition::getAsBoolean)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
    return true;
  }
}
