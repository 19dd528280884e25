package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A backend whose every call goes by a way that the test provides, which may hold it up or refuse
 * it. Confined as its way is.
 */
final class FarBackend implements Backend {

  /** The way to the store and back. */
  interface Way {
    /** Makes the call, now or later or not, and returns its answer as it is to be seen. */
    <T extends @Nullable Object> CompletionStage<T> go(
        String call, String subject, Supplier<CompletionStage<T>> operation);

    /** Returns what listens to the store, in front of the node's own listener. */
    default BackendListener listener(BackendListener node) {
      return node;
    }
  }

  private final Backend backend;
  private final Way way;

  FarBackend(Backend backend, Way way) {
    this.backend = backend;
    this.way = way;
  }

  @Override
  public void start(String node, Limits limits, BackendListener listener) {
    backend.start(node, limits, way.listener(listener));
  }

  @Override
  public Broker broker() {
    return new FarBroker();
  }

  @Override
  public RoomManager rooms() {
    return new FarRooms();
  }

  @Override
  public StateStore state() {
    return new FarState();
  }

  @Override
  public String description() {
    return "far, " + backend.description();
  }

  @Override
  public void close() {
    backend.close();
  }

  private final class FarBroker implements Broker {
    private final Broker near = backend.broker();

    @Override
    public CompletionStage<Ack> publish(String room, Draft draft) {
      return way.go("publish", room, () -> near.publish(room, draft));
    }

    @Override
    public CompletionStage<@Nullable Ack> revise(
        String room, Draft draft, List<Revision> revisions) {
      return way.<@Nullable Ack>go("revise", room, () -> near.revise(room, draft, revisions));
    }

    @Override
    public CompletionStage<Void> announce(String room, Json frame) {
      return way.go("announce", room, () -> near.announce(room, frame));
    }

    @Override
    public CompletionStage<History> subscribe(String room, HistoryQuery query) {
      return way.go("subscribe", room, () -> near.subscribe(room, query));
    }

    @Override
    public CompletionStage<Void> unsubscribe(String room) {
      return way.go("unsubscribe", room, () -> near.unsubscribe(room));
    }

    @Override
    public CompletionStage<History> history(String room, HistoryQuery query) {
      return way.go("history", room, () -> near.history(room, query));
    }

    @Override
    public CompletionStage<Long> markRead(String room, String user, long offset) {
      return way.go("markRead", room, () -> near.markRead(room, user, offset));
    }

    @Override
    public CompletionStage<List<Unread>> unread(String user, List<String> rooms) {
      return way.go("unread", user, () -> near.unread(user, rooms));
    }

    @Override
    public CompletionStage<ConversationPage> conversations(String user, String after, int limit) {
      return way.go("conversations", user, () -> near.conversations(user, after, limit));
    }

    @Override
    public CompletionStage<Void> tell(String user, Json frame) {
      return way.go("tell", user, () -> near.tell(user, frame));
    }

    @Override
    public CompletionStage<Void> retain(String room, Retention retention) {
      return way.go("retain", room, () -> near.retain(room, retention));
    }

    @Override
    public CompletionStage<Void> destroy(String room) {
      return way.go("destroy", room, () -> near.destroy(room));
    }

    @Override
    public CompletionStage<Void> signal(Json control) {
      return way.go("signal", "", () -> near.signal(control));
    }

    @Override
    public CompletionStage<Duration> probe() {
      return way.go("probe", "", near::probe);
    }
  }

  private final class FarRooms implements RoomManager {
    private final RoomManager near = backend.rooms();

    @Override
    public CompletionStage<Membership> join(String room, String session, User user) {
      return way.go("join", room + " " + session, () -> near.join(room, session, user));
    }

    @Override
    public CompletionStage<Boolean> leave(String room, String session, User user) {
      return way.go("leave", room + " " + session, () -> near.leave(room, session, user));
    }

    @Override
    public CompletionStage<Membership> move(
        String room, String session, User user, String fromNode) {
      return way.go("move", room + " " + session, () -> near.move(room, session, user, fromNode));
    }

    @Override
    public CompletionStage<MembersPage> members(String room, String after, int limit) {
      return way.go("members", room, () -> near.members(room, after, limit));
    }

    @Override
    public CompletionStage<RoomsPage> rooms(String prefix, String after, int limit) {
      return way.go("rooms", "", () -> near.rooms(prefix, after, limit));
    }

    @Override
    public CompletionStage<@Nullable RoomInfo> room(String room) {
      return way.<@Nullable RoomInfo>go("room", room, () -> near.room(room));
    }

    @Override
    public CompletionStage<Creation> create(
        String room, RoomSettings.Change change, @Nullable User owner, int most) {
      return way.go("create", room, () -> near.create(room, change, owner, most));
    }

    @Override
    public CompletionStage<Boolean> change(String room, RoomSettings.Change change) {
      return way.go("change", room, () -> near.change(room, change));
    }

    @Override
    public CompletionStage<Boolean> appoint(String room, String user, boolean moderator) {
      return way.go("appoint", room, () -> near.appoint(room, user, moderator));
    }

    @Override
    public CompletionStage<Invitation> invite(String room, String user, int most) {
      return way.go("invite", room, () -> near.invite(room, user, most));
    }

    @Override
    public CompletionStage<Boolean> uninvite(String room, String user) {
      return way.go("uninvite", room, () -> near.uninvite(room, user));
    }

    @Override
    public CompletionStage<Role> role(String room, String user) {
      return way.go("role", room + " " + user, () -> near.role(room, user));
    }

    @Override
    public CompletionStage<Void> remove(String room) {
      return way.go("remove", room, () -> near.remove(room));
    }

    @Override
    public CompletionStage<Idle> endIdle(Duration idle, String after, int limit) {
      return way.go("endIdle", "", () -> near.endIdle(idle, after, limit));
    }

    @Override
    public CompletionStage<Long> count(String room) {
      return way.go("count", room, () -> near.count(room));
    }

    @Override
    public CompletionStage<Long> reap(String node) {
      return way.go("reap", "", () -> near.reap(node));
    }
  }

  private final class FarState implements StateStore {
    private final StateStore near = backend.state();

    @Override
    public CompletionStage<Boolean> open(String session, User user, String secretHash) {
      return way.go("open", session, () -> near.open(session, user, secretHash));
    }

    @Override
    public CompletionStage<Void> entered(String session, String room) {
      return way.go("entered", room + " " + session, () -> near.entered(session, room));
    }

    @Override
    public CompletionStage<Void> exited(String session, String room) {
      return way.go("exited", room + " " + session, () -> near.exited(session, room));
    }

    @Override
    public CompletionStage<@Nullable User> find(String session, String secretHash) {
      return way.<@Nullable User>go("find", session, () -> near.find(session, secretHash));
    }

    @Override
    public CompletionStage<@Nullable SessionRecord> takeOver(
        String session, String secretHash, String newSecretHash) {
      return way.<@Nullable SessionRecord>go(
          "takeOver", session, () -> near.takeOver(session, secretHash, newSecretHash));
    }

    @Override
    public CompletionStage<Boolean> claimName(String skeleton, String name) {
      return way.go("claimName", name, () -> near.claimName(skeleton, name));
    }

    @Override
    public CompletionStage<Void> releaseName(String skeleton) {
      return way.go("releaseName", skeleton, () -> near.releaseName(skeleton));
    }

    @Override
    public CompletionStage<@Nullable Position> claimCursor(String room, String sink, Duration ttl) {
      return way.<@Nullable Position>go(
          "claimCursor", room, () -> near.claimCursor(room, sink, ttl));
    }

    @Override
    public CompletionStage<Boolean> moveCursor(
        String room, String sink, Position position, Duration ttl) {
      return way.go("moveCursor", room, () -> near.moveCursor(room, sink, position, ttl));
    }

    @Override
    public CompletionStage<Void> detached(String session, Duration ttl) {
      return way.go("detached", session, () -> near.detached(session, ttl));
    }

    @Override
    public CompletionStage<Void> close(String session) {
      return way.go("close", session, () -> near.close(session));
    }

    @Override
    public CompletionStage<Tokens> takeTokens(
        String user, int used, int wanted, int perSecond, int burst) {
      return way.go(
          "takeTokens", user, () -> near.takeTokens(user, used, wanted, perSecond, burst));
    }

    @Override
    public CompletionStage<List<UserSession>> sessions(String user) {
      return way.go("sessions", user, () -> near.sessions(user));
    }

    @Override
    public CompletionStage<Void> block(String user, String other, boolean blocked) {
      return way.go("block", user, () -> near.block(user, other, blocked));
    }

    @Override
    public CompletionStage<Boolean> isBlocked(String user, String other) {
      return way.go("isBlocked", user, () -> near.isBlocked(user, other));
    }

    @Override
    public CompletionStage<Boolean> lease(Duration ttl) {
      return way.go("lease", "", () -> near.lease(ttl));
    }

    @Override
    public CompletionStage<List<String>> deadNodes(Duration grace) {
      return way.go("deadNodes", "", () -> near.deadNodes(grace));
    }

    @Override
    public CompletionStage<List<String>> liveNodes() {
      return way.go("liveNodes", "", near::liveNodes);
    }

    @Override
    public CompletionStage<Void> forget(String node) {
      return way.go("forget", "", () -> near.forget(node));
    }

    @Override
    public CompletionStage<Void> impose(
        Sanction sanction, String room, String user, Duration duration) {
      return way.go("impose", room, () -> near.impose(sanction, room, user, duration));
    }

    @Override
    public CompletionStage<Void> lift(Sanction sanction, String room, String user) {
      return way.go("lift", room, () -> near.lift(sanction, room, user));
    }

    @Override
    public CompletionStage<Void> liftAll(String room) {
      return way.go("liftAll", room, () -> near.liftAll(room));
    }

    @Override
    public CompletionStage<Sanctions> sanctions(String room, String user) {
      return way.go("sanctions", room + " " + user, () -> near.sanctions(room, user));
    }

    @Override
    public CompletionStage<Duration> pace(
        String room, String user, @Nullable String key, Duration interval) {
      return way.go("pace", room + " " + user, () -> near.pace(room, user, key, interval));
    }

    @Override
    public CompletionStage<Void> post(Json notice) {
      return way.go("post", "", () -> near.post(notice));
    }

    @Override
    public CompletionStage<Notices> notices(long after) {
      return way.go("notices", "", () -> near.notices(after));
    }
  }
}
