package dev.roomcast.redis;

import dev.roomcast.chat.Draft;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.TraceContext;
import dev.roomcast.chat.User;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is published to a room's channel. It begins with the version of the format and a letter:
 *
 * <ul>
 *   <li>{@code 1P<epoch> <first offset> <n>\n}, then n entries of the log, each {@code
 *       <length>\n<ts>:<body>}, or {@code <ts>;<traceparent>:<body>} when it is traced
 *   <li>{@code 1E<frame>}
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

  /** Returns the publication that an entry of a log is. */
  static Publication entry(String room, Position position, byte[] bytes, int from, int to) {
    Cursor cursor = new Cursor(bytes);
    cursor.at = from;
    long ts = cursor.number((byte) ':', (byte) ';');
    TraceContext trace =
        bytes[cursor.at - 1] == ';' ? TraceContext.read(cursor.text((byte) ':')) : null;
    return new Publication(room, position, ts, Json.ofUtf8(bytes, cursor.at, to), trace);
  }

  /** A place in a payload. Confined to one thread. */
  final class Cursor {
    private final byte[] bytes;
    private int at = 2;

    private Cursor(byte[] bytes) {
      this.bytes = bytes;
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
      int length = (int) number((byte) ' ');
      String id = new String(bytes, at, length, StandardCharsets.UTF_8);
      at += length;
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
      return number(end, end);
    }

    private long number(byte end, byte otherEnd) {
      boolean negative = bytes[at] == '-';
      if (negative) {
        at++;
      }
      long number = 0;
      while (bytes[at] != end && bytes[at] != otherEnd) {
        number = number * 10 + (bytes[at++] - '0');
      }
      at++;
      return negative ? -number : number;
    }
  }
}
