package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One client's session while it is with this node: its connection, its commands, its rooms.
 *
 * <p>A container calls {@link #receive}, {@link #alive} and {@link #closed}; it may do so from any
 * thread, one at a time. When the client resumes, on this node or another, a new object takes over
 * the id and the rooms, and this one is {@code SUPERSEDED}: nothing that happens to it any more, a
 * late close for instance, touches the rooms.
 *
 * <p>A session that was resumed has rooms whose frames it does not get until the client claims
 * them. Mutable state is guarded by {@code lock}, which is never held while anything outside is
 * called.
 */
public final class ClientSession {

  private static final String GOING_AWAY = "server going away";

  /** When a credential without an end expires. */
  static final long NEVER = Long.MAX_VALUE;

  private final ChatNode node;
  private final User user;
  private final GuestNames.@Nullable Claim name;
  private final String remoteAddress;
  private final Connection connection;
  private final Places.Place place;
  private final CommandLine commands;
  private final CommandExecutor executor;
  private final SessionRates rates;
  private final Object lock = new Object();
  private final SessionRooms rooms = new SessionRooms();
  private final Attendance attendance;
  private final SessionStorage storage;
  private CompletionStage<@Nullable Void> hooks = CompletableFuture.completedFuture(null);
  private String secretHash = "";
  private boolean abuse;
  private boolean goingAway;
  private int code;
  private ChatClock.@Nullable Timer endTimer;
  private volatile String id;
  private volatile long expires;
  private volatile long openedAt;

  ClientSession(ChatNode node, String id, Admission admission, Transport transport) {
    this.node = node;
    this.id = id;
    this.user = admission.user();
    this.name = admission.name();
    this.remoteAddress = admission.remoteAddress();
    this.expires = expiry(admission.credential());
    this.connection = new Connection(node, this, transport);
    this.place = admission.place();
    this.storage = new SessionStorage(node, this);
    this.attendance = new Attendance(node, this, rooms);
    Limits limits = node.limits();
    this.executor = new CommandExecutor(node, this);
    this.commands =
        new CommandLine(
            limits.sessionCommands(),
            limits.frameBytes(),
            executor::execute,
            this::send,
            connection::reading);
    long now = node.clock().millis();
    this.rates =
        new SessionRates(limits, node.userRates(), user.id(), node.counters().limitHits, now);
  }

  /**
   * Takes a text frame from the client. Returns without waiting for the backend; never throws for
   * what a client sends.
   */
  public void receive(String text) {
    long now = node.clock().millis();
    boolean plain = HotCommands.isPlain(text);
    int bytes = connection.received(text, plain, now);
    if (now >= expires) {
      expired();
      return;
    }
    Command command = node.read(text, plain);
    ChatException refusal = rates.refusal(bytes, command.weight(), now);
    if (refusal != null && rates.isAbuse()) {
      abused("too much, for too long");
      return;
    }
    if (refusal != null) {
      node.counters().rateLimited.increment();
      command = new Command.Invalid(command.id(), refusal);
    }
    if (!commands.add(command, text.length())) {
      abused("too many commands before the answers of earlier ones");
    }
  }

  private void abused(String reason) {
    synchronized (lock) {
      if (abuse || !connected()) {
        return;
      }
      abuse = true;
    }
    node.counters().abuse.increment();
    node.clientLog()
        .dropped(
            this,
            Level.WARN,
            "closed, "
                + reason
                + "; it may not reconnect. If it is a client of your own, raise the limits");
    close(CloseCode.POLICY_VIOLATION, reason);
  }

  /** Notes a sign of life that is not a whole frame: a part of one. */
  public void alive() {
    connection.heard(node.clock().millis());
  }

  /**
   * Notes a ping or a pong of the client: a sign of life, of which there is a limit. Who goes
   * beyond it is closed with 1008.
   */
  public void control() {
    long now = node.clock().millis();
    connection.heard(now);
    if (!rates.control(now)) {
      abused("too many pings or pongs");
    }
  }

  /**
   * Notes that the connection is over.
   *
   * @param code the close code the client sent, or 1006. 1000 from the client is a goodbye: the
   *     session ends. After anything else it can be resumed
   */
  public void closed(int code) {
    closed(code, code == CloseCode.NORMAL.code() || code == CloseCode.DISCONNECTED.code());
  }

  private void closed(int code, boolean goodbye) {
    place.leave();
    SessionRooms.Detached before = rooms.detach();
    if (before == null) {
      return; // the container tells it once more, after the session closed itself
    }
    synchronized (lock) {
      this.code = code;
    }
    connection.over();
    commands.close();
    node.users().remove(this);
    attendance.away(before.live());
    if (before.opened()) {
      disconnected(code, rooms.copy().size());
      hook(listener -> listener.onDisconnect(this, code));
    }
    if (goodbye) {
      end();
    } else {
      node.state().detached(id, node.limits().resumeTtl()).whenComplete(node::noteFailure);
      endLater();
    }
  }

  private void disconnected(int code, int memberships) {
    Duration lasted = Duration.ofMillis(node.clock().millis() - openedAt);
    node.clientLog().disconnected(this, code, memberships, lasted);
    node.disconnected(this, code);
  }

  /** Ends the session: its rooms are left. Does nothing when it was taken over. */
  void end() {
    waitNoLonger();
    List<String> leaving = rooms.end();
    if (leaving == null) {
      return;
    }
    leaving.forEach(attendance::over);
    node.undeliveries().ended(this, leaving);
    node.moderation().forget(leaving, user.id());
    node.forget(this);
    node.upkeep().close(id);
  }

  /**
   * Opens a new session, or goes on with one that was taken over, and says welcome. Called once.
   *
   * @param sessionId the id from now on: its own, or that of the session it goes on with
   */
  void open(
      String sessionId, boolean resumed, Set<String> memberships, String resume, String hash) {
    synchronized (lock) {
      id = sessionId;
      secretHash = hash;
    }
    if (resumed) {
      storage.taken();
    }
    SessionRooms.State found = rooms.open(memberships);
    node.remember(this);
    if (found != SessionRooms.State.CONNECTED) {
      closedBeforeOpen(found == SessionRooms.State.ENDED || !resumed);
      return;
    }
    if (!resumed) {
      store(); // before the first command, whose membership is noted in what is stored here
    }
    openedAt = node.clock().millis();
    node.clientLog().connected(this, remoteAddress, resumed, memberships.size());
    node.connected(this);
    if (!memberships.isEmpty()) {
      attendance.leaveUnclaimedLater();
    }
    hook(listener -> listener.onConnect(this));
    node.marks()
        .welcome(user, memberships)
        .thenAccept(unread -> welcome(resumed, memberships, resume, unread));
  }

  /** Whether it may be told more: nothing comes before the welcome. */
  boolean welcomed() {
    return commands.isOpen();
  }

  private void welcome(
      boolean resumed, Set<String> memberships, String resume, @Nullable Json unread) {
    send(
        Frame.single(
            FrameWriter.welcome(
                this,
                resume,
                resumed,
                memberships,
                unread,
                node.id(),
                node.clock().millis(),
                node.limits())));
    node.users().add(this);
    if (!connected()) {
      node.users().remove(this); // it went meanwhile
    }
    node.moderation().check(this);
    commands.open();
    node.opened(this);
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
    commands.add(command, 0);
  }

  private void endLater() {
    ChatClock.Timer timer = node.clock().schedule(node.limits().resumeTtl(), this::end);
    synchronized (lock) {
      endTimer = timer;
    }
    node.waiting().add(this, !rooms.copy().isEmpty());
  }

  private void waitNoLonger() {
    node.waiting().remove(this);
    synchronized (lock) {
      if (endTimer != null) {
        endTimer.cancel();
        endTimer = null;
      }
    }
  }

  /** Another connection took the session over: this object keeps its hands off the rooms. */
  SessionRooms.Superseded supersede() {
    place.leave();
    SessionRooms.Superseded before = rooms.supersede();
    waitNoLonger();
    attendance.away(before.live());
    commands.close();
    node.users().remove(this);
    if (before.connected()) {
      disconnected(CloseCode.RESUMED_ELSEWHERE.code(), before.rooms().size());
      connection.closeNow(
          CloseCode.RESUMED_ELSEWHERE, "this session was resumed on another connection");
      hook(listener -> listener.onDisconnect(this, CloseCode.RESUMED_ELSEWHERE.code()));
    }
    node.forget(this);
    return before;
  }

  /**
   * Another node took the session over. It knows the rooms that the store knew of; a membership
   * that was just being noted is ended here, after the time in which the other node moves the rest.
   */
  void movedAway() {
    Set<String> memberships = supersede().rooms();
    node.clock()
        .schedule(
            node.limits().resumeTtl(),
            () -> {
              ClientSession now = node.session(id);
              memberships.stream()
                  .filter(room -> now == null || !now.memberships().wants(room))
                  .forEach(room -> node.upkeep().leave(room, id, user, null));
            });
  }

  boolean hasSecret(String hash) {
    return secretHash().equals(hash);
  }

  /** Sends a frame; a client that does not keep up is closed, and can resume. */
  void send(Frame frame) {
    connection.send(frame);
  }

  /** Closes the connection after what is queued; the session can be resumed if the code allows. */
  public void close(CloseCode code, String reason) {
    connection.closeWhenWritten(code, reason);
    if (!code.reconnect()) {
      closed(code.code(), true);
    }
  }

  /** Ends the session, with or without a connection: the application wants the user off. */
  void disconnect() {
    if (connected()) {
      close(CloseCode.DISCONNECTED, "disconnected by the application");
    } else {
      end();
    }
  }

  /** Looks after the connection, every second or so: its credential, and whether it is alive. */
  void check(long now) {
    if (!connected()) {
      return;
    }
    if (now >= expires) {
      expired();
    } else {
      connection.check(now);
    }
  }

  private void expired() {
    connection.closeNow(CloseCode.EXPIRED, "credentials expired");
    closed(CloseCode.EXPIRED.code());
  }

  /** What the authenticator is asked when the client brings a fresh credential. */
  ConnectRequest renewal(String token) {
    return new ConnectRequest(Map.of(), token, null, remoteAddress, user);
  }

  /**
   * Goes on with a fresh credential, and returns when that expires, {@link #NEVER} included.
   *
   * @throws ChatException {@code forbidden} when it is another user's, {@code unauthorized} when it
   *     has expired already
   */
  long renew(Credential fresh) {
    if (!fresh.user().id().equals(user.id())) {
      throw new ChatException(
          ErrorCode.FORBIDDEN, "token: another user's; connect again to be somebody else");
    }
    expires = expiry(fresh.checkedAt(node.clock().millis()));
    return expires;
  }

  private static long expiry(Credential credential) {
    Instant end = credential.expires();
    return end == null ? NEVER : end.toEpochMilli();
  }

  /** When its credential expires, in ms since 1970, or {@link #NEVER}. */
  long expires() {
    return expires;
  }

  /**
   * Tells the client to come back elsewhere, answers what it has asked until now, and closes. What
   * it asks from now on is not done: it has no answer, and so is sent again there.
   */
  void goAway(long reconnectAfter) {
    synchronized (lock) {
      if (goingAway) {
        return;
      }
      goingAway = true;
    }
    send(Frame.single(FrameWriter.closing(reconnectAfter, GOING_AWAY)));
    commands.finish(() -> close(CloseCode.GOING_AWAY, GOING_AWAY));
  }

  /** When it was opened here, in ms since 1970. */
  long openedAt() {
    return openedAt;
  }

  /** Bytes that wait to be written to it. */
  int queuedBytes() {
    return connection.queuedBytes();
  }

  /** Stores the session and its memberships, for the first time or because the store lost them. */
  CompletionStage<Void> store() {
    return rooms.isOurs() ? storage.store(secretHash()) : CompletableFuture.completedFuture(null);
  }

  /** Asks the store whether another node has the session by now; if so this one lets go of it. */
  void confirm() {
    storage.confirm(secretHash());
  }

  private String secretHash() {
    synchronized (lock) {
      return secretHash;
    }
  }

  /** Lets another guest have a name that looks like this one's. */
  void releaseName() {
    if (name != null) {
      name.end();
    }
  }

  /** Its memberships, and whether they are still its own to touch. */
  SessionRooms memberships() {
    return rooms;
  }

  /** How it comes into rooms and leaves them. */
  Attendance attendance() {
    return attendance;
  }

  /** How it is sent to. */
  Connection connection() {
    return connection;
  }

  /** How the store has it. */
  SessionStorage storage() {
    return storage;
  }

  /** Cuts the connection; the session can be resumed. */
  void abort() {
    if (connected()) {
      connection.abort();
      closed(CloseCode.GOING_AWAY.code());
    }
  }

  /** How its connection ended. */
  int code() {
    synchronized (lock) {
      return code;
    }
  }

  /** Tells the listener after what it was told before; the stage ends after that. */
  CompletionStage<@Nullable Void> hook(Consumer<ChatListener> call) {
    synchronized (lock) {
      hooks = node.hooks().tell(hooks, call);
      return hooks;
    }
  }

  boolean connected() {
    return rooms.state() == SessionRooms.State.CONNECTED;
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
    return rooms.copy();
  }

  @Override
  public String toString() {
    return "ClientSession[" + id + "]";
  }
}
