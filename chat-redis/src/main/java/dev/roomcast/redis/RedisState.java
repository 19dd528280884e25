package dev.roomcast.redis;

import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.StateStore;
import dev.roomcast.chat.User;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** Sessions and node leases on Redis, by Redis's clock. Immutable; thread-safe. */
final class RedisState implements StateStore {

  private static final int FORGET = 64;

  private final String node;
  private final RedisLink link;
  private final Keys keys;
  private final RedisModeration moderation;

  RedisState(String node, RedisLink link, Keys keys) {
    this.node = node;
    this.link = link;
    this.keys = keys;
    this.moderation = new RedisModeration(link, keys);
  }

  @Override
  public CompletionStage<Boolean> open(String session, User user, String secretHash) {
    return link.eval(
            Script.SESSION_OPEN,
            List.of(
                keys.session(session),
                keys.sessionRooms(session),
                keys.nodeSessions(node),
                keys.userSessions(user.id())),
            user.id(),
            user.name(),
            node,
            secretHash,
            session)
        .thenApply(mine -> Replies.number(mine) == 1);
  }

  private List<String> sessionKeys(String session, String ofNode) {
    return List.of(keys.session(session), keys.sessionRooms(session), keys.nodeSessions(ofNode));
  }

  @Override
  public CompletionStage<Void> entered(String session, String room) {
    return note(session, room, 1);
  }

  private CompletionStage<Void> note(String session, String room, int in) {
    return link.eval(
            Script.SESSION_ENTER,
            List.of(keys.session(session), keys.sessionRooms(session)),
            node,
            room,
            in)
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Void> exited(String session, String room) {
    return note(session, room, 0);
  }

  @Override
  public CompletionStage<@Nullable User> find(String session, String secretHash) {
    CommandArguments read =
        new CommandArguments(Command.HMGET)
            .add(keys.session(session))
            .add("secret")
            .add("user")
            .add("name");
    return link.call(read)
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              String secret = Replies.textOrNull(parts.get(0));
              return secret != null && same(secret, secretHash)
                  ? new User(Replies.text(parts.get(1)), Replies.text(parts.get(2)))
                  : null;
            });
  }

  private static boolean same(String a, String b) {
    return MessageDigest.isEqual(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public CompletionStage<@Nullable SessionRecord> takeOver(
      String session, String secretHash, String newSecretHash) {
    return link.eval(
            Script.SESSION_TAKE,
            sessionKeys(session, node),
            secretHash,
            newSecretHash,
            node,
            session)
        .thenApply(
            answer -> {
              List<String> parts = Replies.texts(answer);
              return parts.isEmpty() ? null : taken(session, parts);
            });
  }

  private SessionRecord taken(String session, List<String> parts) {
    String before = parts.get(2);
    if (!before.equals(node)) {
      // A leftover does no harm: forgetting a node looks whose the session is.
      link.call(new CommandArguments(Command.SREM).add(keys.nodeSessions(before)).add(session));
    }
    return new SessionRecord(
        session,
        new User(parts.get(0), parts.get(1)),
        before,
        new HashSet<>(parts.subList(3, parts.size())));
  }

  @Override
  public CompletionStage<Void> detached(String session, Duration ttl) {
    return end(session, node, ttl.toMillis());
  }

  @Override
  public CompletionStage<Void> close(String session) {
    return end(session, node, 0);
  }

  @Override
  public CompletionStage<List<UserSession>> sessions(String user) {
    return link.eval(Script.USER_SESSIONS, List.of(keys.userSessions(user)), keys.session("?"))
        .thenApply(RedisState::userSessions);
  }

  /** See user-sessions.lua for the form of the answer. */
  private static List<UserSession> userSessions(@Nullable Object answer) {
    List<String> parts = Replies.texts(answer);
    List<UserSession> sessions = new ArrayList<>(parts.size() / 5);
    for (int i = 0; i < parts.size(); i += 5) {
      User user = new User(parts.get(i + 1), parts.get(i + 2));
      sessions.add(
          new UserSession(parts.get(i), user, parts.get(i + 3), parts.get(i + 4).equals("1")));
    }
    sessions.sort(Comparator.comparing(UserSession::session));
    return sessions;
  }

  private CompletableFuture<Void> end(String session, String ofNode, long ms) {
    return link.eval(Script.SESSION_END, sessionKeys(session, ofNode), ofNode, ms, session)
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Tokens> takeTokens(
      String user, int used, int wanted, int perSecond, int burst) {
    return link.eval(Script.TOKENS, List.of(keys.tokens(user)), used, wanted, perSecond, burst)
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              return new Tokens(
                  Math.toIntExact(Replies.number(parts.get(0))),
                  Duration.ofMillis(Replies.number(parts.get(1))));
            });
  }

  @Override
  public CompletionStage<Void> block(String user, String other, boolean blocked) {
    Command change = blocked ? Command.SADD : Command.SREM;
    return link.call(new CommandArguments(change).add(keys.blocked(user)).add(other))
        .thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Boolean> isBlocked(String user, String other) {
    return link.call(new CommandArguments(Command.SISMEMBER).add(keys.blocked(user)).add(other))
        .thenApply(is -> Replies.number(is) == 1);
  }

  @Override
  public CompletionStage<Boolean> lease(Duration ttl) {
    return link.eval(Script.LEASE, List.of(keys.leases()), node, ttl.toMillis())
        .thenApply(known -> Replies.number(known) == 1);
  }

  @Override
  public CompletionStage<List<String>> deadNodes(Duration grace) {
    return nodes(Long.toString(grace.toMillis()));
  }

  @Override
  public CompletionStage<List<String>> liveNodes() {
    return nodes("");
  }

  private CompletionStage<List<String>> nodes(String deadFor) {
    return link.eval(Script.NODES, List.of(keys.leases()), deadFor)
        .thenApply(answer -> Replies.texts(answer).stream().sorted().toList());
  }

  @Override
  public CompletionStage<@Nullable Position> claimCursor(String room, String sink, Duration ttl) {
    return link.eval(Script.CURSOR_CLAIM, List.of(keys.cursor(room, sink)), node, ttl.toMillis())
        .thenApply(
            answer -> {
              List<String> parts = Replies.texts(answer);
              return parts.isEmpty()
                  ? null
                  : new Position(parts.get(0), Long.parseLong(parts.get(1)));
            });
  }

  @Override
  public CompletionStage<Boolean> moveCursor(
      String room, String sink, Position position, Duration ttl) {
    return link.eval(
            Script.CURSOR_MOVE,
            List.of(keys.cursor(room, sink)),
            node,
            ttl.toMillis(),
            position.epoch(),
            position.offset())
        .thenApply(ours -> Replies.number(ours) == 1);
  }

  @Override
  public CompletionStage<Boolean> claimName(String skeleton, String name) {
    // First what leads to it when this node dies; a leftover of that does no harm.
    link.call(new CommandArguments(Command.SADD).add(keys.nodeNames(node)).add(skeleton));
    return link.eval(Script.NAME_CLAIM, List.of(keys.guests(skeleton)), node, name)
        .thenApply(free -> Replies.number(free) == 1);
  }

  @Override
  public CompletionStage<Void> releaseName(String skeleton) {
    // Both at once, so that a claim that comes now comes after both.
    return removeNodeName(node, skeleton).thenCombine(removeName(node, skeleton), (a, b) -> null);
  }

  private CompletableFuture<@Nullable Object> removeNodeName(String ofNode, String skeleton) {
    return link.call(new CommandArguments(Command.SREM).add(keys.nodeNames(ofNode)).add(skeleton));
  }

  private CompletableFuture<@Nullable Object> removeName(String ofNode, String skeleton) {
    return link.call(new CommandArguments(Command.HDEL).add(keys.guests(skeleton)).add(ofNode));
  }

  @Override
  public CompletionStage<Void> forget(String dead) {
    return forgetNames(dead).thenCompose(done -> forgetSessions(dead));
  }

  private CompletionStage<Void> forgetNames(String dead) {
    return link.call(
            new CommandArguments(Command.SRANDMEMBER).add(keys.nodeNames(dead)).add(FORGET))
        .thenCompose(
            answer -> {
              List<String> skeletons = Replies.texts(answer);
              if (skeletons.isEmpty()) {
                return CompletableFuture.completedFuture(null);
              }
              return CompletableFuture.allOf(
                      skeletons.stream()
                          .map(
                              skeleton ->
                                  removeName(dead, skeleton)
                                      .thenCompose(gone -> removeNodeName(dead, skeleton)))
                          .toArray(CompletableFuture<?>[]::new))
                  .thenCompose(done -> forgetNames(dead));
            });
  }

  private CompletionStage<Void> forgetSessions(String dead) {
    return link.call(
            new CommandArguments(Command.SRANDMEMBER).add(keys.nodeSessions(dead)).add(FORGET))
        .thenCompose(
            answer -> {
              List<String> sessions = Replies.texts(answer);
              if (sessions.isEmpty()) {
                return link.call(new CommandArguments(Command.ZREM).add(keys.leases()).add(dead))
                    .thenAccept(done -> {});
              }
              CompletableFuture<?>[] ended =
                  sessions.stream()
                      .map(session -> end(session, dead, 0))
                      .toArray(CompletableFuture<?>[]::new);
              return CompletableFuture.allOf(ended).thenCompose(done -> forgetSessions(dead));
            });
  }

  @Override
  public CompletionStage<Void> impose(
      Sanction sanction, String room, String user, Duration duration) {
    return moderation.impose(sanction, room, user, duration);
  }

  @Override
  public CompletionStage<Void> lift(Sanction sanction, String room, String user) {
    return moderation.lift(sanction, room, user);
  }

  @Override
  public CompletionStage<Void> liftAll(String room) {
    return moderation.liftAll(room);
  }

  @Override
  public CompletionStage<Sanctions> sanctions(String room, String user) {
    return moderation.sanctions(room, user);
  }

  @Override
  public CompletionStage<Duration> pace(
      String room, String user, @Nullable String key, Duration interval) {
    return moderation.pace(room, user, key, interval);
  }

  @Override
  public CompletionStage<Void> post(Json notice) {
    return moderation.post(notice);
  }

  @Override
  public CompletionStage<Notices> notices(long after) {
    return moderation.notices(after);
  }
}
