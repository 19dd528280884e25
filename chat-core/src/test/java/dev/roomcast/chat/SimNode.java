package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node of a simulation, behind a network that is late, refuses, loses answers and harms
 * announcements. What it asks of the store takes effect in the order asked, as on one connection;
 * answers come in any order. Confined to the simulation's thread.
 */
final class SimNode implements FarBackend.Way {

  static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .bytesPerSecond(0)
          .userCommandsPerSecond(0)
          .resumeTtl(Duration.ofSeconds(6))
          .nodeLease(Duration.ofSeconds(3))
          .heartbeat(Duration.ofSeconds(4))
          .writeTimeout(Duration.ofSeconds(3))
          .presenceInterval(Duration.ofMillis(100))
          .sessionCommands(16)
          .outboxBytes(64 << 10)
          .build();

  private static final LossyBroker.Chances CHANCES =
      new LossyBroker.Chances(0.08, 0.1, 0.3, Duration.ofMillis(400));

  final ChatNode node;
  private final Simulation sim;
  private final ManualClock clock;
  private final LossyBroker store;
  private Instant effectDue = Instant.MIN;
  private boolean outage;
  private boolean alive = true;
  private int ids;

  SimNode(Simulation sim, String name, InMemoryBackend backend) {
    this.sim = sim;
    this.clock = sim.clock.view();
    this.store =
        new LossyBroker(
            backend, sim.random, clock, sim.calm() ? LossyBroker.Chances.NONE : CHANCES);
    this.node =
        ChatNode.builder(new FarBackend(store, this))
            .limits(LIMITS)
            .authenticator(
                request -> {
                  String user = String.valueOf(request.parameter("user"));
                  return new User(user, user);
                })
            .authorizer((user, action, room) -> true)
            .clock(clock)
            .executor(task -> after(sim.upTo(3), task))
            .work(task -> after(sim.upTo(3), task))
            .ids(bytes -> name + "-" + ids++)
            .start();
  }

  private void after(int millis, Runnable task) {
    clock.schedule(Duration.ofMillis(millis), task);
  }

  @Override
  public <T extends @Nullable Object> CompletionStage<T> go(
      String call, String subject, Supplier<CompletionStage<T>> operation) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (!sim.calm() && (outage || sim.chance(0.02))) {
      refuse(call, subject, "refused", answer);
      return answer;
    }
    boolean answerLost = !sim.calm() && sim.chance(0.02);
    Instant due = clock.instant().plusMillis(sim.latency());
    effectDue = due.isBefore(effectDue) ? effectDue : due;
    clock.schedule(
        Duration.between(clock.instant(), effectDue),
        () -> {
          sim.trace(() -> node() + " " + call + " " + subject);
          CompletionStage<T> done = operation.get();
          if (call.equals("unsubscribe")) {
            store.unsubscribed(subject);
          }
          if (answerLost) {
            refuse(call, subject, "answer lost", answer);
          } else {
            done.whenComplete((value, failure) -> pass(value, failure, answer));
          }
        });
    return answer;
  }

  private <T extends @Nullable Object> void pass(
      T value, @Nullable Throwable failure, CompletableFuture<T> answer) {
    after(
        sim.latency(),
        () -> {
          if (failure == null) {
            answer.complete(value);
          } else {
            answer.completeExceptionally(failure);
          }
        });
  }

  private void refuse(String call, String subject, String why, CompletableFuture<?> answer) {
    sim.trace(() -> node() + " " + call + " " + subject + ": " + why);
    ChatException problem = new ChatException(ErrorCode.UNAVAILABLE, why + ": " + call);
    after(sim.latency(), () -> answer.completeExceptionally(problem));
  }

  @SuppressWarnings("NullAway") // asked for while the node is being started
  private String node() {
    return node == null ? "node" : node.id();
  }

  boolean alive() {
    return alive;
  }

  /** The store cannot be reached for a while. */
  void outage(Duration duration) {
    outage = true;
    sim.later(duration, () -> outage = false);
  }

  /** The room's log is not what it was. */
  void changed(String room) {
    store.changed(room);
  }

  /** Nothing is lost any more. */
  void settle() {
    outage = false;
    store.settle();
  }

  /** The process dies. */
  void kill() {
    alive = false;
    clock.close();
    store.close();
  }

  /** Sends its clients away, gives up its lease and ends. */
  void drain() {
    node.startDrain(Duration.ofMillis(sim.upTo(3_000)))
        .thenAccept(
            flushed -> {
              node.stop();
              sim.later(
                  Duration.ofMillis(500),
                  () -> {
                    if (alive) {
                      sim.end(this);
                    }
                  });
            });
  }

  /** What is left of clients that are gone, in words; empty when nothing is. */
  String leftovers() {
    StringBuilder left = new StringBuilder();
    node.sessions().forEach(session -> left.append(session).append(' '));
    ChatStats stats = node.stats();
    if (stats.rooms() != 0 || stats.connections() != 0) {
      left.append(stats.rooms())
          .append(" rooms, ")
          .append(stats.connections())
          .append(" connections ");
    }
    // Lease, sweep, reaping, probe, notices and idle rooms, each either waiting or on its way.
    int timers = clock.timers();
    if (timers > 6) {
      left.append(timers).append(" timers");
    }
    return left.isEmpty() ? "" : node.id() + ": " + left;
  }
}
