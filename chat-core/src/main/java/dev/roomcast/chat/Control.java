package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other, beside what is announced in rooms. All hints: a lost one costs
 * time, nothing else.
 *
 * <p>Immutable.
 */
sealed interface Control {

  /** The session is with {@code node} now. */
  record Moved(String session, String node) implements Control {
    @Override
    public Json toJson() {
      return text("moved", "session", session, "node", node);
    }
  }

  /** The room was ended. */
  record Destroyed(String room) implements Control {
    @Override
    public Json toJson() {
      return text("destroyed", "room", room, "", "");
    }
  }

  /** The application disconnects the user. */
  record Disconnect(String user) implements Control {
    @Override
    public Json toJson() {
      return text("disconnect", "user", user, "", "");
    }
  }

  Json toJson();

  private static Json text(String type, String name, String value, String name2, String value2) {
    JsonText json = new JsonText().field("v", 1).field("type", type).field(name, value);
    if (!name2.isEmpty()) {
      json.field(name2, value2);
    }
    return Json.trusted(json.end());
  }

  /** Returns null for what another release says and this one does not know. */
  static @Nullable Control read(Json json) {
    if (!(json.tree() instanceof JsonObject object)) {
      return null;
    }
    String type = string(object, "type");
    if ("moved".equals(type)) {
      String session = string(object, "session");
      String node = string(object, "node");
      return session == null || node == null ? null : new Moved(session, node);
    } else if ("destroyed".equals(type)) {
      String room = string(object, "room");
      return room == null ? null : new Destroyed(room);
    } else if ("disconnect".equals(type)) {
      String user = string(object, "user");
      return user == null ? null : new Disconnect(user);
    }
    return null;
  }

  private static @Nullable String string(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : null;
  }
}
