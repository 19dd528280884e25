package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

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

  private final Logger news;
  private final IntFunction<String> ids;
  private final String id;
  private final Backend backend;
  private final Limits limits;
  private final ChatClock clock;
  private final Hooks hooks;
  private final Executor work;
  private final ReadLane readLane;
  private final CommandReader reader;
  private final Counters counters = new Counters();
  private final UserRates userRates;
  private final Places places;
  private final AddressRates requestRates;
  private final WaitingSessions waiting;
  private final OutboxMemory outboxes;
  private final Measures measures = new Measures();
  private final Audience audience = new Audience();
  private final ClientLog clientLog;
  private final Reception reception;
  private final GuestNames guestNames = new GuestNames(this);
  private final Housekeeping housekeeping;
  private final Upkeep upkeep;
  private final Moderation moderation;
  private final RoomKeeper keeper;
  private final Drain drain;
  private final MessageChanges changes;
  private final Conversations conversations;
  private final ReadMarks marks;
  private final LocalUsers users = new LocalUsers();
  private final Undeliveries undeliveries = new Undeliveries(this);
  private final long startedAt;
  private final LocalRooms localRooms = new LocalRooms(this);
  private final ConcurrentHashMap<String, ClientSession> sessions = new ConcurrentHashMap<>();
  private final Set<RoomSink> sinks = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean closed = new AtomicBoolean();

  private ChatNode(Builder builder) {
    news = builder.quiet ? NOPLogger.NOP_LOGGER : log;
    ids = builder.ids;
    id = ids.apply(9);
    backend = builder.backend;
    limits = builder.limits;
    clock = builder.clock == null ? new SystemClock(id) : builder.clock;
    clientLog = new ClientLog(clock, limits.logMessages(), builder.quiet);
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
    readLane = new ReadLane(work, Runtime.getRuntime().availableProcessors());
    reader = new CommandReader(limits);
    userRates = new UserRates(this);
    places = new Places(limits, counters.limitHits, this::noPlaceTaken);
    requestRates = new AddressRates(limits.requestsPerSecondPerAddress());
    waiting = new WaitingSessions(limits, counters.limitHits);
    outboxes = new OutboxMemory(this);
    reception = new Reception(this);
    housekeeping = new Housekeeping(this);
    upkeep = new Upkeep(this);
    moderation = new Moderation(this);
    keeper = new RoomKeeper(this);
    drain = new Drain(this);
    changes = new MessageChanges(this);
    conversations = new Conversations(this);
    marks = new ReadMarks(this);
    startedAt = clock.millis();
  }

  /** Returns a builder for a node on this backend, which serves no other node. */
  public static Builder builder(Backend backend) {
    return new Builder(backend);
  }

  /** Logs a frame in a room and announces it to all nodes; the stage has its position. */
  CompletionStage<Ack> publish(String room, Draft draft) {
    long begun = System.nanoTime();
    return AtOnce.tell(
        backend.broker().publish(room, Conversations.addressed(room, draft)),
        (ack, failure) -> count(begun, room, draft, ack, failure));
  }

  /** Logs a frame that changes earlier ones; null when those are not as expected any more. */
  CompletionStage<@Nullable Ack> revise(String room, Draft draft, List<Revision> revisions) {
    long begun = System.nanoTime();
    return AtOnce.tell(
        backend.broker().revise(room, Conversations.addressed(room, draft), revisions),
        (ack, failure) -> count(begun, room, draft, ack, failure));
  }

  private void count(
      long begun, String room, Draft draft, @Nullable Ack ack, @Nullable Throwable failure) {
    if (failure != null) {
      measures.publishFailed(ChatException.of(failure).code());
    } else if (ack != null && !ack.duplicate()) {
      counters.published.increment();
      measures.publishToAck.add(System.nanoTime() - begun);
      clientLog.published(room, draft, ack);
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
    clientLog.refused(remoteAddress, why);
  }

  /**
   * Opens the session of an admitted client, or goes on with the one it resumes. Returns at once;
   * what the client sends meanwhile waits in the session.
   */
  public ClientSession connect(Admission admission, Transport transport) {
    return reception.connect(admission, transport);
  }

  /**
   * Runs what reads from a connection and hands it to sessions, on the calling thread. It is for
   * transports whose thread reads several messages at once: those leave together then, and in
   * memory without waking another thread. Sessions may be called without it.
   */
  public void whileReading(Runnable read) {
    backend.whileReading(read);
  }

  /**
   * Returns a handle to publish to and read from a room, which need not exist yet.
   *
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} when this is not a room's name
   */
  public RoomHandle room(String name) {
    return new RoomHandle(this, Names.room(name));
  }

  /**
   * Returns a handle to a user, who need not be here.
   *
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} when this is not a user's id
   */
  public UserHandle user(String userId) {
    return new UserHandle(this, Names.check("user", userId));
  }

  /**
   * Bans a user from the whole service: connections are closed with 4003 on all nodes, and new ones
   * are refused.
   *
   * @param duration for how long, or {@link StateStore#FOREVER}
   * @param reason for the moderation log, or null
   */
  public CompletionStage<@Nullable Void> ban(
      String userId, Duration duration, @Nullable String reason) {
    RoomAction.Impose ban =
        new RoomAction.Impose(
            StateStore.Sanction.BAN, Names.check("user", userId), duration, reason);
    return keeper.impose(null, "", ban);
  }

  /** Ends a ban from the whole service. */
  public CompletionStage<@Nullable Void> unban(String userId) {
    RoomAction.Lift lift =
        new RoomAction.Lift(StateStore.Sanction.BAN, Names.check("user", userId));
    return keeper.lift(null, "", lift);
  }

  /** The reading side of the HTTP API: what a user may read, as JSON. */
  public ReadApi reads() {
    return new ReadApi(this);
  }

  /** The writing side of the HTTP API: what an application may do, as JSON. */
  public WriteApi writes() {
    return new WriteApi(this, null);
  }

  CompletionStage<History> readHistory(String room, HistoryQuery query) {
    return backend
        .broker()
        .history(room, query)
        .thenCompose(
            history ->
                history.top().equals(Position.NONE)
                    ? backend.rooms().room(room).thenApply(info -> existing(room, info, history))
                    : CompletableFuture.completedFuture(history));
  }

  private static History existing(
      String room, RoomManager.@Nullable RoomInfo info, History history) {
    if (info == null) {
      throw noSuchRoom(room);
    }
    return history;
  }

  static ChatException noSuchRoom(String room) {
    return new ChatException(
        ErrorCode.NO_SUCH_ROOM, "room: there is no room " + JsonText.quote(room));
  }

  /** The rooms that the user may join and whose names begin with a prefix, a page of them. */
  CompletionStage<RoomList> listRooms(User user, String prefix, String after, int limit) {
    return backend
        .rooms()
        .rooms(prefix, after, limit)
        .thenCompose(page -> moderation.visible(user, RoomList.of(page)))
        .thenCompose(page -> marks.add(user, page));
  }

  /** A session has a connection now. */
  void connected(ClientSession session) {
    audience.came(session.user());
    counters.opened.increment();
  }

  /** A session has been welcomed. */
  void opened(ClientSession session) {
    drain.opened(session);
  }

  private void noPlaceTaken() {
    drain.look();
  }

  /** A session lost its connection. */
  void disconnected(ClientSession session, int code) {
    measures.closed(code);
    audience.went(session.user());
    drain.look();
  }

  /** Registers a sink, to be closed with the node. */
  void remember(RoomSink sink) {
    sinks.add(sink);
  }

  void forget(RoomSink sink) {
    sinks.remove(sink);
  }

  /** Registers a session under its id. */
  void remember(ClientSession session) {
    sessions.put(session.id(), session);
  }

  /** Ends the registration, unless another object has the id by now. */
  void forget(ClientSession session) {
    sessions.remove(session.id(), session);
    session.releaseName();
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
      now.attendance().adopt(room);
    } else {
      upkeep.leave(room, from.id(), from.user(), null);
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
    return !drain.begun() && !closed.get() && isKnown() && housekeeping.probeSucceeded();
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
   * Takes no more clients and sends those here away, a few at a time, spread over most of the time;
   * until it is their turn they are served as ever, and then their sessions can be resumed on other
   * nodes at once. Blocks until all are gone or the time is over. A second drain can shorten the
   * time of the first.
   *
   * @return whether all went before the time was over, with everything queued for them
   */
  public boolean drain(Duration atMost) {
    return startDrain(Objects.requireNonNull(atMost, "atMost")).join();
  }

  /** Begins to drain; the future ends with the drain. */
  CompletableFuture<Boolean> startDrain(Duration atMost) {
    return drain.start(atMost);
  }

  /** Whether nobody is connected, and nobody is let in who could be. */
  boolean isEmpty() {
    return places.taken() == 0 && audience.connections() == 0;
  }

  boolean draining() {
    return drain.begun();
  }

  /** Drains as long as the limits allow and ends the node; the backend stays. Idempotent. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    // A twentieth is left for the end itself.
    if (!drain(limits.drain().minus(limits.drain().dividedBy(20)))) {
      news.warn(
          "node {}: {} connections did not take what was left for them and were cut at the end of"
              + " the drain. Their clients resume elsewhere and lose nothing; raise the limit drain"
              + " when this happens often",
          id,
          audience.connections());
    }
    end(stop());
  }

  /** Cuts what is still connected and gives the lease up; the stage ends when the store knows. */
  CompletionStage<@Nullable Boolean> stop() {
    sessions.values().forEach(ClientSession::abort);
    CompletionStage<?> told = undeliveries.nodeEnds(sessions.values());
    CompletableFuture<?>[] ends =
        List.copyOf(sinks).stream()
            .map(sink -> sink.end().toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    CompletionStage<@Nullable Boolean> left = housekeeping.close();
    return CompletableFuture.allOf(ends)
        .thenCombine(told, (ended, all) -> all)
        .thenCompose(ended -> left);
  }

  private void end(CompletionStage<@Nullable Boolean> stopped) {
    try {
      stopped.toCompletableFuture().get(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      news.info("node {}: the lease ends by itself, the store was not told", id);
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

  /** Ends with how the user stands in the room; exceptionally when this is not allowed. */
  CompletionStage<Standings.Standing> authorize(User user, Authorizer.Action action, String room) {
    return Conversation.is(room)
        ? AtOnce.then(
            conversations.authorize(user, action, room),
            theirs -> moderation.authorize(user, action, room))
        : moderation.authorize(user, action, room);
  }

  Housekeeping housekeeping() {
    return housekeeping;
  }

  Reception reception() {
    return reception;
  }

  Moderation moderation() {
    return moderation;
  }

  RoomKeeper keeper() {
    return keeper;
  }

  Conversations conversations() {
    return conversations;
  }

  ReadMarks marks() {
    return marks;
  }

  /** Who is connected here. */
  LocalUsers users() {
    return users;
  }

  /** The rooms that have members here. */
  LocalRooms localRooms() {
    return localRooms;
  }

  /** What members did not get. */
  Undeliveries undeliveries() {
    return undeliveries;
  }

  /** Edits, deletions and reactions. */
  MessageChanges changes() {
    return changes;
  }

  GuestNames guestNames() {
    return guestNames;
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

  /** Where clients take a place before they are let in. */
  WaitingSessions waiting() {
    return waiting;
  }

  Places places() {
    return places;
  }

  /** How often each address reads over HTTP. */
  AddressRates requestRates() {
    return requestRates;
  }

  /** What waits in all outboxes together. */
  OutboxMemory outboxes() {
    return outboxes;
  }

  UserRates userRates() {
    return userRates;
  }

  Measures measures() {
    return measures;
  }

  /** Where the node tells how it begins, fares and ends. */
  Logger news() {
    return news;
  }

  ClientLog clientLog() {
    return clientLog;
  }

  /** Who is connected here. */
  Audience audience() {
    return audience;
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
  Command read(String text, boolean plain) {
    return hooks.intercepts() ? reader.unread(text) : reader.read(text, plain);
  }

  CommandReader reader() {
    return reader;
  }

  /** Runs turns of rooms that would keep a borrowed thread for too long. */
  Executor executor() {
    return work;
  }

  /** Writes large answers. */
  ReadLane readLane() {
    return readLane;
  }

  @Override
  public String toString() {
    return "ChatNode[" + id + " on " + backend.description() + "]";
  }

  /** Collects what a node works with. Confined to one thread. */
  public static final class Builder {
    private final Backend backend;
    private Authenticator authenticator = Authenticator.guests();
    private Authorizer authorizer = RoomAccess.builder().build();
    private ChatListener listener = Hooks.NO_LISTENER;
    private CommandInterceptor interceptor = CommandInterceptor.NONE;
    private MessageHook messages = MessageHook.NONE;
    private Limits limits = Limits.DEFAULTS;
    private boolean quiet;
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

    /** Says what users may do; without one, what {@link RoomAccess} lets everybody do. */
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
     * Logs nothing of how this node begins, gets ready and ends, and what there is to say of
     * clients to {@code roomcast.quiet}, as TRACE, instead of {@code roomcast.client} and {@code
     * roomcast.auth}; faults are logged as ever. For a node without real clients, as in a
     * self-test. Off by default.
     */
    public Builder quiet(boolean value) {
      quiet = value;
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
      backend.start(node.id, limits, new NodeListener(node));
      node.housekeeping.start();
      node.news.info("node {} started, {}", node.id, backend.description());
      return node;
    }
  }
}
