package dev.roomcast.chat;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A room as the application uses it: to publish, to read, to end it.
 *
 * <p>The application is no member and needs no session. Every stage ends exceptionally with a
 * {@link ChatException}. Immutable, thread-safe; never blocks.
 */
public final class RoomHandle {

  private final ChatNode node;
  private final String name;

  RoomHandle(ChatNode node, String name) {
    this.node = node;
    this.name = name;
  }

  /**
   * Logs an event, which every member gets as {@code {"type":"event","name":...,"data":...}}
   * without a user.
   *
   * @param event its name, 1 to 128 bytes of UTF-8
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} when this is not a name
   */
  public CompletionStage<Publication> publish(String event, Json data) {
    return publish(event, data, null);
  }

  /**
   * Logs an event once: within ten minutes the same room and key give the first position again.
   *
   * @param key what makes it safe to publish again, or null
   */
  public CompletionStage<Publication> publish(String event, Json data, @Nullable String key) {
    return publish(event, data, key, null);
  }

  /**
   * Logs an event once, as a part of a trace.
   *
   * @param key what makes it safe to publish again, or null
   * @param trace its place in the trace, for those who read the log on other nodes, or null
   */
  public CompletionStage<Publication> publish(
      String event, Json data, @Nullable String key, @Nullable TraceContext trace) {
    long ts = node.clock().millis();
    Json body = body(event, data, ts);
    Draft draft = new Draft(body, ts, key == null ? null : key(key)).traced(trace);
    return node.publish(name, draft)
        .thenApply(ack -> new Publication(name, ack.position(), ack.ts(), body, trace));
  }

  /**
   * The application's key in the log. A user's begin with the user's id, which is never empty: the
   * two cannot meet.
   */
  static String key(String key) {
    return "\n" + key;
  }

  /** Announces an event to whoever is here now; it is in no history. */
  public CompletionStage<@Nullable Void> announce(String event, Json data) {
    return announce(event, data, null);
  }

  /**
   * Announces an event to whoever is here now but one session, on whichever node that is: the one
   * that caused it and knows. A logged event always goes to all, as the log has no holes.
   *
   * @param exceptSession the id of the session that does not get it, or null
   */
  public CompletionStage<@Nullable Void> announce(
      String event, Json data, @Nullable String exceptSession) {
    Json frame = body(event, data, node.clock().millis());
    return node.broker()
        .announce(name, new Ephemeral(frame, exceptSession).announced())
        .thenApply(done -> null);
  }

  private Json body(String event, Json data, long ts) {
    return FrameWriter.eventBody(
        name, Names.check("name", event), Objects.requireNonNull(data, "data"), null, ts);
  }

  /**
   * Hands everything that is logged in this room to {@code sink}, in order and at least once,
   * beginning with the oldest retained publication or where a sink of this name was before. Of all
   * nodes that run a sink of one name in a room, one does at a time.
   *
   * @param sinkName 1 to 128 bytes of UTF-8
   * @return closing it, or the node, ends that, and another node's goes on at once; its place in
   *     the log stays
   * @throws ChatException {@link ErrorCode#BAD_REQUEST} when this is not a name
   */
  public AutoCloseable sink(String sinkName, PublicationSink sink) {
    RoomSink running =
        new RoomSink(
            node, name, Names.check("sinkName", sinkName), Objects.requireNonNull(sink, "sink"));
    node.remember(running);
    running.start();
    return running;
  }

  /** Reads a part of the room's log. */
  public CompletionStage<History> history(HistoryQuery query) {
    return node.readHistory(name, query);
  }

  /** The users in the room, on all nodes, in the order of their ids, those above {@code after}. */
  public CompletionStage<RoomManager.MembersPage> members(String after, int limit) {
    return node.rooms().members(name, after, limit);
  }

  /** Sets how much of this room's log is kept, instead of the limits' default. */
  public CompletionStage<@Nullable Void> retain(Retention retention) {
    return node.broker().retain(name, retention).thenApply(done -> null);
  }

  /**
   * Creates the room, which is nobody's then and lasts until it is ended.
   *
   * @return exceptionally {@link ErrorCode#ROOM_EXISTS} when there is one
   */
  public CompletionStage<@Nullable Void> create(RoomSettings.Change settings) {
    return node.keeper().carryOut(null, name, new RoomAction.Create(settings));
  }

  /** What was decided about the room; null when nobody created it. */
  public CompletionStage<@Nullable RoomSettings> settings() {
    return node.rooms().room(name).thenApply(room -> room == null ? null : room.settings());
  }

  /**
   * Changes the settings.
   *
   * @return exceptionally {@link ErrorCode#NO_SUCH_ROOM} when nobody created the room
   */
  public CompletionStage<@Nullable Void> configure(RoomSettings.Change settings) {
    return node.keeper().carryOut(null, name, new RoomAction.Configure(settings));
  }

  /**
   * Takes a user's sessions out of the room, on all nodes; the user may come again.
   *
   * @param reason for the moderation log, or null
   * @return exceptionally {@link ErrorCode#NO_SUCH_USER} when the user is not in the room
   */
  public CompletionStage<@Nullable Void> kick(String userId, @Nullable String reason) {
    return node.keeper()
        .carryOut(null, name, new RoomAction.Kick(Names.check("user", userId), reason));
  }

  /** Ends the room: its members get {@code left} with reason {@code removed}, its log ends. */
  public CompletionStage<@Nullable Void> destroy() {
    return node.keeper().destroy(name);
  }

  /** The room's name. */
  public String name() {
    return name;
  }
}
