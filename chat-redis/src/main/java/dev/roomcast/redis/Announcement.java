package dev.roomcast.redis;

import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.User;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is published to a room's channel. It begins with the version of the format and a letter:
 *
 * <ul>
 *   <li>{@code 1P<epoch> <first offset> <n>\n}, then n entries of the log, each {@code
 *       <length>\n<ts> <messages before>:<body>}
 *   <li>{@code 1E<frame>}
 *   <li>{@code 1D<length of room> <room>} and the rest of a {@code 1P}, to the nodes of a
 *       conversation's users
 *   <li>{@code 1T<length of user> <user><frame>}, to the nodes of a user
 *   <li>{@code 1U<+ or -><count> <length of id> <id><name>}
 * </ul>
 *
 * <p>Immutable.
 */
sealed interface Announcement {

  /** A batch was logged. */
  record Logged(List<Publication> publications) implements Announcement {}

  /** A frame that is not logged. */
  record Ephemeral(Json frame) implements Announcement {}

  /** An edge of presence. */
  record Edge(PresenceChange change) implements Announcement {}

  /** A batch was logged in a conversation. */
  record Direct(String room, List<Publication> publications) implements Announcement {}

  /** A frame for a user, which is not logged. */
  record Told(String user, Json frame) implements Announcement {}

  byte VERSION = '1';

  /** Returns null for the announcement of another release that this one does not know. */
  static @Nullable Announcement read(String room, byte[] payload) {
    if (payload.length < 2 || payload[0] != VERSION) {
      return null;
    }
    return switch (payload[1]) {
      case 'P' -> new Logged(new Cursor(payload).batch(room));
      case 'E' -> new Ephemeral(Json.ofUtf8(payload, 2, payload.length));
      case 'U' -> new Edge(new Cursor(payload).edge());
      case 'D' -> new Cursor(payload).direct();
      case 'T' -> new Cursor(payload).told();
      default -> null;
    };
  }

  /** Returns the announcement of a frame that is not logged. */
  static byte[] ephemeral(Json frame) {
    byte[] body = frame.toUtf8();
    byte[] payload = new byte[body.length + 2];
    payload[0] = VERSION;
    payload[1] = 'E';
    System.arraycopy(body, 0, payload, 2, body.length);
    return payload;
  }

  /** Returns the announcement of a frame for a user. */
  static byte[] told(String user, Json frame) {
    byte[] head =
        ("1T" + user.getBytes(StandardCharsets.UTF_8).length + " " + user)
            .getBytes(StandardCharsets.UTF_8);
    byte[] body = frame.toUtf8();
    byte[] payload = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, payload, head.length, body.length);
    return payload;
  }

  /** Returns the publication that an entry {@code <ts> <messages before>:<body>} of a log is. */
  static Publication entry(String room, Position position, byte[] bytes, int from, int to) {
    Cursor cursor = new Cursor(bytes);
    cursor.at = from;
    long ts = cursor.number((byte) ' ');
    cursor.number((byte) ':');
    return new Publication(room, position, ts, Json.ofUtf8(bytes, cursor.at, to));
  }

  /** A place in a payload. Confined to one thread. */
  final class Cursor {
    private final byte[] bytes;
    private int at = 2;

    private Cursor(byte[] bytes) {
      this.bytes = bytes;
    }

    private Direct direct() {
      String room = sized();
      return new Direct(room, batch(room));
    }

    private Told told() {
      String user = sized();
      return new Told(user, Json.ofUtf8(bytes, at, bytes.length));
    }

    /** Text with its length before it. */
    private String sized() {
      int length = (int) number((byte) ' ');
      at += length;
      return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    private List<Publication> batch(String room) {
      String epoch = text((byte) ' ');
      long first = number((byte) ' ');
      int n = (int) number((byte) '\n');
      List<Publication> publications = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        int length = (int) number((byte) '\n');
        publications.add(entry(room, new Position(epoch, first + i), bytes, at, at + length));
        at += length;
      }
      return publications;
    }

    private PresenceChange edge() {
      boolean present = bytes[at++] == '+';
      long count = number((byte) ' ');
      String id = sized();
      String name = new String(bytes, at, bytes.length - at, StandardCharsets.UTF_8);
      return new PresenceChange(new User(id, name), present, count);
    }

    private String text(byte end) {
      int from = at;
      while (bytes[at] != end) {
        at++;
      }
      return new String(bytes, from, at++ - from, StandardCharsets.UTF_8);
    }

    private long number(byte end) {
      boolean negative = bytes[at] == '-';
      if (negative) {
        at++;
      }
      long number = 0;
      while (bytes[at] != end) {
        number = number * 10 + (bytes[at++] - '0');
      }
      at++;
      return negative ? -number : number;
    }
  }
}
