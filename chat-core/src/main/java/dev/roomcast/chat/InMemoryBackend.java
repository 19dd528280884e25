package dev.roomcast.chat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A backend that lives in this process: complete, and lost with it.
 *
 * <p>For one process it is all that is needed. Several nodes of one process share one by {@link
 * #join}, which is also how tests have many nodes without a store. Thread-safe.
 */
public final class InMemoryBackend implements Backend {

  /** What the nodes of one store share. Thread-safe by its parts. */
  static final class Shared {
    final InstantSource clock;
    final Supplier<String> epochs;
    final ConcurrentHashMap<String, InMemoryLog> logs = new ConcurrentHashMap<>();
    final ConcurrentHashMap<String, InMemoryBackend> nodes = new ConcurrentHashMap<>();
    final InMemoryPresence presence = new InMemoryPresence(this);
    final InMemoryConversations conversations = new InMemoryConversations(this);
    final InMemorySessions sessions = new InMemorySessions(this);
    final InMemorySettings settings = new InMemorySettings(this);
    final InMemoryModeration moderation = new InMemoryModeration(this);
    final InMemoryCursors cursors = new InMemoryCursors(this);

    Shared(InstantSource clock, Supplier<String> epochs) {
      this.clock = clock;
      this.epochs = epochs;
    }

    /** Hands an event to the nodes on which one of the users has a connected session. */
    void tell(Collection<String> users, Delivery.Event event) {
      Set<String> heard = new HashSet<>();
      users.forEach(user -> heard.addAll(sessions.nodesOf(user)));
      for (String node : heard) {
        InMemoryBackend backend = nodes.get(node);
        if (backend != null) {
          backend.deliver(event);
        }
      }
    }

    /** Passes an edge of presence on to the nodes that are subscribed to the room. */
    void announce(String room, PresenceChange change) {
      InMemoryLog log = logs.get(room);
      if (log != null) {
        log.announce(new Delivery.Presence(room, change));
      }
    }
  }

  private final Shared shared;
  private final @Nullable Executor givenExecutor;
  private @Nullable ExecutorService ownThread;
  private @Nullable Delivery delivery;
  private @Nullable Broker broker;
  private @Nullable RoomManager rooms;
  private @Nullable StateStore state;
  private String node = "";

  InMemoryBackend() {
    this(new Shared(InstantSource.system(), () -> Ids.random(6)), null);
  }

  /** For tests: time, the thread of delivery and the names of epochs are theirs. */
  InMemoryBackend(InstantSource clock, Executor delivery, Supplier<String> epochs) {
    this(new Shared(clock, epochs), delivery);
  }

  private InMemoryBackend(Shared shared, @Nullable Executor executor) {
    this.shared = shared;
    this.givenExecutor = executor;
  }

  /** Returns another backend on the same data, as another process would have it. */
  public InMemoryBackend join() {
    return new InMemoryBackend(shared, givenExecutor);
  }

  @Override
  public synchronized void start(String nodeId, Limits limits, BackendListener listener) {
    if (delivery != null) {
      throw new IllegalStateException("started before");
    }
    Executor executor = givenExecutor;
    if (executor == null) {
      ownThread =
          Executors.newSingleThreadExecutor(
              task -> {
                Thread thread = new Thread(task, "roomcast-delivery-" + nodeId);
                thread.setDaemon(true);
                return thread;
              });
      executor = ownThread;
    }
    node = nodeId;
    delivery = new Delivery(executor, listener);
    broker = new InMemoryBroker(shared, delivery, limits.retention());
    rooms = shared.presence.of(nodeId);
    state = shared.sessions.of(nodeId, limits.retention());
    shared.nodes.put(nodeId, this);
  }

  /** Hands an event to this node's listener. */
  void deliver(Delivery.Event event) {
    Delivery to = delivery;
    if (to != null) {
      to.add(event);
    }
  }

  @Override
  public Broker broker() {
    return started(broker);
  }

  @Override
  public RoomManager rooms() {
    return started(rooms);
  }

  @Override
  public StateStore state() {
    return started(state);
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not started: a ChatNode starts its backend");
    }
    return part;
  }

  @Override
  public void whileReading(Runnable read) {
    Delivery mine = delivery;
    if (mine == null) {
      read.run();
    } else {
      mine.reads(read);
    }
  }

  @Override
  public String description() {
    return "in memory";
  }

  /** For tests: the store comes back without the room's last frames, as after a lossy restart. */
  void loseTail(String room, int frames) {
    InMemoryLog log = shared.logs.get(room);
    if (log != null) {
      log.loseTail(frames);
    }
  }

  /** For tests: members, sessions and subscriptions that are still there, in words. */
  String leftovers() {
    List<String> left = new ArrayList<>(shared.presence.leftovers());
    left.addAll(shared.sessions.leftovers());
    shared.logs.forEach(
        (room, log) -> {
          if (log.isSubscribed()) {
            left.add("a subscription to " + room);
          }
        });
    return String.join(", ", left);
  }

  @Override
  public synchronized void close() {
    shared.nodes.remove(node, this);
    Delivery mine = delivery;
    if (mine != null) {
      shared.logs.values().forEach(log -> log.unsubscribe(mine));
      mine.close();
    }
    if (ownThread != null) {
      ownThread.shutdown();
    }
  }

  /** The log of messages, on {@link InMemoryLog}s. Thread-safe. */
  private static final class InMemoryBroker implements Broker {
    private final Shared shared;
    private final Delivery delivery;
    private final Retention retention;

    InMemoryBroker(Shared shared, Delivery delivery, Retention retention) {
      this.shared = shared;
      this.delivery = delivery;
      this.retention = retention;
    }

    private InMemoryLog log(String room) {
      InMemoryLog log = shared.logs.get(room); // which takes no lock, as it is nearly always there
      return log != null
          ? log
          : shared.logs.computeIfAbsent(
              room, name -> new InMemoryLog(name, retention, shared.clock, shared.epochs));
    }

    @Override
    public CompletionStage<Ack> publish(String room, Draft draft) {
      Ack ack = append(room, draft, List.of());
      return CompletableFuture.completedFuture(Objects.requireNonNull(ack));
    }

    @Override
    public CompletionStage<@Nullable Ack> revise(
        String room, Draft draft, List<Revision> revisions) {
      return CompletableFuture.completedFuture(append(room, draft, revisions));
    }

    private @Nullable Ack append(String room, Draft draft, List<Revision> revisions) {
      while (true) {
        InMemoryLog.Outcome outcome =
            log(room).publish(draft, revisions, shared.conversations::logged);
        if (outcome != null) {
          return outcome.ack();
        }
        // The log was taken off the map between the look-up and the append: look again.
      }
    }

    @Override
    public CompletionStage<Void> announce(String room, Json frame) {
      InMemoryLog log = shared.logs.get(room);
      if (log != null) {
        log.announce(new Delivery.Ephemeral(room, frame));
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<History> subscribe(String room, HistoryQuery query) {
      while (true) {
        History history = log(room).subscribe(delivery, query);
        if (history != null) {
          CompletableFuture<History> answer = new CompletableFuture<>();
          if (Conversation.is(room)) {
            // What is told of it is told in order, so this comes after what is on its way already.
            delivery.add(new Delivery.Marker(() -> answer.complete(history)));
          } else {
            answer.complete(history);
          }
          return answer;
        }
      }
    }

    @Override
    public CompletionStage<Void> unsubscribe(String room) {
      InMemoryLog log = shared.logs.get(room);
      if (log != null) {
        log.unsubscribe(delivery);
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<History> history(String room, HistoryQuery query) {
      InMemoryLog log = shared.logs.get(room);
      return CompletableFuture.completedFuture(
          log == null ? new History(Position.NONE, 0, List.of(), false) : log.read(query));
    }

    @Override
    public CompletionStage<Long> markRead(String room, String user, long offset) {
      InMemoryLog log = shared.logs.get(room);
      return CompletableFuture.completedFuture(log == null ? 0 : log.markRead(user, offset));
    }

    @Override
    public CompletionStage<List<Unread>> unread(String user, List<String> rooms) {
      List<Unread> unread = new ArrayList<>();
      for (String room : rooms) {
        InMemoryLog log = shared.logs.get(room);
        unread.add(log == null ? new Unread(false, 0) : log.unread(user));
      }
      return CompletableFuture.completedFuture(unread);
    }

    @Override
    public CompletionStage<ConversationPage> conversations(String user, String after, int limit) {
      return CompletableFuture.completedFuture(shared.conversations.page(user, after, limit));
    }

    @Override
    public CompletionStage<Void> tell(String user, Json frame) {
      shared.tell(List.of(user), new Delivery.Told(user, frame));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> retain(String room, Retention keep) {
      log(room).retain(keep);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> destroy(String room) {
      InMemoryLog log = shared.logs.get(room);
      if (log != null) {
        log.destroy();
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> signal(Json control) {
      shared.nodes.values().forEach(node -> node.deliver(new Delivery.Control(control)));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Duration> probe() {
      CompletableFuture<Duration> probe = new CompletableFuture<>();
      java.time.Instant sent = shared.clock.instant();
      delivery.add(
          new Delivery.Marker(
              () -> probe.complete(Duration.between(sent, shared.clock.instant()))));
      return probe;
    }
  }
}
