package dev.roomcast.chat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A user as the application uses it: to send something, to see where the user is, to end that.
 *
 * <p>The user need not be here, nor anywhere. Every stage ends exceptionally with a {@link
 * ChatException}. Immutable, thread-safe; never blocks.
 */
public final class UserHandle {

  private final ChatNode node;
  private final String id;

  UserHandle(ChatNode node, String id) {
    this.node = node;
    this.id = id;
  }

  /**
   * Sends an event to all sessions of the user that are connected now, on all nodes, as {@code
   * {"type":"event","name":...,"data":...}} without a room. It is not logged: who is away does not
   * get it. Only the nodes that have such sessions hear of it.
   *
   * @param event its name, 1 to 128 bytes of UTF-8
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} when this is not a name
   */
  public CompletionStage<@Nullable Void> send(String event, Json data) {
    Json frame =
        FrameWriter.userEvent(
            Names.check("name", event),
            Objects.requireNonNull(data, "data"),
            node.clock().millis());
    return node.broker().tell(id, frame).thenApply(done -> null);
  }

  /** Sends a direct message to the user; it is logged, and found by who is away. */
  public CompletionStage<Ack> direct(User from, String text) {
    return direct(from, text, null, null);
  }

  /**
   * Sends a direct message to the user in the name of another one.
   *
   * @param data any JSON, or null
   * @param key what makes it safe to send again within ten minutes, or null
   * @return exceptionally {@link ErrorCode#NO_SUCH_USER}, or {@link ErrorCode#FORBIDDEN} when the
   *     user has blocked the sender
   */
  public CompletionStage<Ack> direct(
      User from, String text, @Nullable Json data, @Nullable String key) {
    Command.Direct command = node.reader().direct(id, text, data);
    return node.conversations()
        .direct(from, command, key == null ? null : RoomHandle.key(key))
        .thenApply(Conversations.Sent::ack);
  }

  /** Closes the user's connections with 4003 on all nodes, and ends the sessions. */
  public CompletionStage<@Nullable Void> disconnect() {
    return node.writes().disconnect(id).thenApply(done -> null);
  }

  /** The sessions of the user on all nodes, those that can be resumed included. */
  public CompletionStage<List<StateStore.UserSession>> sessions() {
    return node.state().sessions(id);
  }

  /** The user's id. */
  public String id() {
    return id;
  }
}
