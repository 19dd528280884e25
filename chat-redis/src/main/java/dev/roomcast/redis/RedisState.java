package dev.roomcast.redis;

import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.StateStore;
import dev.roomcast.chat.User;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** Sessions and node leases on Redis, by Redis's clock. Thread-safe. */
final class RedisState implements StateStore {

  private static final int FORGET = 64;

  private final String node;
  private final Commands link;
  private final Keys keys;
  private final Sessions sessions;
  private final IntSupplier losses;
  private final AtomicInteger known = new AtomicInteger();
  private final RedisModeration moderation;

  /**
   * Creates a store.
   *
   * @param losses how often a part of what is stored may have been lost, though the rest is there
   */
  RedisState(String node, Commands link, Keys keys, Sessions sessions, IntSupplier losses) {
    this.node = node;
    this.link = link;
    this.keys = keys;
    this.sessions = sessions;
    this.losses = losses;
    this.moderation = new RedisModeration(link, keys);
  }

  @Override
  public CompletionStage<Boolean> open(String session, User user, String secretHash) {
    return sessions.open(session, user, secretHash);
  }

  @Override
  public CompletionStage<Void> entered(String session, String room) {
    return sessions.note(session, room, true);
  }

  @Override
  public CompletionStage<Void> exited(String session, String room) {
    return sessions.note(session, room, false);
  }

  @Override
  public CompletionStage<@Nullable User> find(String session, String secretHash) {
    return link.call(Command.HMGET, keys.session(session), "secret", "user", "name")
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
    return sessions.takeOver(session, secretHash, newSecretHash);
  }

  @Override
  public CompletionStage<Void> detached(String session, Duration ttl) {
    return sessions.end(session, node, ttl.toMillis());
  }

  @Override
  public CompletionStage<Void> close(String session) {
    return sessions.end(session, node, 0);
  }

  @Override
  public CompletionStage<List<UserSession>> sessions(String user) {
    return sessions.sessions(user);
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
    return link.call(change, keys.blocked(user), other).thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Boolean> isBlocked(String user, String other) {
    return link.call(Command.SISMEMBER, keys.blocked(user), other)
        .thenApply(is -> Replies.number(is) == 1);
  }

  @Override
  public CompletionStage<Boolean> lease(Duration ttl) {
    int now = losses.getAsInt();
    return link.eval(Script.LEASE, List.of(keys.leases()), node, ttl.toMillis())
        .thenApply(is -> known.getAndSet(now) == now && Replies.number(is) == 1);
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
    CompletableFuture<@Nullable Object> led =
        link.call(Command.SADD, keys.nodeNames(node), skeleton);
    return link.eval(Script.NAME_CLAIM, List.of(keys.guests(skeleton)), node, name)
        .thenCombine(led, (free, done) -> Replies.number(free) == 1);
  }

  @Override
  public CompletionStage<Void> releaseName(String skeleton) {
    // Both at once, so that a claim that comes now comes after both.
    return removeNodeName(node, skeleton).thenCombine(removeName(node, skeleton), (a, b) -> null);
  }

  private CompletableFuture<@Nullable Object> removeNodeName(String ofNode, String skeleton) {
    return link.call(Command.SREM, keys.nodeNames(ofNode), skeleton);
  }

  private CompletableFuture<@Nullable Object> removeName(String ofNode, String skeleton) {
    return link.call(Command.HDEL, keys.guests(skeleton), ofNode);
  }

  @Override
  public CompletionStage<Void> forget(String dead) {
    return forgetNames(dead).thenCompose(done -> forgetSessions(dead));
  }

  private CompletionStage<Void> forgetNames(String dead) {
    return link.call(Command.SRANDMEMBER, keys.nodeNames(dead), FORGET)
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
    return sessions
        .ofNode(dead, FORGET)
        .thenCompose(
            found -> {
              if (found.isEmpty()) {
                return link.call(Command.ZREM, keys.leases(), dead).thenAccept(done -> {});
              }
              CompletableFuture<?>[] ended =
                  found.stream()
                      .map(session -> sessions.end(session, dead, 0))
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
