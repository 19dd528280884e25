package dev.roomcast.chat;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Conversations: who may use them, what is said in them, and how it reaches the sessions of their
 * users on this node.
 *
 * <p>{@code last} has up to where conversations were delivered that are no rooms here any more, the
 * latest used of them; guarded by itself.
 */
final class Conversations {

  private static final int REMEMBERED = 10_000;
  private static final int LOOKED_AT = 100;

  /** Clocks of nodes and of the store differ by less. */
  private static final Duration CLOCKS = Duration.ofSeconds(10);

  private final ChatNode node;
  private final Map<String, Position> last = new Recent<>(REMEMBERED);

  Conversations(ChatNode node) {
    this.node = node;
  }

  /**
   * Ends exceptionally when the conversation is not the user's, or the other one has blocked it.
   */
  CompletionStage<@Nullable Void> authorize(User user, Authorizer.Action action, String room) {
    Conversation conversation = Conversation.of(room);
    boolean permitted =
        switch (action) {
          case JOIN, PUBLISH, EVENT, HISTORY, PRESENCE, EDIT, REACT, DIRECT -> true;
          case CREATE, INVITE, DESTROY, MODERATE -> false;
        };
    if (conversation == null || !conversation.has(user.id()) || !permitted) {
      return CompletableFuture.failedFuture(
          new ChatException(ErrorCode.FORBIDDEN, "room: not a conversation of yours"));
    }
    boolean reads =
        switch (action) {
          case JOIN, HISTORY, PRESENCE -> true;
          default -> false;
        };
    return reads
        ? CompletableFuture.completedFuture(null)
        : notBlocked(user, conversation.other(user.id()));
  }

  private CompletionStage<@Nullable Void> notBlocked(User user, String other) {
    if (other.equals(user.id())) {
      return CompletableFuture.completedFuture(null);
    }
    return node.state()
        .isBlocked(other, user.id())
        .thenApply(
            blocked -> {
              if (blocked) {
                throw new ChatException(ErrorCode.FORBIDDEN, "to: this user has blocked you");
              }
              return null;
            });
  }

  /** Says something in the conversation of two users; by whom it is has been checked. */
  CompletionStage<Sent> direct(User user, Command.Direct command, @Nullable String key) {
    Conversation conversation = Conversation.between(user.id(), command.to());
    String room = conversation.room();
    Command.Message message =
        new Command.Message(null, room, command.text(), command.key(), "text", 0, command.data());
    return find(user, command.to())
        .thenCompose(
            other ->
                node.authorize(user, Authorizer.Action.DIRECT, room)
                    .thenCompose(allowed -> node.hooks().beforeLogged(user, message))
                    .thenCompose(checked -> publish(user, other, checked, key)))
        .thenApply(ack -> new Sent(room, ack));
  }

  /** Where something was said. Immutable. */
  record Sent(String room, Ack ack) {}

  /**
   * Makes a draft of a message, which in a conversation is a direct one.
   *
   * @throws ChatException {@link ErrorCode#FORBIDDEN} when the conversation is not the user's
   */
  static Draft draft(Command.Message message, User user, long ts, @Nullable String key) {
    Conversation conversation = Conversation.of(message.room());
    if (conversation == null) {
      Json body = FrameWriter.messageBody(message, user, ts);
      return new Draft(body, ts, key, user.id(), Map.of(), null);
    }
    if (!conversation.has(user.id())) {
      throw new ChatException(ErrorCode.FORBIDDEN, "room: not a conversation of this user");
    }
    String to = conversation.other(user.id());
    Map<String, String> audience = new HashMap<>();
    audience.put(to, "");
    audience.put(user.id(), user.name());
    Json body = FrameWriter.directBody(message, user, to, ts);
    return new Draft(body, ts, key).by(user.id()).to(audience);
  }

  private CompletionStage<Ack> publish(
      User user, User other, Command.Message message, @Nullable String key) {
    long ts = node.clock().millis();
    Json body = FrameWriter.directBody(message, user, other.id(), ts);
    Map<String, String> audience = new HashMap<>();
    audience.put(other.id(), other.name());
    audience.put(user.id(), user.name());
    return node.publish(message.room(), new Draft(body, ts, key).by(user.id()).to(audience));
  }

  /**
   * Ends exceptionally with {@code no_such_user} when the room is a conversation of the user with
   * somebody who does not exist any more.
   */
  CompletionStage<@Nullable Void> isSomebodyThere(User user, String room) {
    Conversation conversation = Conversation.of(room);
    return conversation == null || !conversation.has(user.id())
        ? CompletableFuture.completedFuture(null)
        : find(user, conversation.other(user.id())).thenApply(found -> null);
  }

  /** Finds a user, or ends exceptionally with {@code no_such_user}. */
  private CompletionStage<User> find(User asking, String id) {
    if (asking.id().equals(id)) {
      return CompletableFuture.completedFuture(asking);
    }
    if (node.hooks().knowsUsers()) {
      return node.hooks().findUser(id).thenApply(found -> existing(id, found));
    }
    return node.state()
        .sessions(id)
        .thenApply(
            sessions -> {
              if (!sessions.isEmpty()) {
                return sessions.get(0).user();
              }
              // Only of guests it is known that they exist while they are here.
              return existing(id, node.hooks().guests() ? null : new User(id, id));
            });
  }

  private static User existing(String id, @Nullable User found) {
    if (found == null) {
      throw new ChatException(ErrorCode.NO_SUCH_USER, "to: there is no user " + JsonText.quote(id));
    }
    return found;
  }

  /** Has a user refuse what another one sends, or not any more. */
  CompletionStage<Void> block(User user, Command.Block command) {
    if (command.user().equals(user.id())) {
      throw new ChatException(ErrorCode.BAD_REQUEST, "user: another user expected");
    }
    return node.state().block(user.id(), command.user(), command.on());
  }

  /** A draft knows the users of its room, when that is a conversation. */
  static Draft addressed(String room, Draft draft) {
    Conversation conversation = Conversation.of(room);
    if (conversation == null || !draft.audience().isEmpty()) {
      return draft;
    }
    Map<String, String> audience = new HashMap<>();
    conversation.users().forEach(user -> audience.put(user, ""));
    return draft.to(audience);
  }

  /** Something was logged in a conversation whose users may be here. */
  void onDirect(String name, List<Publication> publications) {
    Conversation conversation = Conversation.of(name);
    if (conversation != null && isHere(conversation)) {
      node.localRooms().of(name).onDirect(publications);
    }
  }

  private boolean isHere(Conversation conversation) {
    return !node.users().of(conversation.first()).isEmpty()
        || !node.users().of(conversation.second()).isEmpty();
  }

  /** What was told during the last so long may be lost: the conversations of all who are here. */
  void onGap(Duration lately) {
    long since = node.clock().millis() - lately.plus(CLOCKS).toMillis();
    repair(node.users().users().iterator(), since);
  }

  /** What was told to a user since then may be lost. */
  void missed(String user, long since) {
    repair(user, Collections.emptyIterator(), since - CLOCKS.toMillis());
  }

  /** One user after the other: there may be many, and the store has just come back. */
  private void repair(Iterator<String> users, long since) {
    if (users.hasNext()) {
      repair(users.next(), users, since);
    }
  }

  private void repair(String user, Iterator<String> others, long since) {
    if (node.users().of(user).isEmpty()) {
      node.executor().execute(() -> repair(others, since));
      return;
    }
    node.broker()
        .conversations(user, "", LOOKED_AT)
        .whenComplete(
            (page, failure) -> {
              node.noteFailure(page, failure);
              if (page == null) {
                node.clock().schedule(ChatNode.RETRY, () -> repair(user, others, since));
                return;
              }
              page.conversations().stream()
                  .filter(conversation -> conversation.ts() >= since)
                  .forEach(conversation -> repair(conversation.room(), since));
              node.executor().execute(() -> repair(others, since));
            });
  }

  private void repair(String room, long since) {
    node.broker()
        .history(room, new HistoryQuery.Newest(LOOKED_AT))
        .whenComplete(
            (history, failure) -> {
              node.noteFailure(history, failure);
              if (history == null) {
                node.clock().schedule(ChatNode.RETRY, () -> repair(room, since));
              } else {
                List<Publication> missed =
                    history.publications().stream().filter(p -> p.ts() >= since).toList();
                if (!missed.isEmpty()) {
                  onDirect(room, missed);
                }
              }
            });
  }

  /** Up to where a conversation that is no room here was delivered; {@link Position#NONE}. */
  Position last(String room) {
    synchronized (last) {
      return last.getOrDefault(room, Position.NONE);
    }
  }

  /** Notes up to where a conversation was delivered. */
  void delivered(String room, Position position) {
    synchronized (last) {
      last.put(room, position);
    }
  }

  /** A frame for all sessions of a user here. */
  void onTold(String user, Json json) {
    Frame frame = Frame.shared(json.bytes());
    node.users().of(user).forEach(session -> session.send(frame));
  }
}
