package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: the rooms and sessions of this process, on a backend that it may share with others.
 *
 * <pre>{@code
 * Backend backend = Backend.inMemory();
 * ChatNode chat = ChatNode.builder(backend).start();
 * chat.room("orders").publish("system", Json.of("state", "paid"));
 * chat.close();
 * backend.close();
 * }</pre>
 *
 * <p>A container brings clients: it asks {@link #admit} before the upgrade and calls {@link
 * #connect} after it. Everything may be called from any thread; nothing here blocks but {@link
 * #drain} and {@link #close}. Thread-safe.
 */
public final class ChatNode implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ChatNode.class);

  /** How long to wait before the backend is asked again for what it refused. */
  static final Duration RETRY = Duration.ofMillis(250);

  /** How long an empty room stays subscribed, so that rooms do not flap. */
  static final Duration UNSUBSCRIBE_DELAY = Duration.ofSeconds(2);

  /** After this long a user who said nothing more is not typing any more. */
  static final Duration TYPING = Duration.ofSeconds(6);

  /** Within this long clients come back after a {@code closing}. */
  private static final long RECONNECT_SPREAD_MILLIS = 3_000;

  private final IntFunction<String> ids;
  private final String id;
  private final Backend backend;
  private final Limits limits;
  private final ChatClock clock;
  private final Hooks hooks;
  private final Executor work;
  private final CommandReader reader;
  private final Counters counters = new Counters();
  private final UserRates userRates;
  private final Measures measures = new Measures();
  private final Audience audience = new Audience();
  private final Reception reception;
  private final Housekeeping housekeeping;
  private final Upkeep upkeep;
  private final MessageChanges changes;
  private final long startedAt;
  private final ConcurrentHashMap<String, Room> rooms = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, ClientSession> sessions = new ConcurrentHashMap<>();
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean draining;

  private ChatNode(Builder builder) {
    ids = builder.ids;
    id = ids.apply(9);
    backend = builder.backend;
    limits = builder.limits;
    clock = builder.clock == null ? new SystemClock(id) : builder.clock;
    hooks =
        new Hooks(
            builder.authenticator,
            builder.authorizer,
            builder.listener,
            builder.interceptor,
            builder.messages,
            new HookTime(clock, limits.hookTimeout(), counters.hooksLate),
            measures,
            builder.executor);
    work = builder.work == null ? new WorkPool(id) : builder.work;
    reader = new CommandReader(limits);
    userRates = new UserRates(this);
    reception = new Reception(this);
    housekeeping = new Housekeeping(this);
    upkeep = new Upkeep(this);
    changes = new MessageChanges(this);
    startedAt = clock.millis();
  }

  /** Returns a builder for a node on this backend, which serves no other node. */
  public static Builder builder(Backend backend) {
    return new Builder(backend);
  }

  /** Logs a frame in a room and announces it to all nodes; the stage has its position. */
  CompletionStage<Ack> publish(String room, Draft draft) {
    long begun = System.nanoTime();
    return backend
        .broker()
        .publish(room, draft)
        .whenComplete((ack, failure) -> count(begun, ack, failure));
  }

  /** Logs a frame that changes earlier ones; null when those are not as expected any more. */
  CompletionStage<@Nullable Ack> revise(String room, Draft draft, List<Revision> revisions) {
    long begun = System.nanoTime();
    return backend
        .broker()
        .revise(room, draft, revisions)
        .whenComplete((ack, failure) -> count(begun, ack, failure));
  }

  private void count(long begun, @Nullable Ack ack, @Nullable Throwable failure) {
    if (failure != null) {
      measures.publishFailed(ChatException.of(failure).code());
    } else if (ack != null && !ack.duplicate()) {
      counters.published.increment();
      measures.publishToAck.add(System.nanoTime() - begun);
    }
  }

  /** Takes what was announced, by this node or another; the room puts it in order. */
  private void onPublications(String name, List<Publication> publications) {
    Room room = rooms.get(name);
    if (room != null) {
      room.onPublications(publications);
    }
  }

  /** What the backend tells. Called on its delivery thread: only looks rooms up. */
  private final class Listener implements BackendListener {
    @Override
    public void onPublications(String name, List<Publication> publications) {
      measures.busyRooms.heard(name, publications.size());
      ChatNode.this.onPublications(name, publications);
    }

    @Override
    public void onEphemeral(String name, Json frame) {
      Room room = rooms.get(name);
      if (room != null) {
        room.onEphemeral(frame);
      }
    }

    @Override
    public void onPresence(String name, PresenceChange change) {
      Room room = rooms.get(name);
      if (room != null) {
        room.onPresence(change);
      }
    }

    @Override
    public void onGap(String name) {
      Room room = rooms.get(name);
      if (room != null) {
        room.onGap();
      }
    }

    @Override
    public void onConnection(boolean up) {
      (up ? counters.storeConnections : counters.storeConnectionsLost).increment();
    }

    @Override
    public void onRoundTrip(long nanos) {
      measures.storeRoundTrip.add(nanos);
    }

    @Override
    public void onBatch(int drafts) {
      measures.storeBatch.add(drafts);
    }

    @Override
    public void onSkipped() {
      counters.skipped.increment();
    }

    @Override
    public void onControl(Json json) {
      Control control = Control.read(json);
      if (control instanceof Control.Moved moved) {
        reception.moved(moved);
      } else if (control instanceof Control.Destroyed destroyed) {
        Room room = rooms.get(destroyed.room());
        if (room != null) {
          room.onDestroyed();
        }
      } else if (control instanceof Control.Disconnect disconnect) {
        work.execute(() -> disconnect(disconnect.user()));
      } else {
        counters.skipped.increment();
      }
    }
  }

  /**
   * Says whether a client may connect, before the connection is upgraded.
   *
   * @return exceptionally a {@link ChatException} whose {@link ErrorCode#httpStatus} is the answer
   */
  public CompletionStage<Admission> admit(ConnectRequest request) {
    return reception
        .admit(request)
        .whenComplete(
            (admission, failure) -> {
              if (failure != null) {
                refused(request.remoteAddress(), ChatException.of(failure));
              }
            });
  }

  /**
   * Notes that a container did not let a client in, for reasons of its own. What {@link #admit}
   * refused is noted already.
   *
   * @param remoteAddress the client's
   */
  public void refused(String remoteAddress, ChatException why) {
    measures.refused(why.code());
  }

  /**
   * Opens the session of an admitted client, or goes on with the one it resumes. Returns at once;
   * what the client sends meanwhile waits in the session.
   */
  public ClientSession connect(Admission admission, Transport transport) {
    return reception.connect(admission, transport);
  }

  /**
   * Returns a handle to publish to and read from a room, which need not exist yet.
   *
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} when this is not a room's name
   */
  public RoomHandle room(String name) {
    return new RoomHandle(this, Names.check("room", name));
  }

  /** The reading side of the HTTP API: what a user may read, as JSON. */
  public ReadApi reads() {
    return new ReadApi(this);
  }

  /** The writing side of the HTTP API: what an application may do, as JSON. */
  public WriteApi writes() {
    return new WriteApi(this);
  }

  /** Makes the session a member of the room and, after its history, a receiver of its frames. */
  CompletionStage<@Nullable Void> join(ClientSession session, Command.Join command) {
    String name = command.room();
    boolean wasMember = session.memberships().startJoin(name);
    return upkeep
        .join(name, session.id(), session.user())
        .thenCompose(
            membership -> {
              session.storage().entered(name);
              return joinLocally(session, command, membership);
            })
        .whenComplete(
            (done, failure) -> {
              session.memberships().endJoin(name);
              ClientSession now = sessions.get(session.id());
              boolean wanted = now != null && now.memberships().wants(name);
              if (failure != null && !wasMember && !wanted) { // by its next connection, perhaps
                upkeep.leave(name, session.id(), session.user(), null);
              }
            });
  }

  private CompletionStage<@Nullable Void> joinLocally(
      ClientSession session, Command.Join command, RoomManager.Membership membership) {
    Room room = rooms.computeIfAbsent(command.room(), name -> new Room(this, name));
    return room.join(session, command, membership)
        .thenCompose(
            joined -> {
              if (!joined) {
                rooms.remove(command.room(), room);
                return joinLocally(session, command, membership);
              }
              session.entered(command.room(), room);
              return CompletableFuture.<@Nullable Void>completedFuture(null);
            });
  }

  /** A room was given up: nobody here is in it. */
  void closed(Room room) {
    rooms.remove(room.name(), room);
  }

  /** The broker did not end a room's announcements: whoever has the room by now does that again. */
  void closeAgain(String room) {
    rooms.computeIfAbsent(room, name -> new Room(this, name)).closeIfEmptyLater();
  }

  CompletionStage<History> readHistory(String room, HistoryQuery query) {
    return backend
        .broker()
        .history(room, query)
        .thenCompose(
            history ->
                history.top().equals(Position.NONE)
                    ? backend.rooms().count(room).thenApply(count -> existing(room, count, history))
                    : CompletableFuture.completedFuture(history));
  }

  private static History existing(String room, long count, History history) {
    if (count == 0) {
      throw noSuchRoom(room);
    }
    return history;
  }

  static ChatException noSuchRoom(String room) {
    return new ChatException(
        ErrorCode.NO_SUCH_ROOM, "room: there is no room " + JsonText.quote(room));
  }

  /** The rooms that the user may join, a page of them. */
  CompletionStage<RoomList> listRooms(User user, String after, int limit) {
    return backend
        .rooms()
        .rooms(after, limit)
        .thenCompose(page -> hooks.visible(user, RoomList.of(page)));
  }

  /** Ends a room: its members leave it, on all nodes, and its log ends. */
  CompletionStage<@Nullable Void> destroy(String room) {
    return backend
        .broker()
        .destroy(room)
        .thenCompose(done -> backend.broker().signal(new Control.Destroyed(room).toJson()))
        .thenApply(done -> null);
  }

  /** A session has a connection now. */
  void connected(ClientSession session) {
    audience.came(session.user());
    counters.opened.increment();
    if (draining) {
      sendAway(session);
    }
  }

  /** A session lost its connection. */
  void disconnected(ClientSession session, int code) {
    measures.closed(code);
    if (audience.went(session.user()) == 0 && draining) {
      drained.complete(true);
    }
  }

  /** Registers a session under its id. */
  void remember(ClientSession session) {
    sessions.put(session.id(), session);
  }

  /** Ends the registration, unless another object has the id by now. */
  void forget(ClientSession session) {
    sessions.remove(session.id(), session);
  }

  @Nullable ClientSession session(String sessionId) {
    return sessions.get(sessionId);
  }

  Iterable<ClientSession> sessions() {
    return sessions.values();
  }

  /** A membership got through after its session went on elsewhere: it goes there, or ends. */
  void adopt(ClientSession from, String room) {
    ClientSession now = sessions.get(from.id());
    if (now != null) {
      now.adopt(room);
    } else {
      upkeep.leave(room, from.id(), from.user(), null);
    }
  }

  /** The application wants the user off: every session of it on this node ends. */
  private void disconnect(String user) {
    for (ClientSession session : sessions.values()) {
      if (session.user().id().equals(user)) {
        session.disconnect();
      }
    }
  }

  /** Counts a background operation that the backend refused. */
  void noteFailure(@Nullable Object value, @Nullable Throwable failure) {
    if (failure != null) {
      counters.backendFailures.increment();
      log.debug("a background operation of node {} failed", id, failure);
    }
  }

  /**
   * Whether clients should be sent here: not draining, and what is published comes back by the way
   * that announcements take.
   */
  public boolean ready() {
    return !draining && !closed.get() && isKnown() && housekeeping.probeSucceeded();
  }

  /**
   * Whether the store had a lease of this node. Before that no client may come in: if the node
   * died, nobody would know that there is something to clear away.
   */
  boolean isKnown() {
    return housekeeping.isKnown();
  }

  /** What this node did and holds; costs the same whatever it holds. */
  public ChatStats stats() {
    return ChatStats.of(this);
  }

  /**
   * Takes no more clients and sends those here away, spread over the next seconds; their sessions
   * can be resumed on other nodes. Blocks until all are gone or the time is over.
   *
   * @return whether everything queued for clients was written before they went
   */
  public boolean drain(Duration atMost) {
    return startDrain(Objects.requireNonNull(atMost, "atMost")).join();
  }

  /** Begins to drain; the future ends with the drain, and says whether all was written. */
  CompletableFuture<Boolean> startDrain(Duration atMost) {
    if (!draining) {
      draining = true;
      sessions.values().forEach(this::sendAway);
    }
    if (audience.connections() == 0) {
      drained.complete(true);
    }
    ChatClock.Timer timeout = clock.schedule(atMost, () -> drained.complete(false));
    return drained.whenComplete((flushed, failure) -> timeout.cancel());
  }

  private void sendAway(ClientSession session) {
    if (session.connected()) {
      session.goAway(
          ThreadLocalRandom.current().nextLong(RECONNECT_SPREAD_MILLIS), "server going away");
    }
  }

  boolean draining() {
    return draining;
  }

  /** Drains as long as the limits allow and ends the node; the backend stays. Idempotent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (!drain(limits.drain())) {
      log.warn(
          "node {}: {} connections were cut at the end of the drain", id, audience.connections());
    }
    end(stop());
  }

  /** Cuts what is still connected and gives the lease up; the stage ends when the store knows. */
  CompletionStage<@Nullable Boolean> stop() {
    sessions.values().forEach(ClientSession::abort);
    return housekeeping.close();
  }

  private void end(CompletionStage<@Nullable Boolean> stopped) {
    try {
      stopped.toCompletableFuture().get(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.info("node {}: the lease ends by itself, the store was not told", id);
    }
    clock.close();
    hooks.close();
    if (work instanceof WorkPool pool) {
      pool.close();
    }
  }

  /** Returns a new unguessable id of so many bytes. */
  String newId(int bytes) {
    return ids.apply(bytes);
  }

  /** The node's id, unique among all nodes that ever were. */
  public String id() {
    return id;
  }

  /** The limits that it keeps. */
  public Limits limits() {
    return limits;
  }

  CompletionStage<@Nullable Void> authorize(User user, Authorizer.Action action, String room) {
    return hooks.authorize(user, action, room);
  }

  /** Edits, deletions and reactions. */
  MessageChanges changes() {
    return changes;
  }

  Hooks hooks() {
    return hooks;
  }

  Counters counters() {
    return counters;
  }

  /**
   * Counts that a container reached a limit of this node, and refused or closed something.
   *
   * @param limit one that containers keep; the node counts what it refuses itself
   */
  public void limitHit(LimitHit limit) {
    counters.limitHits.add(limit);
  }

  UserRates userRates() {
    return userRates;
  }

  Measures measures() {
    return measures;
  }

  /** Who is connected here. */
  Audience audience() {
    return audience;
  }

  /** How many rooms have members here. */
  int roomsHere() {
    return rooms.size();
  }

  /** How many sessions are with this node, those without a connection too. */
  int sessionsHere() {
    return sessions.size();
  }

  /** When it started, in ms since 1970. */
  long startedAt() {
    return startedAt;
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

  Upkeep upkeep() {
    return upkeep;
  }

  ChatClock clock() {
    return clock;
  }

  /** Reads a client's frame, unless the application wants to see it first. */
  Command read(String text) {
    return hooks.intercepts() ? reader.unread(text) : reader.read(text);
  }

  CommandReader reader() {
    return reader;
  }

  /** Runs turns of rooms that would keep a borrowed thread for too long. */
  Executor executor() {
    return work;
  }

  @Override
  public String toString() {
    return "ChatNode[" + id + " on " + backend.description() + "]";
  }

  /** Collects what a node works with. Confined to one thread. */
  public static final class Builder {
    private final Backend backend;
    private Authenticator authenticator = Authenticator.guests();
    private Authorizer authorizer = Authorizer.ALLOW_ALL;
    private ChatListener listener = Hooks.NO_LISTENER;
    private CommandInterceptor interceptor = CommandInterceptor.NONE;
    private MessageHook messages = MessageHook.NONE;
    private Limits limits = Limits.DEFAULTS;
    private @Nullable Executor executor;
    private @Nullable ChatClock clock;
    private @Nullable Executor work;
    private IntFunction<String> ids = Ids::random;

    private Builder(Backend backend) {
      this.backend = Objects.requireNonNull(backend, "backend");
    }

    /** Says who clients are; without one everybody is a guest. */
    public Builder authenticator(Authenticator value) {
      authenticator = Objects.requireNonNull(value, "authenticator");
      return this;
    }

    /** Says what users may do; without one, everything. */
    public Builder authorizer(Authorizer value) {
      authorizer = Objects.requireNonNull(value, "authorizer");
      return this;
    }

    /** Is told what happens on this node. */
    public Builder listener(ChatListener value) {
      listener = Objects.requireNonNull(value, "listener");
      return this;
    }

    /** Sees every command before it takes effect; without one, all take effect. */
    public Builder interceptor(CommandInterceptor value) {
      interceptor = Objects.requireNonNull(value, "interceptor");
      return this;
    }

    /** Sees every message before it is logged; without one, all are logged as they are. */
    public Builder messages(MessageHook value) {
      messages = Objects.requireNonNull(value, "messages");
      return this;
    }

    /** Sets what clients and rooms may use. */
    public Builder limits(Limits value) {
      limits = Objects.requireNonNull(value, "limits");
      return this;
    }

    /**
     * Sets what runs authenticator, authorizer and listener, which may block. Without one: a
     * virtual thread each where the JVM has them, a bounded pool where it has not.
     */
    public Builder executor(Executor value) {
      executor = Objects.requireNonNull(value, "executor");
      return this;
    }

    /** For tests: time is theirs. */
    Builder clock(ChatClock value) {
      clock = value;
      return this;
    }

    /** For tests: the threads of the node's own work are theirs. */
    Builder work(Executor value) {
      work = value;
      return this;
    }

    /** For tests: ids that are the same in each run. */
    Builder ids(IntFunction<String> value) {
      ids = value;
      return this;
    }

    /** Starts the node. It returns also when the store cannot be reached; see {@link #ready}. */
    public ChatNode start() {
      ChatNode node = new ChatNode(this);
      backend.start(node.id, limits, node.new Listener());
      node.housekeeping.start();
      log.info("node {} started, {}", node.id, backend.description());
      return node;
    }
  }
}
