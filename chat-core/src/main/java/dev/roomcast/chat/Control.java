package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other, beside what is announced in rooms: {@link Moved} and {@link Look}
 * as hints, a lost one costs time, nothing else; the others as {@link Notices}, which are not lost.
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
      return start("moved")
          .field("session", session)
          .field("node", node)
          .field("secretHash", secretHash)
          .json();
    }
  }

  /** The room was ended. */
  record Destroyed(String room) implements Control {
    @Override
    public Json toJson() {
      return start("destroyed").field("room", room).json();
    }
  }

  /** The application disconnects the user. */
  record Disconnect(String user) implements Control {
    @Override
    public Json toJson() {
      return start("disconnect").field("user", user).json();
    }
  }

  /** There is something new on the list of notices: read it. */
  record Look() implements Control {
    @Override
    public Json toJson() {
      return start("look").json();
    }
  }

  /**
   * What a user may do in the room is not what it was; an empty user stands for everybody, an empty
   * room for the whole service.
   */
  record Changed(String room, String user) implements Control {
    @Override
    public Json toJson() {
      return start("changed").field("room", room).field("user", user).json();
    }
  }

  /** The user's sessions leave the room. */
  record Kicked(String room, String user) implements Control {
    @Override
    public Json toJson() {
      return start("kicked").field("room", room).field("user", user).json();
    }
  }

  /** The user was invited to the room, or is no more; {@code by} is null for the application. */
  record Invitation(String room, String user, boolean invited, @Nullable User by)
      implements Control {
    @Override
    public Json toJson() {
      JsonText json =
          start("invitation").field("room", room).field("user", user).field("invited", invited);
      return (by == null ? json : json.field("by", by)).json();
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
    String room = string(object, "room");
    String user = string(object, "user");
    if (type == null) {
      return null;
    }
    return switch (type) {
      case "moved" -> moved(object);
      case "look" -> new Look();
      case "destroyed" -> room == null ? null : new Destroyed(room);
      case "disconnect" -> user == null ? null : new Disconnect(user);
      case "changed" -> room == null || user == null ? null : new Changed(room, user);
      case "kicked" -> room == null || user == null ? null : new Kicked(room, user);
      case "invitation" -> room == null || user == null ? null : invitation(object, room, user);
      default -> null;
    };
  }

  private static @Nullable Control moved(JsonObject object) {
    String session = string(object, "session");
    String node = string(object, "node");
    String secretHash = string(object, "secretHash");
    return session == null || node == null || secretHash == null
        ? null
        : new Moved(session, node, secretHash);
  }

  private static Control invitation(JsonObject object, String room, String user) {
    User by = null;
    if (object.get("by") instanceof JsonObject inviter) {
      String id = string(inviter, "id");
      String name = string(inviter, "name");
      by = id == null || name == null ? null : new User(id, name);
    }
    return new Invitation(room, user, "true".equals(string(object, "invited")), by);
  }

  private static @Nullable String string(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : null;
  }
}
