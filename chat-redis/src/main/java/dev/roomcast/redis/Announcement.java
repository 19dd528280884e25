package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Draft;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.TraceContext;
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
 *       <length>\n<ts> <messages before>:<body>}, or {@code <ts>;<traceparent> <messages
 *       before>:<body>} when it is traced
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

  /**
   * Returns null for the announcement of another release that this one does not know, and for what
   * is no announcement.
   */
  static @Nullable Announcement read(String room, byte[] payload) {
    if (payload.length < 2 || payload[0] != VERSION) {
      return null;
    }
    try {
      Cursor cursor = new Cursor(payload, 2, payload.length);
      return switch (payload[1]) {
        case 'P' -> new Logged(cursor.batch(room));
        case 'E' -> new Ephemeral(Json.ofUtf8(payload, 2, payload.length));
        case 'U' -> new Edge(cursor.edge());
        case 'D' -> cursor.direct();
        case 'T' -> cursor.told();
        default -> null;
      };
    } catch (ChatException e) {
      // Whoever misses a publication by this reads the log, and finds it there.
      return null;
    }
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

  /** Returns the announcement of what was logged in a conversation. */
  static byte[] direct(String room, Ack ack, Draft draft) {
    byte[] stamp = (stamp(draft) + " 0:").getBytes(StandardCharsets.UTF_8);
    byte[] body = draft.body().toUtf8();
    byte[] head =
        ("1D"
                + room.getBytes(StandardCharsets.UTF_8).length
                + " "
                + room
                + ack.position().epoch()
                + " "
                + ack.position().offset()
                + " 1\n"
                + (stamp.length + body.length)
                + "\n")
            .getBytes(StandardCharsets.UTF_8);
    byte[] payload = Arrays.copyOf(head, head.length + stamp.length + body.length);
    System.arraycopy(stamp, 0, payload, head.length, stamp.length);
    System.arraycopy(body, 0, payload, head.length + stamp.length, body.length);
    return payload;
  }

  /** What an entry of the log begins with, before the colon. */
  static String stamp(Draft draft) {
    TraceContext trace = draft.trace();
    return trace == null ? Long.toString(draft.ts()) : draft.ts() + ";" + trace.traceparent();
  }

  /** The time in a {@link #stamp}. */
  static long time(String stamp) {
    int end = stamp.indexOf(';');
    return Long.parseLong(end < 0 ? stamp : stamp.substring(0, end));
  }

  /**
   * Returns the publication that an entry of a log is.
   *
   * @throws ChatException with {@link ErrorCode#INTERNAL} when it is none
   */
  static Publication entry(String room, Position position, byte[] bytes, int from, int to) {
    Cursor cursor = new Cursor(bytes, from, to);
    long ts = cursor.number((byte) ' ', (byte) ';');
    TraceContext trace =
        bytes[cursor.at - 1] == ';' ? TraceContext.read(cursor.text((byte) ' ')) : null;
    cursor.number((byte) ':');
    return new Publication(room, position, ts, Json.ofUtf8(bytes, cursor.at, to), trace);
  }

  /**
   * A place in a payload; it throws {@link ErrorCode#INTERNAL} for what cannot be. Confined to one
   * thread.
   */
  final class Cursor {
    private static final int MAX_DIGITS = 18;
    private static final int LEAST_ENTRY = 3;

    private final byte[] bytes;
    private final int end;
    private int at;

    private Cursor(byte[] bytes, int from, int end) {
      this.bytes = bytes;
      this.at = from;
      this.end = end;
    }

    private Direct direct() {
      String room = sized();
      return new Direct(room, batch(room));
    }

    private Told told() {
      String user = sized();
      return new Told(user, Json.ofUtf8(bytes, at, end));
    }

    /** Text with its length before it. */
    private String sized() {
      int length = size((byte) ' ');
      at += length;
      return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    private List<Publication> batch(String room) {
      String epoch = text((byte) ' ');
      long first = number((byte) ' ');
      int n = size((byte) '\n');
      check(first >= 0 && n <= (end - at) / LEAST_ENTRY);
      List<Publication> publications = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        int length = size((byte) '\n');
        publications.add(entry(room, new Position(epoch, first + i), bytes, at, at + length));
        at += length;
      }
      return publications;
    }

    private PresenceChange edge() {
      boolean present = next() == '+';
      long count = number((byte) ' ');
      String id = sized();
      String name = new String(bytes, at, end - at, StandardCharsets.UTF_8);
      return new PresenceChange(new User(id, name), present, count);
    }

    private byte next() {
      check(at < end);
      return bytes[at++];
    }

    private String text(byte until) {
      int from = at;
      while (next() != until) {
        // It is part of the text.
      }
      return new String(bytes, from, at - 1 - from, StandardCharsets.UTF_8);
    }

    /** Reads how many bytes follow, of which there must be so many. */
    private int size(byte until) {
      long size = number(until);
      check(size >= 0 && size <= end - at);
      return (int) size;
    }

    private long number(byte until) {
      return number(until, until);
    }

    private long number(byte until, byte orUntil) {
      check(at < end);
      boolean negative = bytes[at] == '-';
      if (negative) {
        at++;
      }
      long number = 0;
      int digits = 0;
      for (byte digit = next(); digit != until && digit != orUntil; digit = next()) {
        check(digit >= '0' && digit <= '9' && ++digits <= MAX_DIGITS);
        number = number * 10 + (digit - '0');
      }
      check(digits > 0);
      return negative ? -number : number;
    }

    private static void check(boolean possible) {
      if (!possible) {
        throw new ChatException(ErrorCode.INTERNAL, "Redis holds what Roomcast did not write");
      }
    }
  }
}
