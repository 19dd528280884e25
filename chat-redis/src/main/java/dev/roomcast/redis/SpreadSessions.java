package dev.roomcast.redis;

import dev.roomcast.chat.StateStore.SessionRecord;
import dev.roomcast.chat.StateStore.UserSession;
import dev.roomcast.chat.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * Sessions in a cluster: the record in the session's slot is the truth. What leads to it from its
 * node is written before it, what leads to it from its user after it, with the record's version, so
 * that what comes late changes nothing. Immutable; thread-safe.
 */
final class SpreadSessions implements Sessions {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int MOST_TIDIED = 64;

  private final String node;
  private final Commands commands;
  private final Keys keys;
  private final Sequence changes = new Sequence();

  SpreadSessions(String node, Commands commands, Keys keys) {
    this.node = node;
    this.commands = commands;
    this.keys = keys;
  }

  private List<String> recordKeys(String session) {
    return List.of(keys.session(session), keys.sessionRooms(session));
  }

  @Override
  public CompletableFuture<Boolean> open(String session, User user, String secretHash) {
    return changes.run(session, () -> opened(session, user, secretHash));
  }

  private CompletableFuture<Boolean> opened(String session, User user, String secretHash) {
    return lead(Command.HSET, session, user.id())
        .thenCompose(
            led ->
                commands.eval(
                    Script.SPREAD_OPEN,
                    recordKeys(session),
                    user.id(),
                    user.name(),
                    node,
                    secretHash))
        .thenCompose(
            answer -> {
              List<String> parts = Replies.texts(answer);
              if (!parts.get(0).equals("1")) {
                return CompletableFuture.completedFuture(false);
              }
              return place(user.id(), session, parts.get(1), "", node).thenApply(done -> true);
            });
  }

  private CompletableFuture<@Nullable Object> lead(Command how, String session, String user) {
    return commands.call(how, keys.nodeSessionUsers(node), session, user);
  }

  private CompletableFuture<Void> removeLead(String ofNode, String session) {
    return commands
        .call(Command.HDEL, keys.nodeSessionUsers(ofNode), session)
        .thenAccept(done -> {});
  }

  /** See place.lua. */
  private CompletableFuture<Void> place(
      String user, String session, String version, String ms, String ofNode) {
    return commands
        .eval(Script.PLACE, List.of(keys.places(user)), session, version, ms, ofNode)
        .thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<@Nullable SessionRecord> takeOver(
      String session, String secretHash, String newSecretHash) {
    return changes.run(session, () -> took(session, secretHash, newSecretHash));
  }

  private CompletableFuture<@Nullable SessionRecord> took(
      String session, String secretHash, String newSecretHash) {
    return lead(Command.HSETNX, session, "")
        .thenCompose(
            led ->
                commands.eval(
                    Script.SPREAD_TAKE, recordKeys(session), secretHash, newSecretHash, node))
        .thenCompose(
            answer -> {
              List<String> parts = Replies.texts(answer);
              if (parts.isEmpty()) {
                return commands
                    .eval(Script.LEAD_SESSION_DROP, List.of(keys.nodeSessionUsers(node)), session)
                    .thenApply(done -> null);
              }
              String user = parts.get(1);
              return lead(Command.HSET, session, user)
                  .thenCombine(
                      place(user, session, parts.get(0), "", node),
                      (led, placed) -> taken(session, parts));
            });
  }

  private SessionRecord taken(String session, List<String> parts) {
    SessionRecord record = Sessions.record(session, parts.subList(1, parts.size()));
    if (!record.node().equals(node)) {
      // A leftover does no harm: forgetting a node looks whose the session is.
      removeLead(record.node(), session);
    }
    return record;
  }

  @Override
  public CompletableFuture<Void> end(String session, String ofNode, long ms) {
    return changes.run(session, () -> ended(session, ofNode, ms));
  }

  private CompletableFuture<Void> ended(String session, String ofNode, long ms) {
    return commands
        .eval(Script.SPREAD_END, recordKeys(session), ofNode, ms)
        .thenCompose(
            answer -> {
              List<String> parts = Replies.texts(answer);
              return switch (parts.get(0)) {
                case "1" -> place(parts.get(1), session, parts.get(2), Long.toString(ms), ofNode);
                // Ended before: what led to it from its user may still be there.
                case "0" -> placeOfNone(session, ofNode);
                default -> CompletableFuture.<Void>completedFuture(null);
              };
            })
        .thenCompose(
            done -> ms > 0 ? CompletableFuture.completedFuture(null) : removeLead(ofNode, session));
  }

  private CompletableFuture<Void> placeOfNone(String session, String ofNode) {
    return commands
        .call(Command.HGET, keys.nodeSessionUsers(ofNode), session)
        .thenCompose(
            user ->
                user == null || Replies.text(user).isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : place(Replies.text(user), session, "", "0", ofNode));
  }

  /** Takes some leads away that lead to no session of this node: what removed them failed. */
  void tidy() {
    ofNode(node, MOST_TIDIED)
        .thenAccept(found -> found.forEach(session -> changes.run(session, () -> tidy(session))))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                log.debug("what leads to sessions is tidied later", failure);
              }
            });
  }

  private CompletableFuture<Void> tidy(String session) {
    return commands
        .call(Command.HGET, keys.session(session), "node")
        .thenCompose(
            of ->
                of != null && Replies.text(of).equals(node)
                    ? CompletableFuture.completedFuture(null)
                    : removeLead(node, session));
  }

  @Override
  public CompletableFuture<List<UserSession>> sessions(String user) {
    return commands
        .eval(Script.PLACE_LIST, List.of(keys.places(user)))
        .thenCompose(
            answer -> {
              List<String> parts = Replies.texts(answer);
              List<CompletableFuture<@Nullable UserSession>> looked = new ArrayList<>();
              for (int i = 0; i < parts.size(); i += 4) {
                looked.add(
                    look(user, parts.get(i), parts.get(i + 1), parts.get(i + 3).equals("1")));
              }
              return CompletableFuture.allOf(looked.toArray(CompletableFuture<?>[]::new))
                  .thenApply(
                      done ->
                          looked.stream()
                              .map(CompletableFuture::join)
                              .filter(Objects::nonNull)
                              .sorted(Comparator.comparing(UserSession::session))
                              .toList());
            });
  }

  /** The record counts; where there is none its node died before it could say so. */
  private CompletableFuture<@Nullable UserSession> look(
      String user, String session, String version, boolean connected) {
    return commands
        .call(Command.HMGET, keys.session(session), "user", "name", "node")
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              String id = Replies.textOrNull(parts.get(0));
              if (id == null) {
                String after = Long.toString(Long.parseLong(version) + 1);
                place(user, session, after, "0", "");
                return null;
              }
              return new UserSession(
                  session,
                  new User(id, Replies.text(parts.get(1))),
                  Replies.text(parts.get(2)),
                  connected);
            });
  }

  @Override
  public CompletableFuture<Void> note(String session, String room, boolean in) {
    return changes.run(
        session,
        () ->
            commands
                .eval(
                    Script.SESSION_ENTER,
                    List.of(keys.session(session), keys.sessionRooms(session)),
                    node,
                    room,
                    in ? 1 : 0)
                .thenAccept(done -> {}));
  }

  @Override
  public CompletableFuture<List<String>> ofNode(String ofNode, int count) {
    return commands
        .call(Command.HRANDFIELD, keys.nodeSessionUsers(ofNode), count)
        .thenApply(Replies::texts);
  }
}
