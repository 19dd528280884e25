package dev.roomcast.chat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object, to be changed one by one: those that are not touched keep every
 * character and their place. Reads only objects that {@link JsonText} wrote. Confined to one
 * thread.
 */
final class JsonFields {

  private final Map<String, String> fields = new LinkedHashMap<>();

  private JsonFields() {}

  static JsonFields of(Json object) {
    String text = object.text();
    JsonFields fields = new JsonFields();
    int at = 1;
    while (text.charAt(at) != '}') {
      if (text.charAt(at) == ',') {
        at++;
      }
      int nameEnd = stringEnd(text, at);
      int valueEnd = valueEnd(text, nameEnd + 1);
      fields.fields.put(text.substring(at + 1, nameEnd - 1), text.substring(nameEnd + 1, valueEnd));
      at = valueEnd;
    }
    return fields;
  }

  /** The place after the string that begins at {@code quote}. */
  private static int stringEnd(String text, int quote) {
    int at = quote + 1;
    while (text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  private static int valueEnd(String text, int from) {
    int depth = 0;
    int at = from;
    while (true) {
      char c = text.charAt(at);
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
        return at;
      }
      if (c == '"') {
        at = stringEnd(text, at);
        continue;
      }
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      at++;
    }
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /** The value as it is written, or null. */
  @Nullable Json get(String name) {
    String value = fields.get(name);
    return value == null ? null : Json.trusted(value);
  }

  /** The value of a string, or null when there is none. */
  @Nullable String string(String name) {
    Json value = get(name);
    return value == null ? null : value.tree().getAsString();
  }

  /** Sets a field: in its place, or behind all others. */
  void set(String name, Json value) {
    fields.put(name, value.text());
  }

  void remove(String name) {
    fields.remove(name);
  }

  Json json() {
    JsonText text = new JsonText(256);
    fields.forEach((name, value) -> text.field(name, Json.trusted(value)));
    return text.json();
  }
}
