package dev.roomcast.chat;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a command as the frame that a client would send for it. Stateless. */
final class CommandText {

  private CommandText() {}

  /** A command's record has the names of the protocol; what differs is told here. */
  static String of(Command command) throws ReflectiveOperationException {
    String name = name(command);
    if (command instanceof Command.ReadHistory) {
      name = "history";
    } else if (command instanceof Command.Block block && !block.on()) {
      name = "unblock";
    } else if (command instanceof Command.Manage manage) {
      name = type(manage.action());
    }
    JsonText text = new JsonText().field("type", name);
    fields(text, command);
    return text.end();
  }

  private static String name(Object record) {
    return record.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  private static String type(RoomAction action) {
    if (action instanceof RoomAction.Appoint appoint) {
      return appoint.moderator() ? "appoint" : "dismiss";
    } else if (action instanceof RoomAction.Impose impose) {
      return impose.sanction().name().toLowerCase(Locale.ROOT);
    } else if (action instanceof RoomAction.Lift lift) {
      return "un" + lift.sanction().name().toLowerCase(Locale.ROOT);
    }
    return name(action);
  }

  private static void fields(JsonText text, Object record) throws ReflectiveOperationException {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      component.getAccessor().setAccessible(true);
      field(text, component.getName(), component.getAccessor().invoke(record));
    }
  }

  private static void field(JsonText text, String name, @Nullable Object value)
      throws ReflectiveOperationException {
    if (value instanceof RoomAction || value instanceof RoomSettings.Change) {
      fields(text, value);
    } else if (value instanceof StateStore.Sanction || name.equals("moderator")) {
      return; // the type says it
    } else if (value instanceof Duration duration) {
      if (!duration.equals(StateStore.FOREVER)) {
        text.field(name.equals("slowMode") ? "slow" : "seconds", duration.toSeconds());
      }
    } else if (value instanceof HistoryQuery query) {
      text.field("limit", query.limit());
      if (query instanceof HistoryQuery.Before before) {
        text.field("before", before.offset());
      } else if (query instanceof HistoryQuery.After after) {
        text.field("after", after.offset());
      }
    } else if (value instanceof Position position) {
      text.field(name, Json.of("offset", position.offset(), "epoch", position.epoch()));
    } else if (value != null && !(name.equals("replyTo") && value.equals(0L))) {
      text.field(name.equals("isPrivate") ? "private" : name, Json.value(value));
    }
  }
}
