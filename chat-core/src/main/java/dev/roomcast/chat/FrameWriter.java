package dev.roomcast.chat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of the protocol's "Server to client". Stateless.
 *
 * <p>A logged frame is a body, which is what the log has, and a position, which only the log knows:
 * {@link #logged} puts the two together, without reading the body.
 */
final class FrameWriter {

  /** Most a {@code welcome} has fewer characters. */
  private static final int WELCOME = 1_024;

  /** What a position takes besides the offset's digits and the epoch. */
  private static final int POSITION = ",'offset':,'epoch':''".length();

  /** What a message takes besides its values and what few have. */
  private static final int MESSAGE =
      "{'type':'message','room':'','ts':,'user':{'id':'','name':''},'text':'','kind':''}".length();

  private FrameWriter() {}

  /** The wire form of a logged frame, the same everywhere: live, in history, over HTTP. */
  static byte[] logged(Publication publication) {
    int more = POSITION + JsonText.digits(publication.offset()) + publication.epoch().length();
    return JsonText.continuing(publication.body().bytes(), more)
        .field("offset", publication.offset())
        .field("epoch", publication.epoch())
        .utf8();
  }

  private static List<String> logged(List<Publication> publications) {
    List<String> frames = new ArrayList<>(publications.size());
    for (Publication publication : publications) {
      frames.add(new String(logged(publication), StandardCharsets.UTF_8));
    }
    return frames;
  }

  static Json messageBody(Command.Message command, User user, long ts) {
    JsonText json =
        new JsonText(length(command, user, ts))
            .field("type", "message")
            .field("room", command.room())
            .field("ts", ts)
            .field("user", user)
            .field("text", command.text())
            .field("kind", command.kind());
    if (command.key() != null) {
      json.field("key", command.key());
    }
    if (command.replyTo() > 0) {
      json.field("replyTo", command.replyTo());
    }
    if (command.data() != null) {
      json.field("data", command.data());
    }
    return json.json();
  }

  /** Of most messages, which have ASCII and neither escapes nor anything optional. */
  private static int length(Command.Message command, User user, long ts) {
    return MESSAGE
        + command.room().length()
        + JsonText.digits(ts)
        + user.id().length()
        + user.name().length()
        + command.text().length()
        + command.kind().length();
  }

  /** As a message, to another user. */
  static Json directBody(Command.Message command, User user, String to, long ts) {
    JsonFields fields = JsonFields.of(messageBody(command, user, ts));
    fields.set("type", Json.value("direct"));
    fields.set("to", Json.value(to));
    return fields.json();
  }

  /** An event for a user, wherever that is. */
  static Json userEvent(String name, Json data, long ts) {
    return new JsonText()
        .field("type", "event")
        .field("ts", ts)
        .field("name", name)
        .field("data", data)
        .json();
  }

  static Json eventBody(String room, String name, Json data, @Nullable User user, long ts) {
    JsonText json = new JsonText().field("type", "event").field("room", room).field("ts", ts);
    if (user != null) {
      json.field("user", user);
    }
    return json.field("name", name).field("data", data).json();
  }

  static Json read(String room, User user, long offset) {
    return new JsonText()
        .field("type", "read")
        .field("room", room)
        .field("user", user)
        .field("offset", offset)
        .json();
  }

  static String conversations(@Nullable Json re, String user, Broker.ConversationPage page) {
    List<String> all = new ArrayList<>(page.conversations().size());
    for (Broker.ConversationInfo info : page.conversations()) {
      Conversation conversation = Conversation.of(info.room());
      if (conversation != null) {
        String other = conversation.other(user);
        JsonText json =
            new JsonText()
                .field("room", info.room())
                .field("user", new User(other, info.other().isEmpty() ? other : info.other()));
        if (info.last() != null) {
          json.field("last", Json.trusted(new String(logged(info.last()), StandardCharsets.UTF_8)));
        }
        all.add(json.field("unread", info.unread()).end());
      }
    }
    JsonText json = reply("conversations", re).array("conversations", all);
    if (page.next() != null) {
      json.field("next", page.next());
    }
    return json.end();
  }

  static Json typing(String room, User user, boolean active) {
    return new JsonText()
        .field("type", "typing")
        .field("room", room)
        .field("user", user)
        .field("active", active)
        .json();
  }

  static String presence(
      String room, Collection<User> joined, Collection<User> left, long count, boolean countOnly) {
    JsonText json = new JsonText().field("type", "presence").field("room", room);
    if (!countOnly) {
      json.field("joined", joined).field("left", left);
    }
    return json.field("count", count).end();
  }

  static String gap(String room, Position position, long from) {
    return new JsonText()
        .field("type", "gap")
        .field("room", room)
        .field("offset", position.offset())
        .field("epoch", position.epoch())
        .field("from", from)
        .end();
  }

  static String welcome(
      ClientSession session,
      String resume,
      boolean resumed,
      Collection<String> rooms,
      @Nullable Json unread,
      String node,
      long time,
      Limits limits) {
    List<String> names = new ArrayList<>();
    rooms.stream().sorted().forEach(room -> names.add(JsonText.quote(room)));
    JsonText json = new JsonText(WELCOME);
    json.field("type", "welcome")
        .field("v", 1)
        .field("session", session.id())
        .field("resume", resume)
        .field("resumeTtl", limits.resumeTtl().toSeconds())
        .field("resumed", resumed)
        .field("user", session.user())
        .field("node", node)
        .field("time", time)
        .array("rooms", names);
    if (unread != null) {
      json.field("unread", unread);
    }
    json.open("limits")
        .field("frameBytes", limits.frameBytes())
        .field("textLength", limits.textLength())
        .field("roomsPerSession", limits.roomsPerSession())
        .field("commandsPerSecond", limits.commandsPerSecond())
        .field("commandsBurst", limits.commandsBurst())
        .field("bytesPerSecond", limits.bytesPerSecond())
        .field("bytesBurst", limits.bytesBurst())
        .field("userCommandsPerSecond", limits.userCommandsPerSecond())
        .field("userCommandsBurst", limits.userCommandsBurst())
        .close()
        .field("heartbeat", limits.heartbeat().toSeconds());
    return expires(json, session.expires()).end();
  }

  static String authenticated(@Nullable Json re, long expires) {
    return expires(reply("authenticated", re), expires).end();
  }

  private static JsonText expires(JsonText json, long expires) {
    return expires == ClientSession.NEVER ? json : json.field("expires", expires);
  }

  static String joined(
      Command.Join command,
      Position position,
      @Nullable Boolean recovered,
      List<Publication> history,
      RoomManager.Membership membership,
      @Nullable Long unread) {
    JsonText json =
        reply("joined", command.id())
            .field("room", command.room())
            .field("offset", position.offset())
            .field("epoch", position.epoch());
    if (recovered != null) {
      json.field("recovered", recovered);
    }
    json.array("history", logged(history))
        .field("members", membership.members())
        .field("count", membership.count());
    if (unread != null) {
      json.field("unread", unread);
    }
    return json.end();
  }

  static String left(@Nullable Json re, String room, String reason) {
    return reply("left", re).field("room", room).field("reason", reason).end();
  }

  /** An ack's fields, after {@code start}: which is a reply's head, or empty for HTTP. */
  static String ack(JsonText start, Ack ack) {
    start
        .field("offset", ack.position().offset())
        .field("epoch", ack.position().epoch())
        .field("ts", ack.ts());
    if (ack.duplicate()) {
      start.field("duplicate", true);
    }
    return start.end();
  }

  /** The answer to a command that logs nothing. */
  static String plainAck(JsonText start, long ts) {
    return start.field("ts", ts).end();
  }

  static String pong(@Nullable Json re, @Nullable Json ts) {
    JsonText json = reply("pong", re);
    if (ts != null) {
      json.field("ts", ts);
    }
    return json.end();
  }

  static String error(@Nullable Json re, ChatException problem) {
    String message = problem.getMessage();
    JsonText json =
        reply("error", re)
            .field("code", problem.code().wire())
            .field("message", message == null ? problem.code().wire() : message);
    if (!problem.retryAfter().isZero()) {
      json.field("retryAfter", problem.retryAfter().toMillis());
    }
    return json.end();
  }

  static String closing(long reconnectAfter, String reason) {
    return new JsonText()
        .field("type", "closing")
        .field("reconnectAfter", reconnectAfter)
        .field("reason", reason)
        .end();
  }

  /** A reply's fields, after {@code start}: which is a reply's head, or empty for HTTP. */
  static String history(JsonText start, String room, History page) {
    return start
        .field("room", room)
        .array("frames", logged(page.publications()))
        .field("epoch", page.top().epoch())
        .field("top", page.top().offset())
        .field("more", page.more())
        .end();
  }

  static String members(JsonText start, String room, RoomManager.MembersPage page) {
    start.field("room", room).field("members", page.members()).field("count", page.count());
    if (page.more() && !page.members().isEmpty()) {
      start.field("next", page.members().get(page.members().size() - 1).id());
    }
    return start.end();
  }

  static String rooms(JsonText start, RoomList page) {
    List<String> rooms = new ArrayList<>(page.rooms().size());
    for (RoomManager.RoomInfo room : page.rooms()) {
      JsonText json = roomFields(room);
      Long unread = page.unread().get(room.room());
      rooms.add(unread == null ? json.end() : json.field("unread", unread).end());
    }
    start.array("rooms", rooms);
    if (page.next() != null) {
      start.field("next", page.next());
    }
    return start.end();
  }

  /** All there is to say about a room: who made it what it is, and how far its log has got. */
  static String room(RoomManager.RoomInfo room, History newest) {
    JsonText json = roomFields(room);
    RoomSettings settings = room.settings();
    if (settings != null) {
      json.field("createdAt", settings.createdAt().toEpochMilli());
      if (settings.owner() != null) {
        json.field("createdBy", settings.owner());
      }
      json.field("slow", settings.slowMode().toSeconds());
      json.array(
          "moderators", settings.moderators().stream().sorted().map(JsonText::quote).toList());
    }
    List<Publication> last = newest.publications();
    if (!last.isEmpty()) {
      json.field("lastActivity", last.get(last.size() - 1).ts());
    }
    Position top = newest.top();
    return json.field("epoch", top.epoch()).field("top", top.offset()).end();
  }

  private static JsonText roomFields(RoomManager.RoomInfo room) {
    JsonText json = new JsonText().field("room", room.room());
    RoomSettings settings = room.settings();
    if (settings != null && settings.title() != null) {
      json.field("title", settings.title());
    }
    return json.field("private", room.isPrivate()).field("count", room.count());
  }

  /** A created room's fields, after {@code start}: which is a reply's head, or empty for HTTP. */
  static String created(JsonText start, String room, RoomSettings.Change change) {
    start.field("room", room).field("private", Boolean.TRUE.equals(change.isPrivate()));
    String title = change.title();
    return (title == null || title.isEmpty() ? start : start.field("title", title)).end();
  }

  static String invitation(Control.Invitation invitation) {
    JsonText json =
        new JsonText()
            .field("type", invitation.invited() ? "invited" : "uninvited")
            .field("room", invitation.room());
    return (invitation.by() == null ? json : json.field("user", invitation.by())).end();
  }

  /** The command that a room in the path stands for: interceptors see it like any other. */
  static String join(String room) {
    return new JsonText().field("type", "join").field("room", room).end();
  }

  /** An application's own answer. */
  static String application(@Nullable Json re, Json object) {
    String text = object.text().strip();
    return re == null
        ? text
        : JsonText.continuing(text.getBytes(StandardCharsets.UTF_8), 64).field("re", re).end();
  }

  /** The head of a reply. */
  static JsonText reply(String type, @Nullable Json re) {
    JsonText json = new JsonText().field("type", type);
    return re == null ? json : json.field("re", re);
  }
}
