package dev.roomcast.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A room of two users, or of one with herself, and its name: {@code dm:} and the two ids in the
 * order of their bytes with a colon between, {@code %} and {@code :} in them percent-encoded. So a
 * pair of users has one name, and a name one pair.
 *
 * <p>Immutable.
 *
 * @param room the name
 * @param first the id of one user
 * @param second the id of the other, or the same
 */
record Conversation(String room, String first, String second) {

  static final String PREFIX = "dm:";

  static Conversation between(String a, String b) {
    boolean inOrder = Utf8Order.INSTANCE.compare(a, b) <= 0;
    String first = inOrder ? a : b;
    String second = inOrder ? b : a;
    return new Conversation(PREFIX + escape(first) + ':' + escape(second), first, second);
  }

  /** Whether the name is one of a conversation, well-formed or not. */
  static boolean is(String room) {
    return room.startsWith(PREFIX);
  }

  /** Returns null when this is not the name of a conversation. */
  static @Nullable Conversation of(String room) {
    int colon = is(room) ? room.indexOf(':', PREFIX.length()) : -1;
    if (colon < 0) {
      return null;
    }
    Conversation conversation =
        between(
            unescape(room.substring(PREFIX.length(), colon)), unescape(room.substring(colon + 1)));
    return conversation.room.equals(room) && conversation.hasNames() ? conversation : null;
  }

  private boolean hasNames() {
    try {
      Names.check("user", first);
      Names.check("user", second);
      return true;
    } catch (ChatException e) {
      return false;
    }
  }

  private static String escape(String id) {
    return id.replace("%", "%25").replace(":", "%3A");
  }

  private static String unescape(String id) {
    return id.replace("%3A", ":").replace("%25", "%");
  }

  boolean has(String user) {
    return first.equals(user) || second.equals(user);
  }

  /** The user that this one talks with. */
  String other(String user) {
    return first.equals(user) ? second : first;
  }

  List<String> users() {
    return first.equals(second) ? List.of(first) : List.of(first, second);
  }
}
