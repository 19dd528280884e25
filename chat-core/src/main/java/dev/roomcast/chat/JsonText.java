package dev.roomcast.chat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes one JSON object field by field, without reflection or an object tree, as the UTF-8 that
 * goes into the log and to clients.
 *
 * <p>{@code out} has the text up to {@code at}. Confined to the thread that writes it.
 */
final class JsonText {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** The longest thing that one character becomes: an escape of six. */
  private static final int MOST = 6;

  /** From so many characters on a text is looked at eight bytes at a time. */
  private static final int LONG = 32;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** With which the UTF-8 of U+2028 and U+2029, and of many others, begins. */
  private static final int SEPARATOR_LEAD = 0xe2;

  private byte[] out;
  private int at;
  private boolean first = true;

  JsonText() {
    this(128);
  }

  JsonText(int capacity) {
    out = new byte[Math.max(capacity, 2)];
    out[at++] = '{';
  }

  /** Continues an object; {@code more} is about how much longer it gets, in bytes. */
  static JsonText continuing(byte[] object, int more) {
    JsonText text = new JsonText(object.length + more);
    System.arraycopy(object, 0, text.out, 0, object.length - 1);
    text.at = object.length - 1;
    text.first = object.length == 2;
    return text;
  }

  JsonText field(String name, String value) {
    name(name);
    quoted(value);
    return this;
  }

  JsonText field(String name, long value) {
    name(name);
    number(value);
    return this;
  }

  JsonText field(String name, boolean value) {
    name(name);
    raw(String.valueOf(value));
    return this;
  }

  JsonText field(String name, Json value) {
    name(name);
    raw(value.bytes());
    return this;
  }

  JsonText field(String name, User value) {
    name(name);
    user(value);
    return this;
  }

  /** Writes users as an array. */
  JsonText field(String name, Iterable<User> users) {
    return array(name, users, this::user);
  }

  /** Begins an object within this one: what is written next is in it, up to {@link #close}. */
  JsonText open(String name) {
    name(name);
    put('{');
    first = true;
    return this;
  }

  /** Ends the object within this one. */
  JsonText close() {
    put('}');
    first = false;
    return this;
  }

  /** Writes {@code values} as an array; each must be JSON text already. */
  JsonText array(String name, Iterable<String> values) {
    return array(name, values, this::raw);
  }

  private <T> JsonText array(String name, Iterable<T> values, Consumer<T> write) {
    name(name);
    put('[');
    String between = "";
    for (T value : values) {
      raw(between);
      write.accept(value);
      between = ",";
    }
    put(']');
    return this;
  }

  /** Ends the object and returns its text. */
  String end() {
    put('}');
    return text();
  }

  /** Ends the object and returns it. */
  Json json() {
    return Json.trusted(utf8());
  }

  /** Ends the object and returns its bytes, which nobody may change. */
  byte[] utf8() {
    put('}');
    return at == out.length ? out : Arrays.copyOf(out, at);
  }

  static String quote(String value) {
    JsonText text = new JsonText(value.length() + 16);
    text.at = 0;
    text.quoted(value);
    return text.text();
  }

  private String text() {
    return new String(out, 0, at, StandardCharsets.UTF_8);
  }

  private void name(String name) {
    if (!first) {
      put(',');
    }
    first = false;
    quoted(name);
    put(':');
  }

  private void user(User user) {
    raw("{\"id\":");
    quoted(user.id());
    raw(",\"name\":");
    quoted(user.name());
    put('}');
  }

  private void put(char ascii) {
    room(1);
    out[at++] = (byte) ascii;
  }

  private void raw(String json) {
    raw(json.getBytes(StandardCharsets.UTF_8));
  }

  private void raw(byte[] json) {
    room(json.length);
    System.arraycopy(json, 0, out, at, json.length);
    at += json.length;
  }

  private void number(long value) {
    if (value < 0) {
      raw(Long.toString(value));
      return;
    }
    int digits = digits(value);
    room(digits);
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      out[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    at += digits;
  }

  /** How many digits a number from 0 on has. */
  static int digits(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  /**
   * Writes a JSON string. Besides what RFC 8259 asks for, U+2028 and U+2029 are escaped, so that
   * the text is safe inside a script.
   */
  private void quoted(String value) {
    if (value.length() >= LONG) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      if (isPlain(utf8)) {
        room(utf8.length + 2);
        out[at++] = '"';
        raw(utf8);
        out[at++] = '"';
        return;
      }
    }
    int length = value.length();
    room(length + 2);
    byte[] to = out;
    int end = at;
    to[end++] = '"';
    int i = 0;
    for (; i < length; i++) { // nearly all there ever is
      char c = value.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        break;
      }
      to[end++] = (byte) c;
    }
    at = end;
    while (i < length) {
      i += character(value, i);
    }
    put('"');
  }

  /** Whether nothing in here is to be escaped, or may be. */
  private static boolean isPlain(byte[] utf8) {
    int i = 0;
    long found = 0;
    for (; i + Long.BYTES <= utf8.length; i += Long.BYTES) {
      long eight = (long) LONGS.get(utf8, i);
      long controls = eight - ' ' * LOW_BITS & ~eight;
      found |= controls | has(eight, '"') | has(eight, '\\') | has(eight, SEPARATOR_LEAD);
    }
    boolean plain = (found & HIGH_BITS) == 0;
    for (; i < utf8.length; i++) {
      int c = utf8[i] & 0xff;
      plain &= c >= ' ' && c != '"' && c != '\\' && c != SEPARATOR_LEAD;
    }
    return plain;
  }

  /** Has a high bit set when one of eight bytes is this one: Mycroft's test for a zero byte. */
  private static long has(long eight, long one) {
    long differences = eight ^ one * LOW_BITS;
    return differences - LOW_BITS & ~differences;
  }

  /** Writes the character at an index, whatever it is; returns how many of {@code value} it had. */
  private int character(String value, int index) {
    room(MOST);
    char c = value.charAt(index);
    switch (c) {
      case '"', '\\' -> escape(c);
      case '\n' -> escape('n');
      case '\r' -> escape('r');
      case '\t' -> escape('t');
      case '\u2028', '\u2029' -> hexEscape(c);
      default -> {
        if (c < ' ') {
          hexEscape(c);
        } else if (c < 0x80) {
          out[at++] = (byte) c;
        } else if (c < 0x800) {
          out[at++] = (byte) (0xc0 | c >> 6);
          out[at++] = (byte) (0x80 | c & 0x3f);
        } else if (!Character.isSurrogate(c)) {
          out[at++] = (byte) (0xe0 | c >> 12);
          out[at++] = (byte) (0x80 | c >> 6 & 0x3f);
          out[at++] = (byte) (0x80 | c & 0x3f);
        } else {
          return surrogate(value, index);
        }
      }
    }
    return 1;
  }

  /** Half of a pair alone is no character: it becomes a question mark, as it does in Java. */
  private int surrogate(String value, int index) {
    int point = Character.codePointAt(value, index);
    if (!Character.isSupplementaryCodePoint(point)) {
      out[at++] = '?';
      return 1;
    }
    out[at++] = (byte) (0xf0 | point >> 18);
    out[at++] = (byte) (0x80 | point >> 12 & 0x3f);
    out[at++] = (byte) (0x80 | point >> 6 & 0x3f);
    out[at++] = (byte) (0x80 | point & 0x3f);
    return 2;
  }

  private void escape(char c) {
    out[at++] = '\\';
    out[at++] = (byte) c;
  }

  private void hexEscape(char c) {
    escape('u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      out[at++] = HEX[c >> shift & 15];
    }
  }

  private void room(int more) {
    if (out.length - at < more) {
      out = Arrays.copyOf(out, Math.max(2 * out.length, at + more));
    }
  }
}
