package dev.roomcast.chat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's session while it is with this node: its connection, its commands, its rooms.
 *
 * <p>A container calls {@link #receive}, {@link #alive} and {@link #closed}; it may do so from any
 * thread, one at a time. When the client resumes, on this node or another, a new object takes over
 * the id and the rooms, and this one is {@code SUPERSEDED}: nothing that happens to it any more, a
 * late close for instance, touches the rooms.
 *
 * <p>{@code rooms} are its memberships; {@code live} those whose frames it gets, a subset. A
 * session that was resumed has rooms that are not live until the client claims them. Mutable state
 * is guarded by {@code lock}, which is never held while anything outside is called.
 */
public final class ClientSession {

  private static final Logger log = LoggerFactory.getLogger(ClientSession.class);
  private static final int ABUSE = 1_000;

  private final ChatNode node;
  private final User user;
  private final Transport transport;
  private final Outbox outbox;
  private final CommandLine commands;
  private final CommandExecutor executor;
  private final TokenBucket bucket;
  private final Object lock = new Object();
  private final Set<String> rooms = new HashSet<>();
  private final Map<String, Room> live = new HashMap<>();
  private final Set<String> joining = new HashSet<>();
  private final Map<String, ChatClock.Timer> typing = new HashMap<>();
  private CompletionStage<@Nullable Void> hooks = CompletableFuture.completedFuture(null);
  private State state = State.CONNECTED;
  private String secretHash = "";
  private int refused;
  private ChatClock.@Nullable Timer endTimer;
  private volatile String id;
  private volatile boolean stored;
  private volatile long lastHeard;
  private volatile long lastPing;
  private boolean closeSent;
  private volatile boolean tooSlow;

  private enum State {
    CONNECTED,
    DETACHED,
    SUPERSEDED,
    ENDED
  }

  ClientSession(ChatNode node, String id, User user, Transport transport) {
    this.node = node;
    this.id = id;
    this.user = user;
    this.transport = transport;
    Limits limits = node.limits();
    this.outbox = new Outbox(transport, limits.outboxBytes(), node.clock());
    this.executor = new CommandExecutor(node, this);
    this.commands =
        new CommandLine(
            limits.sessionCommands(), executor::execute, this::send, transport::reading);
    this.lastHeard = node.clock().millis();
    this.bucket = new TokenBucket(limits.commandsPerSecond(), limits.commandsBurst(), lastHeard);
  }

  /**
   * Takes a text frame from the client. Returns without waiting for the backend; never throws for
   * what a client sends.
   */
  public void receive(String text) {
    long now = node.clock().millis();
    lastHeard = now;
    Command command = node.reader().read(text);
    long wait;
    synchronized (lock) {
      wait = bucket.take(now);
      refused = wait == 0 ? 0 : refused + 1;
      if (refused > ABUSE) {
        wait = -1;
      }
    }
    if (wait < 0) {
      close(CloseCode.POLICY_VIOLATION, "too many commands, for too long");
      return;
    }
    if (wait > 0) {
      node.counters().rateLimited.increment();
      command =
          new Command.Invalid(
              command.id(),
              ChatException.retryLater(
                  ErrorCode.RATE_LIMITED,
                  "too many commands, wait " + wait + " ms",
                  java.time.Duration.ofMillis(wait)));
    }
    commands.add(command);
  }

  /** Notes a sign of life that is not a text frame: a pong, a part of a frame. */
  public void alive() {
    lastHeard = node.clock().millis();
  }

  /**
   * Notes that the connection is over.
   *
   * @param code the close code the client sent, or 1006. 1000 from the client is a goodbye: the
   *     session ends. After anything else it can be resumed
   */
  public void closed(int code) {
    boolean opened;
    boolean goodbye = code == CloseCode.NORMAL.code() || code == CloseCode.DISCONNECTED.code();
    List<Room> leaving;
    synchronized (lock) {
      if (state != State.CONNECTED) {
        return; // the container tells it once more, after the session closed itself
      }
      state = State.DETACHED;
      opened = !secretHash.isEmpty();
      leaving = List.copyOf(live.values());
      live.clear();
    }
    outbox.close();
    commands.close();
    leaving.forEach(room -> room.leave(this));
    stopTyping();
    if (opened) {
      node.disconnected();
      hook(listener -> listener.onDisconnect(this, code));
    }
    if (goodbye) {
      end();
    } else {
      node.state().detached(id, node.limits().resumeTtl()).whenComplete(node::noteFailure);
      endLater();
    }
  }

  /** Ends the session: its rooms are left. Does nothing when it was taken over. */
  private void end() {
    List<String> leaving;
    synchronized (lock) {
      if (state == State.SUPERSEDED || state == State.ENDED) {
        return;
      }
      state = State.ENDED;
      leaving = List.copyOf(rooms);
      rooms.clear();
    }
    leaving.forEach(this::leaveBackend);
    node.forget(this);
    node.upkeep().close(id);
  }

  private void leaveBackend(String room) {
    node.upkeep().leave(room, id, user);
    hook(listener -> listener.onLeave(this, room));
  }

  /**
   * Opens a new session, or goes on with one that was taken over, and says welcome. Called once.
   *
   * @param sessionId the id from now on: its own, or that of the session it goes on with
   */
  void open(
      String sessionId, boolean resumed, Set<String> memberships, String resume, String hash) {
    State found;
    synchronized (lock) {
      id = sessionId;
      secretHash = hash;
      stored = resumed;
      rooms.addAll(memberships);
      found = state;
      if (found == State.ENDED) {
        state = State.DETACHED;
      }
    }
    node.remember(this);
    if (found != State.CONNECTED) {
      closedBeforeOpen(found == State.ENDED || !resumed);
      return;
    }
    if (!resumed) {
      store(); // before the first command, whose membership is noted in what is stored here
    }
    node.connected(this);
    send(
        Frame.single(
            FrameWriter.welcome(
                this,
                resume,
                resumed,
                memberships,
                node.id(),
                node.clock().millis(),
                node.limits())));
    if (!memberships.isEmpty()) {
      leaveUnclaimedLater();
    }
    hook(listener -> listener.onConnect(this));
    commands.open();
  }

  /** The connection went while the session was being taken over. */
  private void closedBeforeOpen(boolean forGood) {
    if (forGood) {
      end();
    } else {
      node.state().detached(id, node.limits().resumeTtl()).whenComplete(node::noteFailure);
    }
  }

  /** Queues a command as if the client had sent it, before anything that it does send. */
  void enqueue(Command command) {
    commands.add(command);
  }

  /** Not the end's timer: a close at this moment must not lose that one. */
  private void leaveUnclaimedLater() {
    node.clock().schedule(node.limits().resumeTtl(), this::leaveUnclaimed);
  }

  private void leaveUnclaimed() {
    List<String> unclaimed;
    boolean again;
    synchronized (lock) {
      if (state != State.CONNECTED) {
        return;
      }
      unclaimed =
          rooms.stream()
              .filter(room -> !live.containsKey(room) && !joining.contains(room))
              .toList();
      unclaimed.forEach(rooms::remove);
      again = !joining.isEmpty();
    }
    if (again) {
      leaveUnclaimedLater();
    }
    unclaimed.forEach(this::leaveBackend);
  }

  private void endLater() {
    ChatClock.Timer timer = node.clock().schedule(node.limits().resumeTtl(), this::end);
    synchronized (lock) {
      endTimer = timer;
    }
  }

  /** Another connection took the session over: this object keeps its hands off the rooms. */
  Set<String> supersede() {
    List<Room> leaving;
    Set<String> memberships;
    boolean connected;
    synchronized (lock) {
      connected = state == State.CONNECTED;
      state = State.SUPERSEDED;
      if (endTimer != null) {
        endTimer.cancel();
      }
      leaving = List.copyOf(live.values());
      live.clear();
      memberships = new LinkedHashSet<>(rooms);
    }
    leaving.forEach(room -> room.leave(this));
    stopTyping();
    commands.close();
    if (connected) {
      node.disconnected();
      sendClose(CloseCode.RESUMED_ELSEWHERE, "this session was resumed on another connection");
      hook(listener -> listener.onDisconnect(this, CloseCode.RESUMED_ELSEWHERE.code()));
    }
    node.forget(this);
    return memberships;
  }

  /**
   * Another node took the session over. It knows the rooms that the store knew of; a membership
   * that was just being noted is ended here, after the time in which the other node moves the rest.
   */
  void movedAway() {
    Set<String> memberships = supersede();
    node.clock()
        .schedule(
            node.limits().resumeTtl(),
            () -> {
              ClientSession now = node.session(id);
              memberships.stream()
                  .filter(room -> now == null || !now.wants(room))
                  .forEach(room -> node.upkeep().leave(room, id, user));
            });
  }

  /** Whether it is a member or about to be one. */
  boolean wants(String room) {
    synchronized (lock) {
      return rooms.contains(room) || joining.contains(room);
    }
  }

  boolean hasSecret(String hash) {
    synchronized (lock) {
      return secretHash.equals(hash);
    }
  }

  /** Sends a frame; a client that does not keep up is closed, and can resume. */
  void send(Frame frame) {
    if (!outbox.offer(frame)) {
      tooSlow();
    }
  }

  private void tooSlow() {
    synchronized (lock) {
      if (tooSlow || state != State.CONNECTED) {
        return;
      }
      tooSlow = true;
    }
    node.counters().tooSlow.increment();
    log.info("session {} does not read fast enough: closed, it can resume", id);
    outbox.close();
    sendClose(CloseCode.TOO_SLOW, "too slow, resume from your position");
    closed(CloseCode.TOO_SLOW.code());
  }

  /** Closes the connection after what is queued; the session can be resumed if the code allows. */
  public void close(CloseCode code, String reason) {
    outbox.whenEmpty(() -> sendClose(code, reason));
    if (!code.reconnect()) {
      closed(CloseCode.NORMAL.code());
    }
  }

  private void sendClose(CloseCode code, String reason) {
    synchronized (lock) {
      if (closeSent) {
        return;
      }
      closeSent = true;
    }
    transport.close(code.code(), reason);
  }

  /** Looks after the connection, every second or so: dead peers, writes that take too long. */
  void check(long now) {
    Limits limits = node.limits();
    if (state() != State.CONNECTED) {
      return;
    }
    if (outbox.writingMillis() > limits.writeTimeout().toMillis()) {
      tooSlow();
      transport.abort();
      return;
    }
    long quiet = now - lastHeard;
    if (quiet > limits.heartbeat().toMillis() * 5 / 2) {
      sendClose(CloseCode.NO_HEARTBEAT, "no sign of life");
      closed(CloseCode.NO_HEARTBEAT.code());
    } else if (Math.min(quiet, now - lastPing) > limits.heartbeat().toMillis()) {
      lastPing = now;
      transport.ping();
    }
  }

  /** Tells the client where to go, and closes when that is written. */
  void goAway(long reconnectAfter, String reason) {
    send(Frame.single(FrameWriter.closing(reconnectAfter, reason)));
    close(CloseCode.GOING_AWAY, reason);
  }

  /** The room's log was ended by somebody else. */
  void removedFrom(String room) {
    boolean was;
    boolean comesAgain;
    synchronized (lock) {
      live.remove(room);
      was = rooms.remove(room);
      comesAgain = joining.contains(room);
    }
    if (was) {
      send(Frame.single(FrameWriter.left(null, room, "removed")));
    }
    if (was && !comesAgain) {
      leaveBackend(room);
    }
  }

  /** Whether it is a member; null when it is, else what the client is told. */
  @Nullable ChatException notIn(String room) {
    synchronized (lock) {
      return rooms.contains(room)
          ? null
          : new ChatException(
              ErrorCode.NOT_IN_ROOM, "room: join " + JsonText.quote(room) + " first");
    }
  }

  @Nullable ChatException mayEnter(String room) {
    synchronized (lock) {
      return rooms.contains(room) || rooms.size() < node.limits().roomsPerSession()
          ? null
          : new ChatException(
              ErrorCode.TOO_MANY_ROOMS,
              "room: at most " + node.limits().roomsPerSession() + " rooms at a time");
    }
  }

  /** Notes that a join begins; returns whether it is a member already. */
  boolean startJoin(String room) {
    synchronized (lock) {
      joining.add(room);
      return rooms.contains(room);
    }
  }

  void endJoin(String room) {
    synchronized (lock) {
      joining.remove(room);
    }
  }

  /** Notes a membership that the backend has now; when the session went meanwhile, it is undone. */
  void entered(String room, Room local) {
    boolean superseded;
    boolean news;
    synchronized (lock) {
      if (state == State.CONNECTED) {
        news = rooms.add(room);
        live.put(room, local);
        superseded = false;
      } else if (state == State.DETACHED) {
        news = rooms.add(room);
        superseded = false;
      } else {
        news = false;
        superseded = state == State.SUPERSEDED;
        if (!superseded) {
          node.clock().schedule(java.time.Duration.ZERO, () -> leaveBackend(room));
        }
      }
      if (state != State.CONNECTED) {
        node.clock().schedule(java.time.Duration.ZERO, () -> local.leave(this));
      }
    }
    if (superseded) {
      node.adopt(this, room);
    }
    if (news) {
      hook(listener -> listener.onJoin(this, room));
    }
  }

  /** Takes a membership that an earlier connection of this session was just getting. */
  void adopt(String room) {
    boolean unclaimed;
    synchronized (lock) {
      if (state == State.CONNECTED || state == State.DETACHED) {
        rooms.add(room);
      }
      unclaimed = state == State.CONNECTED;
    }
    if (unclaimed) {
      leaveUnclaimedLater();
    }
  }

  /** Ends a membership; the stage ends when no more frames of the room will come. */
  CompletionStage<@Nullable Void> leave(String room) {
    Room local;
    synchronized (lock) {
      rooms.remove(room);
      local = live.remove(room);
    }
    endTyping(room);
    leaveBackend(room);
    return local == null ? CompletableFuture.completedFuture(null) : local.leave(this);
  }

  /** Shows that the user is typing, until told otherwise or for six seconds. */
  void startTyping(String room) {
    node.broker().announce(room, FrameWriter.typing(room, user, true));
    ChatClock.Timer timer = node.clock().schedule(ChatNode.TYPING, () -> endTyping(room));
    ChatClock.Timer before;
    synchronized (lock) {
      before = typing.put(room, timer);
    }
    if (before != null) {
      before.cancel();
    }
  }

  /** Shows that the user is not typing any more, if it was. */
  void endTyping(String room) {
    ChatClock.Timer timer;
    synchronized (lock) {
      timer = typing.remove(room);
    }
    if (timer != null) {
      timer.cancel();
      node.broker().announce(room, FrameWriter.typing(room, user, false));
    }
  }

  private void stopTyping() {
    List<String> all;
    synchronized (lock) {
      all = List.copyOf(typing.keySet());
    }
    all.forEach(this::endTyping);
  }

  /** Stores the session and its memberships, for the first time or because the store lost them. */
  void store() {
    String hash;
    synchronized (lock) {
      if (state != State.CONNECTED && state != State.DETACHED) {
        return;
      }
      hash = secretHash;
    }
    stored = true;
    node.state()
        .open(id, user, hash)
        .whenComplete(
            (mine, failure) -> {
              stored(failure);
              if (Boolean.TRUE.equals(mine)) {
                storeMemberships();
              } else if (mine != null) {
                movedAway();
              }
            });
  }

  private void storeMemberships() {
    List<String> memberships;
    synchronized (lock) {
      if (state != State.CONNECTED && state != State.DETACHED) {
        return;
      }
      memberships = List.copyOf(rooms);
    }
    for (String room : memberships) {
      node.upkeep().join(room, id, user).whenComplete((done, failure) -> stored(failure));
      node.state().entered(id, room).whenComplete((done, failure) -> stored(failure));
    }
  }

  /** Notes the end of an attempt to store a part of this session; a failed one is made again. */
  void stored(@Nullable Throwable failure) {
    node.noteFailure(null, failure);
    if (failure != null) {
      stored = false;
    }
  }

  boolean isStored() {
    return stored;
  }

  /** Cuts the connection; the session can be resumed. */
  void abort() {
    if (connected()) {
      transport.abort();
      closed(CloseCode.GOING_AWAY.code());
    }
  }

  private void hook(java.util.function.Consumer<ChatListener> call) {
    synchronized (lock) {
      hooks = node.hooks().tell(hooks, call);
    }
  }

  private State state() {
    synchronized (lock) {
      return state;
    }
  }

  boolean connected() {
    return state() == State.CONNECTED;
  }

  /** The session's id, opaque and no secret. */
  public String id() {
    return id;
  }

  /** Whose session it is. */
  public User user() {
    return user;
  }

  /** The rooms that it is a member of. */
  public Set<String> rooms() {
    synchronized (lock) {
      return Set.copyOf(rooms);
    }
  }

  @Override
  public String toString() {
    return "ClientSession[" + id + "]";
  }
}
