package dev.roomcast.examples.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All that is sent in a run, each with a key of its own: messages and new texts carry it, other
 * changes are sent once by each client. Confined to the loop's thread.
 */
final class Messages {

  /** What reactions are made with. */
  static final String EMOJI = "\uD83D\uDC4D";

  /** What nobody sent. */
  static final int NOBODYS = -1;

  /** A frame that does not say any more which one it is: the edit of a message that was deleted. */
  static final int UNNAMED = -2;

  private final String run;
  private final int bytes;
  private final List<Sent> all = new ArrayList<>();
  private final Map<Change, Integer> changes = new HashMap<>();

  /** What identifies a change that has no text. */
  private record Change(String room, String user, Sent.Kind kind, long target) {}

  /**
   * @param run a name that no other run has
   * @param bytes how long each text is
   */
  Messages(String run, int bytes) {
    this.run = run;
    this.bytes = bytes;
  }

  Sent add(int client, String room, long due) {
    return add(client, room, Sent.Kind.MESSAGE, 0, due);
  }

  Sent add(int client, String room, Sent.Kind kind, long target, long due) {
    Sent sent = new Sent(all.size(), client, room, run + "-" + all.size(), kind, target, due);
    all.add(sent);
    return sent;
  }

  Sent get(int index) {
    return all.get(index);
  }

  List<Sent> all() {
    return all;
  }

  /** The text of a message or an edit: its key, filled up. */
  String text(Sent sent) {
    return sent.key + ".".repeat(Math.max(0, bytes - sent.key.length()));
  }

  /** The command that sends it: its JSON without the end. */
  String command(Sent sent) {
    if (sent.kind.changes()) {
      changes.put(new Change(sent.room, sent.user, sent.kind, sent.target), sent.index);
    }
    String start = "{\"type\":\"" + sent.kind.type + "\",";
    String room = "\"room\":\"" + sent.room + "\"";
    String keyed = ",\"key\":\"" + sent.key + "\",\"text\":\"" + text(sent) + "\"";
    String target = ",\"target\":" + sent.target;
    return start
        + switch (sent.kind) {
          case MESSAGE -> room + keyed;
          case DIRECT -> "\"to\":\"" + Directs.other(sent.room, sent.user) + "\"" + keyed;
          case EDIT -> room + target + ",\"text\":\"" + text(sent) + "\"";
          case DELETE -> room + target;
          case REACT, UNREACT ->
              room
                  + target
                  + ",\"emoji\":\""
                  + EMOJI
                  + "\",\"on\":"
                  + (sent.kind == Sent.Kind.REACT);
        };
  }

  /** Returns which one a frame is; {@link #NOBODYS} when it is not exactly one that was sent. */
  int indexOf(JsonObject frame) {
    return switch (string(frame, "type")) {
      case "message" -> said(frame, Sent.Kind.MESSAGE);
      case "direct" -> said(frame, Sent.Kind.DIRECT);
      case "edit" ->
          frame.has("deleted") && !frame.has("text") ? UNNAMED : edit(frame, string(frame, "text"));
      case "delete" -> change(frame, Sent.Kind.DELETE);
      case "react" ->
          !string(frame, "emoji").equals(EMOJI)
              ? NOBODYS
              : change(frame, frame.get("on").getAsBoolean() ? Sent.Kind.REACT : Sent.Kind.UNREACT);
      default -> NOBODYS;
    };
  }

  /** A message: as it was sent, or as changes left it. */
  private int said(JsonObject frame, Sent.Kind kind) {
    int index = number(string(frame, "key"));
    if (index < 0) {
      return NOBODYS;
    }
    Sent sent = all.get(index);
    boolean text =
        frame.has("deleted")
            ? !frame.has("text")
            : frame.has("edited")
                ? number(string(frame, "text")) >= 0
                : string(frame, "text").equals(text(sent));
    boolean same =
        sent.kind == kind && isOf(frame, sent) && text && string(frame, "kind").equals("text");
    return same ? index : NOBODYS;
  }

  private int edit(JsonObject frame, String text) {
    int index = number(text);
    if (index < 0) {
      return NOBODYS;
    }
    Sent sent = all.get(index);
    boolean same =
        sent.kind == Sent.Kind.EDIT
            && isOf(frame, sent)
            && text.equals(text(sent))
            && frame.get("target").getAsLong() == sent.target;
    return same ? index : NOBODYS;
  }

  private int change(JsonObject frame, Sent.Kind kind) {
    String user = frame.getAsJsonObject("user").get("id").getAsString();
    long target = frame.get("target").getAsLong();
    return changes.getOrDefault(new Change(string(frame, "room"), user, kind, target), NOBODYS);
  }

  private static boolean isOf(JsonObject frame, Sent sent) {
    return sent.attempts > 0
        && string(frame, "room").equals(sent.room)
        && frame.getAsJsonObject("user").get("id").getAsString().equals(sent.user);
  }

  /** The number in a key, or a text that begins with one; -1 when there is none. */
  private int number(String key) {
    String filled = key.replaceAll("\\.+$", "");
    if (!filled.startsWith(run + "-")) {
      return -1;
    }
    try {
      int index = Integer.parseInt(filled.substring(run.length() + 1));
      return index >= 0 && index < all.size() ? index : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static String string(JsonObject frame, String field) {
    JsonElement value = frame.get(field);
    return value == null ? "" : value.getAsString();
  }
}
