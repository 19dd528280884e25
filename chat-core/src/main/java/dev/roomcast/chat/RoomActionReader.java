package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads what somebody wants to do to a room out of a frame. Stateless. */
final class RoomActionReader {

  private static final int MAX_REASON = 500;
  private static final long MAX_SECONDS = Duration.ofDays(3_650).toSeconds();

  private RoomActionReader() {}

  /** Returns null when this is the type of something else. */
  static @Nullable RoomAction read(String type, JsonObject frame) {
    return switch (type) {
      case "create" -> new RoomAction.Create(change(frame));
      case "destroy" -> new RoomAction.Destroy();
      case "configure" -> new RoomAction.Configure(change(frame));
      case "appoint" -> new RoomAction.Appoint(user(frame), true);
      case "dismiss" -> new RoomAction.Appoint(user(frame), false);
      case "invite" -> new RoomAction.Invite(user(frame));
      case "uninvite" -> new RoomAction.Uninvite(user(frame));
      case "kick" -> new RoomAction.Kick(user(frame), reason(frame));
      case "mute" -> impose(StateStore.Sanction.MUTE, user(frame), frame);
      case "ban" -> impose(StateStore.Sanction.BAN, user(frame), frame);
      case "unmute" -> new RoomAction.Lift(StateStore.Sanction.MUTE, user(frame));
      case "unban" -> new RoomAction.Lift(StateStore.Sanction.BAN, user(frame));
      default -> null;
    };
  }

  private static RoomSettings.Change change(JsonObject frame) {
    Boolean isPrivate =
        CommandReader.present(frame, "private")
            ? (Boolean) CommandReader.flag(frame, "private", null)
            : null;
    Duration slow =
        CommandReader.present(frame, "slow")
            ? Duration.ofSeconds(Math.min(MAX_SECONDS, CommandReader.whole(frame, "slow", 0)))
            : null;
    return new RoomSettings.Change(isPrivate, CommandReader.optional(frame, "title"), slow);
  }

  private static String user(JsonObject frame) {
    return Names.check("user", CommandReader.required(frame, "user"));
  }

  /** Reads a sanction; without {@code seconds} it has no end. */
  static RoomAction.Impose impose(StateStore.Sanction sanction, String user, JsonObject frame) {
    Duration duration = StateStore.FOREVER;
    if (CommandReader.present(frame, "seconds")) {
      long seconds = CommandReader.whole(frame, "seconds", 1);
      if (seconds > MAX_SECONDS) {
        throw new ChatException(
            ErrorCode.BAD_REQUEST,
            "seconds: at most " + MAX_SECONDS + " expected; leave it away for ever");
      }
      duration = Duration.ofSeconds(seconds);
    }
    return new RoomAction.Impose(sanction, user, duration, reason(frame));
  }

  private static @Nullable String reason(JsonObject frame) {
    String reason = CommandReader.optional(frame, "reason");
    if (reason != null) {
      Names.utf8Length("reason", reason);
      if (reason.codePointCount(0, reason.length()) > MAX_REASON) {
        throw new ChatException(
            ErrorCode.TOO_LARGE, "reason: at most " + MAX_REASON + " characters expected");
      }
    }
    return reason;
  }
}
