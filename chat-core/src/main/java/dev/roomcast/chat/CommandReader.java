package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads client frames into {@link Command}s and says of a bad one which field is wrong and what was
 * expected. Immutable.
 */
final class CommandReader {

  private static final int MAX_ID = 64;
  static final int MAX_KEY = 128;
  static final int DEFAULT_PAGE = 50;
  static final int MAX_PAGE = 500;
  private static final int MAX_CONVERSATIONS = 100;

  /** A place in a list of conversations: when its newest frame came, and the room. */
  private static final Pattern PLACE = Pattern.compile("\\d{1,15}-dm:[^\\p{Cntrl}]{1,800}");

  private final Limits limits;
  private final HotCommands hot;

  CommandReader(Limits limits) {
    this.limits = limits;
    this.hot = new HotCommands(limits);
  }

  /**
   * Returns the command in {@code text}; never throws for bad input, see {@link Command.Invalid}.
   */
  Command read(String text) {
    return read(text, HotCommands.isPlain(text));
  }

  /** As {@link #read(String)}, of a text of which it is known whether it is plain. */
  Command read(String text, boolean plain) {
    Command command = hot.read(text, plain);
    return command != null ? command : readTree(text);
  }

  /** Reads any command, from the tree of its frame. */
  Command readTree(String text) {
    JsonObject frame;
    try {
      frame = parse(text);
    } catch (ChatException e) {
      return new Command.Invalid(null, e);
    }
    Json id = null;
    try {
      id = id(frame);
      return command(id, frame);
    } catch (ChatException e) {
      return new Command.Invalid(id, e);
    }
  }

  /** Returns the frame as it is, for an interceptor; what is no frame is invalid here already. */
  Command unread(String text) {
    try {
      JsonObject frame = parse(text);
      return new Command.Intercepted(id(frame), frame);
    } catch (ChatException e) {
      return new Command.Invalid(null, e);
    }
  }

  /** Reads a frame that an interceptor let through. */
  Command command(Command.Intercepted intercepted, JsonObject frame) {
    try {
      return command(intercepted.id(), frame);
    } catch (ChatException e) {
      return new Command.Invalid(intercepted.id(), e);
    }
  }

  private Command command(@Nullable Json id, JsonObject frame) {
    JsonElement type = frame.get("type");
    if (type == null) {
      throw bad("type: missing, a string expected");
    }
    return switch (string("type", type)) {
      case "message" -> message(id, frame);
      case "join" -> join(id, frame);
      case "leave" -> new Command.Leave(id, room(frame));
      case "event" -> event(id, frame);
      case "edit" -> edit(id, frame);
      case "delete" -> new Command.Delete(id, room(frame), whole(frame, "target", 1));
      case "react" -> react(id, frame);
      case "read" -> new Command.Read(id, room(frame), whole(frame, "offset", 1));
      case "direct" -> direct(id, frame);
      case "conversations" ->
          new Command.Conversations(id, place(frame), page(frame, MAX_CONVERSATIONS, DEFAULT_PAGE));
      case "block", "unblock" ->
          new Command.Block(
              id,
              Names.check("user", required(frame, "user")),
              string("type", type).equals("block"));
      case "typing" -> new Command.Typing(id, room(frame), flag(frame, "active", null));
      case "history" -> history(id, frame);
      case "members" ->
          new Command.Members(id, room(frame), after(frame), page(frame, MAX_PAGE, 100));
      case "rooms" ->
          new Command.Rooms(id, prefix(frame), after(frame), page(frame, MAX_PAGE, 100));
      case "ping" -> new Command.Ping(id, optionalNumber(frame, "ts"));
      case "auth" -> new Command.Auth(id, token(frame));
      default -> manage(id, string("type", type), frame);
    };
  }

  private static Command manage(@Nullable Json id, String type, JsonObject frame) {
    RoomAction action = RoomActionReader.read(type, frame);
    if (action == null) {
      throw new ChatException(
          ErrorCode.UNKNOWN_TYPE, "type: " + JsonText.quote(clip(type)) + " is not known");
    }
    return new Command.Manage(id, room(frame), action);
  }

  private static String prefix(JsonObject frame) {
    String prefix = optional(frame, "prefix");
    return prefix == null || prefix.isEmpty() ? "" : Names.check("prefix", prefix);
  }

  /** Reads a message that did not come by a connection. */
  Command.Message message(JsonObject frame) {
    return message(null, frame);
  }

  private Command.Message message(@Nullable Json id, JsonObject frame) {
    String room = room(frame);
    String text = required(frame, "text");
    checkText(text);
    String kind = optional(frame, "kind");
    if (kind != null && !kind.equals("text") && !kind.equals("action")) {
      throw bad("kind: \"text\" or \"action\" expected");
    }
    long replyTo = 0;
    if (present(frame, "replyTo")) {
      replyTo = whole(frame, "replyTo", 1);
    }
    return new Command.Message(
        id, room, text, key(frame), kind == null ? "text" : kind, replyTo, data(frame));
  }

  /** Reads an event that did not come by a connection. */
  Command.Event event(JsonObject frame) {
    return event(null, frame);
  }

  private Command.Event event(@Nullable Json id, JsonObject frame) {
    String room = room(frame);
    String name = Names.check("name", required(frame, "name"));
    Json data = data(frame);
    if (data == null) {
      throw bad("data: missing, any JSON expected");
    }
    return new Command.Event(id, room, name, data, key(frame), flag(frame, "ephemeral", false));
  }

  private Command join(@Nullable Json id, JsonObject frame) {
    String room = room(frame);
    Position since = null;
    if (present(frame, "since")) {
      if (!(frame.get("since") instanceof JsonObject position)) {
        throw bad("since: a position expected, as in {\"offset\":41,\"epoch\":\"k3\"}");
      }
      since = since(position);
    }
    int history = DEFAULT_PAGE;
    if (present(frame, "history")) {
      history = (int) Math.min(MAX_PAGE, whole(frame, "history", 0));
    }
    return new Command.Join(id, room, since, history);
  }

  private static Position since(JsonObject position) {
    try {
      String epoch = required(position, "epoch");
      if (epoch.length() > MAX_ID) {
        throw bad("epoch: at most " + MAX_ID + " characters expected");
      }
      return new Position(epoch, whole(position, "offset", 0));
    } catch (ChatException e) {
      throw new ChatException(e.code(), "since." + e.getMessage(), e);
    }
  }

  private Command history(@Nullable Json id, JsonObject frame) {
    String room = room(frame);
    int limit = page(frame, MAX_PAGE, DEFAULT_PAGE);
    boolean before = present(frame, "before");
    boolean after = present(frame, "after");
    if (before && after) {
      throw bad("before: not together with after");
    }
    HistoryQuery query;
    if (before) {
      query = new HistoryQuery.Before(whole(frame, "before", 0), limit);
    } else if (after) {
      query = new HistoryQuery.After(whole(frame, "after", 0), limit);
    } else {
      query = new HistoryQuery.Newest(limit);
    }
    return new Command.ReadHistory(id, room, query);
  }

  private void checkText(String text) {
    if (text.isEmpty()) {
      throw bad("text: must not be empty");
    }
    Names.utf8Length("text", text);
    if (text.length() > limits.textLength()
        && text.codePointCount(0, text.length()) > limits.textLength()) {
      throw new ChatException(
          ErrorCode.TOO_LARGE,
          "text: at most " + limits.textLength() + " characters (code points) expected");
    }
  }

  private Command edit(@Nullable Json id, JsonObject frame) {
    String text = required(frame, "text");
    checkText(text);
    return new Command.Edit(id, room(frame), whole(frame, "target", 1), text);
  }

  /** Reads a direct message that did not come by a connection. */
  Command.Direct direct(JsonObject frame) {
    return direct(null, frame);
  }

  private Command.Direct direct(@Nullable Json id, JsonObject frame) {
    String text = required(frame, "text");
    checkText(text);
    String to = Names.check("to", required(frame, "to"));
    return new Command.Direct(id, to, text, key(frame), data(frame));
  }

  /** Checks a direct message of the application. */
  Command.Direct direct(String to, String text, @Nullable Json data) {
    checkText(text);
    return new Command.Direct(null, to, text, null, data);
  }

  private static String place(JsonObject frame) {
    String after = optional(frame, "after");
    if (after == null || after.isEmpty()) {
      return "";
    }
    if (!PLACE.matcher(after).matches()) {
      throw bad("after: the \"next\" of a page expected");
    }
    return after;
  }

  private static Command react(@Nullable Json id, JsonObject frame) {
    String emoji = required(frame, "emoji");
    if (!Emoji.is(emoji)) {
      throw bad("emoji: one emoji expected, not " + JsonText.quote(clip(emoji)));
    }
    return new Command.React(
        id, room(frame), whole(frame, "target", 1), emoji, flag(frame, "on", true));
  }

  /** Reads the user that an application speaks for: {@code id}, and {@code name}, else the id. */
  static User user(JsonObject frame) {
    if (!(frame.get("user") instanceof JsonObject user)) {
      throw bad("user: an object expected, as in {\"id\":\"u42\",\"name\":\"Ann\"}");
    }
    String id = optional(user, "id");
    if (id == null) {
      throw bad("user.id: missing, a string expected");
    }
    String name = optional(user, "name");
    return new User(id, name == null ? id : name);
  }

  private static @Nullable String key(JsonObject frame) {
    String key = optional(frame, "key");
    if (key != null && (key.isEmpty() || key.length() > MAX_KEY)) {
      throw bad("key: 1 to " + MAX_KEY + " characters expected");
    }
    if (key != null) {
      Names.utf8Length("key", key);
    }
    return key;
  }

  private static @Nullable Json data(JsonObject frame) {
    JsonElement data = frame.get("data");
    if (data == null) {
      return null;
    }
    String text = data.toString();
    Names.utf8Length("data", text);
    return Json.trusted(text);
  }

  private static String room(JsonObject frame) {
    return Names.room(required(frame, "room"));
  }

  private static String token(JsonObject frame) {
    String token = required(frame, "token");
    Names.utf8Length("token", token);
    return token;
  }

  private static String after(JsonObject frame) {
    String after = optional(frame, "after");
    return after == null || after.isEmpty() ? "" : Names.check("after", after);
  }

  /** Reads {@code limit}: 1 to {@code max}; a larger one is {@code max}. */
  private static int page(JsonObject frame, int max, int otherwise) {
    return present(frame, "limit") ? (int) Math.min(max, whole(frame, "limit", 1)) : otherwise;
  }

  private static @Nullable Json id(JsonObject frame) {
    JsonElement id = frame.get("id");
    if (id == null || id.isJsonNull()) {
      return null;
    }
    boolean ok =
        id instanceof JsonPrimitive p && (p.isString() || p.isNumber()) && fits(p.getAsString());
    if (!ok) {
      throw bad("id: a string or number of at most " + MAX_ID + " characters expected");
    }
    return Json.trusted(id.toString());
  }

  private static boolean fits(String id) {
    Names.utf8Length("id", id);
    return id.length() <= MAX_ID;
  }

  static boolean present(JsonObject frame, String field) {
    JsonElement value = frame.get(field);
    return value != null && !value.isJsonNull();
  }

  static String required(JsonObject frame, String field) {
    String value = optional(frame, field);
    if (value == null) {
      throw bad(field + ": missing, a string expected");
    }
    return value;
  }

  static @Nullable String optional(JsonObject frame, String field) {
    JsonElement value = frame.get(field);
    return value == null || value.isJsonNull() ? null : string(field, value);
  }

  private static String string(String field, JsonElement value) {
    if (value instanceof JsonPrimitive p && p.isString()) {
      return p.getAsString();
    }
    throw bad(field + ": a string expected, not " + kind(value));
  }

  static boolean flag(JsonObject frame, String field, @Nullable Boolean otherwise) {
    JsonElement value = frame.get(field);
    if (value instanceof JsonPrimitive p && p.isBoolean()) {
      return p.getAsBoolean();
    }
    if ((value == null || value.isJsonNull()) && otherwise != null) {
      return otherwise;
    }
    throw bad(field + ": true or false expected, not " + kind(value));
  }

  private static @Nullable Json optionalNumber(JsonObject frame, String field) {
    JsonElement value = frame.get(field);
    if (value == null || value.isJsonNull()) {
      return null;
    }
    if (value instanceof JsonPrimitive p && p.isNumber() && p.getAsString().length() <= MAX_ID) {
      return Json.trusted(value.toString());
    }
    throw bad(field + ": a number expected, not " + kind(value));
  }

  static long whole(JsonObject frame, String field, long least) {
    JsonElement value = frame.get(field);
    if (value instanceof JsonPrimitive p && p.isNumber() && p.getAsString().length() <= MAX_ID) {
      try {
        BigDecimal number = new BigDecimal(p.getAsString());
        // A scale out of this range is no whole long, and must not be expanded to find that out.
        if (Math.abs((long) number.scale()) < MAX_ID) {
          long whole = number.longValueExact();
          if (whole >= least) {
            return whole;
          }
        }
      } catch (ArithmeticException | NumberFormatException e) {
        throw new ChatException(
            ErrorCode.BAD_REQUEST, field + ": a whole number from " + least + " on expected", e);
      }
    }
    throw bad(field + ": a whole number from " + least + " on expected");
  }

  private static String kind(@Nullable JsonElement value) {
    if (value == null) {
      return "nothing";
    } else if (value.isJsonNull()) {
      return "null";
    } else if (value.isJsonObject()) {
      return "an object";
    } else if (value.isJsonArray()) {
      return "an array";
    }
    JsonPrimitive p = value.getAsJsonPrimitive();
    return p.isString() ? "a string" : p.isNumber() ? "a number" : "a boolean";
  }

  private static String clip(String value) {
    return value.length() <= 40 ? value : value.substring(0, 40) + "...";
  }

  /** Returns the JSON object in {@code text}, or throws {@code bad_json}. */
  JsonObject parse(String text) {
    try {
      return parse(text, Strictness.STRICT);
    } catch (ChatException e) {
      if (e.code() != ErrorCode.BAD_JSON) {
        throw e;
      }
      JsonObject frame = withUnpairedSurrogates(text);
      if (frame == null) {
        throw e;
      }
      return frame;
    }
  }

  /**
   * Newer Gson takes unpaired surrogates for bad JSON. They are a bad value of a field, which the
   * checks that follow can name; null when something else is wrong.
   */
  private @Nullable JsonObject withUnpairedSurrogates(String text) {
    try {
      JsonObject frame = parse(text, Strictness.LEGACY_STRICT);
      try {
        Names.utf8Length("frame", frame.toString());
        return null;
      } catch (ChatException unpaired) {
        return frame;
      }
    } catch (ChatException otherwiseWrong) {
      return null;
    }
  }

  private JsonObject parse(String text, Strictness strictness) {
    try (JsonReader reader = new CountingReader(text, limits.jsonFields())) {
      reader.setStrictness(strictness);
      reader.setNestingLimit(limits.jsonDepth());
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw new ChatException(ErrorCode.BAD_JSON, "a JSON object expected");
      }
      JsonElement frame = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new ChatException(ErrorCode.BAD_JSON, "one JSON object per frame expected");
      }
      return frame.getAsJsonObject();
    } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new ChatException(
          ErrorCode.BAD_JSON,
          "not a JSON object, or nested deeper than " + limits.jsonDepth() + " levels",
          e);
    }
  }

  /** Counts values while they are read, so that no tree grows beyond the bound. Confined. */
  private static final class CountingReader extends JsonReader {
    private final int most;
    private int values;

    CountingReader(String text, int most) {
      super(new StringReader(text));
      this.most = most;
    }

    @Override
    public boolean hasNext() throws IOException {
      boolean next = super.hasNext();
      if (next && ++values > most) {
        throw new ChatException(
            ErrorCode.TOO_LARGE, "at most " + most + " values in a frame expected");
      }
      return next;
    }
  }

  private static ChatException bad(String message) {
    return new ChatException(ErrorCode.BAD_REQUEST, message);
  }
}
