package dev.roomcast.redis;

import dev.roomcast.chat.StateStore.SessionRecord;
import dev.roomcast.chat.StateStore.UserSession;
import dev.roomcast.chat.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** Sessions on one server, where one script changes all of it. Immutable; thread-safe. */
final class OneSessions implements Sessions {

  private final String node;
  private final Commands commands;
  private final Keys keys;

  OneSessions(String node, Commands commands, Keys keys) {
    this.node = node;
    this.commands = commands;
    this.keys = keys;
  }

  @Override
  public CompletableFuture<Boolean> open(String session, User user, String secretHash) {
    return commands
        .eval(
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
  public CompletableFuture<@Nullable SessionRecord> takeOver(
      String session, String secretHash, String newSecretHash) {
    return commands
        .eval(
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
    SessionRecord record = Sessions.record(session, parts);
    if (!record.node().equals(node)) {
      // A leftover does no harm: forgetting a node looks whose the session is.
      commands.call(Command.SREM, keys.nodeSessions(record.node()), session);
    }
    return record;
  }

  @Override
  public CompletableFuture<List<UserSession>> sessions(String user) {
    return commands
        .eval(Script.USER_SESSIONS, List.of(keys.userSessions(user)), keys.session("?"))
        .thenApply(OneSessions::userSessions);
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

  @Override
  public CompletableFuture<Void> end(String session, String ofNode, long ms) {
    return commands
        .eval(Script.SESSION_END, sessionKeys(session, ofNode), ofNode, ms, session)
        .thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Void> note(String session, String room, boolean in) {
    return commands
        .eval(
            Script.SESSION_ENTER,
            List.of(keys.session(session), keys.sessionRooms(session)),
            node,
            room,
            in ? 1 : 0)
        .thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<List<String>> ofNode(String ofNode, int count) {
    return commands
        .call(Command.SRANDMEMBER, keys.nodeSessions(ofNode), count)
        .thenApply(Replies::texts);
  }
}
