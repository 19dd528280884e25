package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what Redis answers. Stateless. */
final class Replies {

  private Replies() {}

  static String text(@Nullable Object value) {
    if (value instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    throw unexpected(value);
  }

  static @Nullable String textOrNull(@Nullable Object value) {
    return value == null ? null : text(value);
  }

  static long number(@Nullable Object value) {
    if (value instanceof Long number) {
      return number;
    }
    try {
      return Long.parseLong(text(value));
    } catch (NumberFormatException e) {
      throw new IllegalStateException("unexpected answer of Redis: no number", e);
    }
  }

  static List<?> list(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw unexpected(value);
  }

  static List<String> texts(@Nullable Object value) {
    List<?> list = list(value);
    List<String> texts = new ArrayList<>(list.size());
    for (Object item : list) {
      texts.add(text(item));
    }
    return texts;
  }

  /** What INFO says of something, empty when it says nothing. */
  static String field(String info, String name) {
    Matcher field = Pattern.compile("(?m)^" + name + ":([^\r\n]*)").matcher(info);
    return field.find() ? field.group(1) : "";
  }

  private static IllegalStateException unexpected(@Nullable Object value) {
    return new IllegalStateException(
        "unexpected answer of Redis: " + (value == null ? "nil" : value.getClass().getName()));
  }
}
