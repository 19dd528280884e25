package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;

/**
 * What the contract suites of the three interfaces share: nodes on one store.
 *
 * <p>To hold a backend of your own to the contract, extend {@link BrokerContract}, {@link
 * RoomManagerContract} and {@link StateStoreContract} and say how to get a backend.
 */
public abstract class BackendContract {

  /** Small enough to be reached in a test. */
  protected static final Limits LIMITS = Limits.DEFAULTS.toBuilder().historyCount(100).build();

  private final Deque<Node> nodes = new ArrayDeque<>();

  /**
   * Returns a backend that was not started, on the store of the present test: all that are returned
   * within one test share it, and it is empty at first.
   */
  protected abstract Backend newBackend() throws Exception;

  /** A started backend, and what its listener heard. */
  protected static final class Node implements BackendListener {
    final String id;
    final Backend backend;
    final List<Publication> publications = new CopyOnWriteArrayList<>();
    final List<Json> ephemerals = new CopyOnWriteArrayList<>();
    final List<Json> controls = new CopyOnWriteArrayList<>();
    final List<PresenceChange> changes = new CopyOnWriteArrayList<>();

    Node(String id, Backend backend) {
      this.id = id;
      this.backend = backend;
    }

    Broker broker() {
      return backend.broker();
    }

    RoomManager rooms() {
      return backend.rooms();
    }

    StateStore state() {
      return backend.state();
    }

    @Override
    public void onPublications(String room, List<Publication> batch) {
      publications.addAll(batch);
    }

    @Override
    public void onEphemeral(String room, Json frame) {
      ephemerals.add(frame);
    }

    @Override
    public void onPresence(String room, PresenceChange change) {
      changes.add(change);
    }

    @Override
    public void onGap(String room) {}

    @Override
    public void onControl(Json control) {
      controls.add(control);
    }
  }

  /** Starts a node on the test's store, and waits until it hears what is announced. */
  protected Node node(String id) {
    try {
      Node node = new Node(id, newBackend());
      nodes.push(node);
      node.backend.start(id, LIMITS, node);
      org.awaitility.Awaitility.await()
          .ignoreExceptions()
          .until(() -> !get(node.broker().probe()).isNegative());
      return node;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void closeNodes() {
    nodes.forEach(node -> node.backend.close());
  }

  /** Waits for the value; a failure of the stage is thrown as it is. */
  protected static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw ChatException.of(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits for the stage to fail, and returns why. */
  protected static ChatException failure(CompletionStage<?> stage) {
    return assertThrows(ChatException.class, () -> get(stage));
  }

  protected static Draft draft(String text) {
    return draft(text, null);
  }

  protected static Draft draft(String text, @org.jspecify.annotations.Nullable String key) {
    return new Draft(Json.of("text", text), System.currentTimeMillis(), key);
  }

  protected static List<String> texts(List<Publication> publications) {
    return publications.stream().map(p -> text(p.body())).toList();
  }

  protected static String text(Json body) {
    return body.tree().getAsJsonObject().get("text").getAsString();
  }

  protected static User user(String name) {
    return new User(name, name + " name");
  }

  /** Waits until the condition holds. */
  protected static void until(java.util.concurrent.Callable<Boolean> condition) {
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(5))
        .until(condition);
  }
}
