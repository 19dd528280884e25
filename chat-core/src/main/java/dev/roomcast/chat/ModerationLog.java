package dev.roomcast.chat;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Who did what to whom in a room: a log beside the room's own, which its moderators may join and
 * read like any room, and in which nobody but the node says anything.
 *
 * <p>Its name is that of the room after {@value #PREFIX}; that of the whole service is the prefix
 * alone. Stateless, but for the node's broker.
 */
final class ModerationLog {

  static final String PREFIX = "mod:";

  private final ChatNode node;

  ModerationLog(ChatNode node) {
    this.node = node;
  }

  static String of(String room) {
    return PREFIX + room;
  }

  /** The room that a log is about; null for a room that is none. */
  static @Nullable String about(String room) {
    return room.startsWith(PREFIX) ? room.substring(PREFIX.length()) : null;
  }

  /**
   * Notes what was done.
   *
   * @param user to whom, by id
   * @param by who did it, null for the application
   */
  CompletionStage<@Nullable Void> note(
      String room,
      String action,
      String user,
      @Nullable User by,
      @Nullable Duration duration,
      @Nullable String reason) {
    JsonText data = new JsonText().field("action", action).field("user", user);
    if (by != null) {
      data.field("by", by);
    }
    if (duration != null && !duration.equals(StateStore.FOREVER)) {
      data.field("seconds", duration.toSeconds());
    }
    if (reason != null) {
      data.field("reason", reason);
    }
    long ts = node.clock().millis();
    Json body = FrameWriter.eventBody(of(room), "moderation", data.json(), null, ts);
    return node.publish(of(room), new Draft(body, ts, null)).thenApply(ack -> null);
  }
}
