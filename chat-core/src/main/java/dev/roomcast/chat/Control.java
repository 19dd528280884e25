package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other, beside what is announced in rooms. All hints: a lost one costs
 * time, nothing else.
 *
 * <p>Immutable.
 */
sealed interface Control {

  /**
   * The session is with {@code node} now, which took it over with the secret of this hash. A node
   * where the session has another secret got it later, and keeps it.
   */
  record Moved(String session, String node, String secretHash) implements Control {
    @Override
    public Json toJson() {
      return Json.trusted(
          start("moved")
              .field("session", session)
              .field("node", node)
              .field("secretHash", secretHash)
              .end());
    }
  }

  /** The room was ended. */
  record Destroyed(String room) implements Control {
    @Override
    public Json toJson() {
      return Json.trusted(start("destroyed").field("room", room).end());
    }
  }

  /** The application disconnects the user. */
  record Disconnect(String user) implements Control {
    @Override
    public Json toJson() {
      return Json.trusted(start("disconnect").field("user", user).end());
    }
  }

  Json toJson();

  private static JsonText start(String type) {
    return new JsonText().field("v", 1).field("type", type);
  }

  /** Returns null for what another release says and this one does not know, and for rubbish. */
  static @Nullable Control read(Json json) {
    JsonElement tree;
    try {
      tree = json.tree();
    } catch (JsonParseException e) {
      return null;
    }
    if (!(tree instanceof JsonObject object)) {
      return null;
    }
    String type = string(object, "type");
    if ("moved".equals(type)) {
      String session = string(object, "session");
      String node = string(object, "node");
      String secretHash = string(object, "secretHash");
      return session == null || node == null || secretHash == null
          ? null
          : new Moved(session, node, secretHash);
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
