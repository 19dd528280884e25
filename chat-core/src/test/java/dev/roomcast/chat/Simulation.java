package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes, clients and a store with everything between them, in one thread and one time, driven by a
 * seed: the same seed is the same run, to the last frame.
 *
 * <p>First everything that can happen does: messages, joins, leaves, cut and stalled connections,
 * resumes anywhere, nodes that die, are drained and come anew, a store that is late, away, or loses
 * the end of a log. Then the network calms down, and what was promised must be the case.
 */
final class Simulation {

  private static final Duration CHAOS = Duration.ofSeconds(20);
  private static final Duration SETTLING = Duration.ofSeconds(15);
  private static final int MAX_EVENTS = 300_000;

  final ManualClock clock = new ManualClock();
  final Random random;
  final SimLedger ledger;
  private final InMemoryBackend store = new InMemoryBackend(clock, Runnable::run, this::nextEpoch);
  private final Backend observer = store.join();
  private final List<SimNode> nodes = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final List<String> rooms;
  private final boolean losesData;
  private final Instant start = clock.instant();
  private boolean calm;
  private int nodesEver;
  private int epochs;
  private int events;

  Simulation(long seed, boolean tracing) {
    random = new Random(seed);
    ledger = new SimLedger(tracing);
    rooms = IntStream.rangeClosed(1, 1 + random.nextInt(3)).mapToObj(i -> "r" + i).toList();
    losesData = chance(0.5);
    observer.start("observer", SimNode.LIMITS, new BackendContract.Node("observer", observer));
  }

  private String nextEpoch() {
    return "e" + ++epochs;
  }

  /** Plays the seed; returns the first promise that was broken, null when all were kept. */
  @Nullable String play() {
    IntStream.rangeClosed(1, 2 + random.nextInt(2)).forEach(i -> startNode());
    int count = 3 + random.nextInt(4);
    for (int i = 1; i <= count; i++) {
      SimClient client = new SimClient(this, "c" + i, "u" + (1 + random.nextInt(count)));
      clients.add(client);
      client.join(anyRoom());
      client.connect();
    }
    act();
    if (run(CHAOS)) {
      settle();
      if (run(SETTLING)) {
        compare();
        IntStream.range(0, clients.size()).forEach(i -> clients.get(i).go(i % 2 == 0));
        if (run(SETTLING)) {
          checkNothingIsLeft();
        }
      }
    }
    return ledger.problem();
  }

  private boolean run(Duration duration) {
    Instant until = clock.instant().plus(duration);
    while (ledger.problem() == null && clock.runNext(until)) {
      if (++events > MAX_EVENTS) {
        ledger.broken("it does not come to rest: " + events + " events");
      }
    }
    if (ledger.problem() == null) {
      clock.advance(Duration.between(clock.instant(), until));
    }
    return ledger.problem() == null;
  }

  private void startNode() {
    nodes.add(new SimNode(this, "n" + ++nodesEver, store.join()));
  }

  /** Does one thing, and some time later the next. */
  private void act() {
    if (calm) {
      return;
    }
    SimClient client = clients.get(random.nextInt(clients.size()));
    String room = anyRoom();
    int dice = random.nextInt(1_000);
    if (dice < 330) {
      client.say(room);
    } else if (dice < 400) {
      client.talk().change(room);
    } else if (dice < 450) {
      client.read(room);
    } else if (dice < 520) {
      client.talk().direct(clients.get(random.nextInt(clients.size())).user);
    } else if (dice < 640) {
      client.join(room);
    } else if (dice < 720) {
      client.leave(room);
    } else if (dice < 830) {
      client.cut();
    } else if (dice < 860) {
      client.stall(Duration.ofMillis(upTo(5_000)));
    } else if (dice < 900) {
      client.type(room);
    } else if (dice < 930) {
      kill();
    } else if (dice < 960) {
      drain();
    } else if (dice < 980) {
      int most = chance(0.1) ? 15_000 : 2_000; // longer than a lease and the time to resume
      nodes.get(random.nextInt(nodes.size())).outage(Duration.ofMillis(upTo(most)));
    } else if (losesData) {
      lose(room);
    }
    later(Duration.ofMillis(upTo(150)), this::act);
  }

  private void kill() {
    SimNode node = nodes.get(random.nextInt(nodes.size()));
    trace(() -> "kill " + node.node.id());
    end(node);
    replace(node);
  }

  /** The process ends, and with it the connections that it has. */
  void end(SimNode node) {
    node.kill();
    clients.stream().filter(client -> client.isOn(node)).forEach(SimClient::cut);
  }

  private void drain() {
    SimNode node = nodes.get(random.nextInt(nodes.size()));
    trace(() -> "drain " + node.node.id());
    node.drain();
    replace(node);
  }

  private void replace(SimNode node) {
    if (nodes.remove(node)) {
      later(Duration.ofMillis(upTo(2_000)), this::startNode);
    }
    if (nodes.isEmpty()) {
      startNode();
    }
  }

  private void lose(String room) {
    List<Publication> log = log(room).publications();
    if (chance(0.8)) {
      int frames = Math.min(log.size(), random.nextInt(6));
      trace(() -> "the store loses " + frames + " frames of " + room);
      ledger.loses(room, log.subList(log.size() - frames, log.size()));
      store.loseTail(room, frames);
    } else {
      trace(() -> "destroy " + room);
      ledger.loses(room, log);
      observer.broker().destroy(room);
      observer.broker().signal(new Control.Destroyed(room).toJson());
    }
    nodes.forEach(node -> node.changed(room));
  }

  private History log(String room) {
    return BackendContract.get(
        observer.broker().history(room, new HistoryQuery.Newest(Integer.MAX_VALUE)));
  }

  private void settle() {
    trace(() -> "calm");
    calm = true;
    while (nodes.size() < 2) {
      startNode();
    }
    nodes.forEach(SimNode::settle);
  }

  private void compare() {
    for (String room : rooms) {
      Set<String> members = new TreeSet<>();
      clients.stream()
          .filter(client -> client.wanted().contains(room))
          .forEach(client -> members.add(client.user));
      Set<String> stored = new TreeSet<>();
      BackendContract.get(observer.rooms().members(room, "", 1_000))
          .members()
          .forEach(user -> stored.add(user.id()));
      ledger.check(
          stored.equals(members), () -> "in " + room + " are " + members + ", not " + stored);
      History log = log(room);
      ledger.compare(room, log);
      clients.forEach(client -> client.compare(room, log.top(), members));
    }
    clients.forEach(SimClient::checkAllAcknowledged);
    ledger.conversations().forEach(this::compareConversation);
  }

  /** What was said between two users is all there, both find it, and who could hear heard it. */
  private void compareConversation(String room) {
    History log = log(room);
    ledger.compare(room, log);
    Conversation conversation = Objects.requireNonNull(Conversation.of(room));
    clients.forEach(client -> client.talk().compare(conversation, log));
    for (String user : conversation.users()) {
      long others = 0;
      for (Publication publication : log.publications()) {
        JsonObject sender = publication.body().tree().getAsJsonObject().getAsJsonObject("user");
        others = sender.get("id").getAsString().equals(user) ? 0 : others + 1;
      }
      String expected = room + " with " + others + " unread up to " + log.top().offset();
      String found =
          BackendContract.get(observer.broker().conversations(user, "", 100))
              .conversations()
              .stream()
              .filter(info -> info.room().equals(room))
              .map(Simulation::text)
              .findFirst()
              .orElse("nothing");
      ledger.check(found.equals(expected), () -> user + " finds " + found + ", not " + expected);
    }
  }

  private static String text(Broker.ConversationInfo info) {
    long last = info.last() == null ? 0 : info.last().offset();
    return info.room() + " with " + info.unread() + " unread up to " + last;
  }

  private void checkNothingIsLeft() {
    for (SimNode node : nodes) {
      ledger.check(node.leftovers().isEmpty(), node::leftovers);
    }
    String left = store.leftovers();
    ledger.check(left.isEmpty(), () -> "the store has " + left);
  }

  void trace(Supplier<String> line) {
    ledger.trace(() -> now() + " " + line.get());
  }

  long now() {
    return Duration.between(start, clock.instant()).toMillis();
  }

  boolean calm() {
    return calm;
  }

  boolean chance(double chance) {
    return random.nextDouble() < chance;
  }

  int upTo(int most) {
    return random.nextInt(most + 1);
  }

  /** Milliseconds on the way, most often few. */
  int latency() {
    return !calm && random.nextInt(20) == 0 ? upTo(1_500) : upTo(20);
  }

  String anyRoom() {
    return rooms.get(random.nextInt(rooms.size()));
  }

  @Nullable SimNode anyNode() {
    return nodes.isEmpty() ? null : nodes.get(random.nextInt(nodes.size()));
  }

  /** Runs the task some milliseconds later. */
  void later(Runnable task) {
    later(Duration.ofMillis(latency()), task);
  }

  void later(Duration delay, Runnable task) {
    clock.schedule(delay, task);
  }

  /** Runs the task some milliseconds later, not before {@code last}; returns when. */
  Instant inOrder(Instant last, Runnable task) {
    Instant due = clock.instant().plusMillis(latency());
    Instant at = due.isBefore(last) ? last : due;
    later(Duration.between(clock.instant(), at), task);
    return at;
  }

  /** The run as text, for comparing two runs of a seed. */
  List<String> trace() {
    return ledger.trace();
  }
}
