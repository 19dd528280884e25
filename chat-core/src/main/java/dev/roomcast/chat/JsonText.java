package dev.roomcast.chat;

import java.util.function.BiConsumer;

/**
 * Writes one JSON object field by field, without reflection or an object tree. Confined to the
 * thread that writes it.
 */
final class JsonText {

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder out;
  private boolean first = true;

  JsonText() {
    this(128);
  }

  JsonText(int capacity) {
    out = new StringBuilder(capacity).append('{');
  }

  /** Starts an object that continues the open object {@code prefix} (without its last brace). */
  static JsonText continuing(String json) {
    JsonText text = new JsonText(json.length() + 64);
    text.out.setLength(0);
    text.out.append(json, 0, json.length() - 1);
    text.first = json.length() == 2;
    return text;
  }

  JsonText field(String name, CharSequence value) {
    appendQuoted(name(name), value);
    return this;
  }

  JsonText field(String name, long value) {
    name(name).append(value);
    return this;
  }

  JsonText field(String name, boolean value) {
    name(name).append(value);
    return this;
  }

  JsonText field(String name, Json value) {
    name(name).append(value.text());
    return this;
  }

  JsonText field(String name, User value) {
    name(name);
    appendUser(out, value);
    return this;
  }

  /** Writes users as an array. */
  JsonText field(String name, Iterable<User> users) {
    return array(name, users, JsonText::appendUser);
  }

  /** Begins an object within this one: what is written next is in it, up to {@link #close}. */
  JsonText open(String name) {
    name(name).append('{');
    first = true;
    return this;
  }

  /** Ends the object within this one. */
  JsonText close() {
    out.append('}');
    first = false;
    return this;
  }

  /** Writes {@code values} as an array; each must be JSON text already. */
  JsonText array(String name, Iterable<String> values) {
    return array(name, values, StringBuilder::append);
  }

  private <T> JsonText array(
      String name, Iterable<T> values, BiConsumer<StringBuilder, T> appendTo) {
    name(name).append('[');
    boolean firstValue = true;
    for (T value : values) {
      if (!firstValue) {
        out.append(',');
      }
      firstValue = false;
      appendTo.accept(out, value);
    }
    out.append(']');
    return this;
  }

  /** Ends the object and returns its text. */
  String end() {
    return out.append('}').toString();
  }

  static String quote(CharSequence value) {
    StringBuilder out = new StringBuilder(value.length() + 16);
    appendQuoted(out, value);
    return out.toString();
  }

  private StringBuilder name(String name) {
    if (!first) {
      out.append(',');
    }
    first = false;
    appendQuoted(out, name);
    return out.append(':');
  }

  private static void appendUser(StringBuilder out, User user) {
    out.append("{\"id\":");
    appendQuoted(out, user.id());
    out.append(",\"name\":");
    appendQuoted(out, user.name());
    out.append('}');
  }

  /**
   * Appends a JSON string. Besides what RFC 8259 asks for, U+2028 and U+2029 are escaped, so that
   * the text is safe inside a script.
   */
  private static void appendQuoted(StringBuilder out, CharSequence value) {
    out.append('"');
    int length = value.length();
    int from = 0;
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\' && c != '\u2028' && c != '\u2029') {
        continue;
      }
      out.append(value, from, i);
      from = i + 1;
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default ->
            out.append("\\u")
                .append(HEX[c >> 12])
                .append(HEX[c >> 8 & 15])
                .append(HEX[c >> 4 & 15])
                .append(HEX[c & 15]);
      }
    }
    // A piece is copied character by character, a whole string, as most are, in one go.
    StringBuilder rest = from == 0 ? out.append(value) : out.append(value, from, length);
    rest.append('"');
  }
}
