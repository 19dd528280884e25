package dev.roomcast.chat;

import java.lang.reflect.RecordComponent;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a command as the frame that a client would send for it. Stateless. */
final class CommandText {

  private CommandText() {}

  /** A command's record has the names of the protocol; what differs is told here. */
  static String of(Command command) throws ReflectiveOperationException {
    String name = command.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    JsonText text =
        new JsonText().field("type", command instanceof Command.ReadHistory ? "history" : name);
    for (RecordComponent component : command.getClass().getRecordComponents()) {
      field(text, component.getName(), component.getAccessor().invoke(command));
    }
    return text.end();
  }

  private static void field(JsonText text, String name, @Nullable Object value) {
    if (value instanceof HistoryQuery query) {
      text.field("limit", query.limit());
      if (query instanceof HistoryQuery.Before before) {
        text.field("before", before.offset());
      } else if (query instanceof HistoryQuery.After after) {
        text.field("after", after.offset());
      }
    } else if (value instanceof Position position) {
      text.field(name, Json.of("offset", position.offset(), "epoch", position.epoch()));
    } else if (value != null && !(name.equals("replyTo") && value.equals(0L))) {
      text.field(name, Json.value(value));
    }
  }
}
