package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Nodes on one store in memory whose time stands still until the test moves it, and whose work is
 * done on the test's thread: what a test asks for has happened when the call returns. Confined to
 * the test's thread.
 */
final class StillNodes implements AutoCloseable {

  /** The defaults, but for rates. */
  static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder()
          .commandsPerSecond(0)
          .bytesPerSecond(0)
          .userCommandsPerSecond(0)
          .handshakesPerSecondPerAddress(0)
          .connectionsPerAddress(0)
          .build();

  final ManualClock clock = new ManualClock();
  final InMemoryBackend store = new InMemoryBackend(clock, Runnable::run, () -> Ids.random(6));
  private final List<Started> nodes = new ArrayList<>();

  private record Started(ChatNode node, Backend backend, ManualClock clock) {}

  ChatNode start(Limits limits) {
    return start(limits, backend -> backend);
  }

  /** Starts a node on the store, as {@code wrapper} shows it the store. */
  ChatNode start(Limits limits, UnaryOperator<Backend> wrapper) {
    return start(limits, wrapper, builder -> builder);
  }

  /** Starts a node on the store with something else set. */
  ChatNode start(
      Limits limits, UnaryOperator<Backend> wrapper, UnaryOperator<ChatNode.Builder> more) {
    Backend backend = wrapper.apply(store.join());
    ManualClock view = clock.view();
    ChatNode node =
        more.apply(
                ChatNode.builder(backend)
                    .limits(limits)
                    .clock(view)
                    .executor(Runnable::run)
                    .work(Runnable::run))
            .start();
    nodes.add(new Started(node, backend, view));
    return node;
  }

  /** The node's process dies: its timers do not run any more, and nobody is told. */
  void kill(ChatNode node) {
    Started started = of(node);
    started.clock().close();
    started.backend().close();
    nodes.remove(started);
  }

  /** Timers that the node has set. */
  int timers(ChatNode node) {
    return of(node).clock().timers();
  }

  private Started of(ChatNode node) {
    return nodes.stream().filter(started -> started.node() == node).findFirst().orElseThrow();
  }

  @Override
  public void close() {
    for (Started started : nodes) {
      started.node().stop(); // "close" would wait for a time that stands still
      started.clock().close();
      started.backend().close();
    }
  }
}
