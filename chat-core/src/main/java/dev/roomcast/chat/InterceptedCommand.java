package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A command as a {@link CommandInterceptor} sees it: the frame that the client sent, whose it is,
 * and what earlier interceptors found out.
 *
 * <p>Immutable; {@link #with} and {@link #withField} return changed copies.
 */
public final class InterceptedCommand {

  private final ChatNode node;
  private final ClientSession session;
  private final JsonObject frame;
  private final Map<String, Object> attributes;

  private InterceptedCommand(
      ChatNode node, ClientSession session, JsonObject frame, Map<String, Object> attributes) {
    this.node = node;
    this.session = session;
    this.frame = frame;
    this.attributes = attributes;
  }

  static InterceptedCommand of(ChatNode node, ClientSession session, JsonObject frame) {
    return new InterceptedCommand(node, session, frame, Map.of());
  }

  /** The frame's {@code type}; empty when it has none, which is refused later. */
  public String type() {
    return frame.get("type") instanceof JsonPrimitive type && type.isString()
        ? type.getAsString()
        : "";
  }

  /** Whose command it is. */
  public ClientSession session() {
    return session;
  }

  /** The user of the session. */
  public User user() {
    return session.user();
  }

  /**
   * A field that must be a string.
   *
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} that names the field, when it is not there
   *     or no string
   */
  public String string(String field) {
    return CommandReader.required(frame, field);
  }

  /** Any field as JSON, or null when the frame does not have it. */
  public @Nullable Json field(String name) {
    JsonElement value = frame.get(name);
    return value == null ? null : Json.trusted(value.toString());
  }

  /** The whole frame. */
  public Json frame() {
    return Json.trusted(frame.toString());
  }

  /** Returns the command with a field set, as if the client had sent it so. */
  public InterceptedCommand withField(String name, Json value) {
    JsonObject changed = frame.deepCopy();
    changed.add(name, value.tree());
    return new InterceptedCommand(node, session, changed, attributes);
  }

  /** Returns the command with something for later interceptors; clients never see it. */
  public InterceptedCommand with(String attribute, Object value) {
    Map<String, Object> more = new HashMap<>(attributes);
    more.put(attribute, Objects.requireNonNull(value, attribute));
    return new InterceptedCommand(node, session, frame, Map.copyOf(more));
  }

  /**
   * What an earlier interceptor put there.
   *
   * @throws IllegalStateException when none did: the chain is in the wrong order
   */
  public Object attribute(String name) {
    Object value = attributes.get(name);
    if (value == null) {
      throw new IllegalStateException("no interceptor before this one has set " + name);
    }
    return value;
  }

  /**
   * Makes the session a member of the room, whatever the authorizer says; the client gets {@code
   * joined}. Only for the command that is being decided about, so that nothing overtakes it.
   *
   * @return exceptionally a {@link ChatException}, {@link ErrorCode#TOO_MANY_ROOMS} for instance
   */
  public CompletionStage<@Nullable Void> join(String room) {
    ChatException full = session.attendance().mayEnter(Names.room(room));
    return full != null
        ? CompletableFuture.failedFuture(full)
        : node.localRooms()
            .join(session, new Command.Join(null, room, null, CommandReader.DEFAULT_PAGE));
  }

  /** Ends the session's membership, if it has one; the client gets {@code left}. */
  public CompletionStage<@Nullable Void> leave(String room) {
    if (session.attendance().notIn(room) != null) {
      return CompletableFuture.completedFuture(null);
    }
    return session
        .attendance()
        .leave(room)
        .thenAccept(left -> session.send(Frame.single(FrameWriter.left(null, room, "left"))));
  }

  JsonObject tree() {
    return frame;
  }

  /** Names the session and the type; what clients send stays out of logs. */
  @Override
  public String toString() {
    return "InterceptedCommand[" + JsonText.quote(type()) + " of " + session + "]";
  }
}
