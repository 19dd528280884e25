package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value in UTF-8, exactly as it was written: numbers keep their digits, objects their order.
 *
 * <p>Equality is equality of the bytes. Immutable.
 */
public final class Json {

  /** The value {@code null}. */
  public static final Json NULL = trusted("null");

  private final byte[] utf8;

  private Json(byte[] utf8) {
    this.utf8 = utf8;
  }

  /**
   * Returns the JSON value that {@code text} is.
   *
   * @throws ChatException with {@link ErrorCode#BAD_JSON} when it is not exactly one JSON value
   */
  public static Json parse(String text) {
    try (JsonReader reader = new JsonReader(new StringReader(text))) {
      reader.setStrictness(Strictness.STRICT);
      reader.skipValue();
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new ChatException(ErrorCode.BAD_JSON, "one JSON value expected");
      }
      return trusted(text);
    } catch (IOException | JsonParseException | IllegalStateException e) {
      throw new ChatException(ErrorCode.BAD_JSON, "not a JSON value", e);
    }
  }

  /** Returns an object with one field; {@code value} as in {@link #value}. */
  public static Json of(String name, @Nullable Object value) {
    return trusted(new JsonText().field(name, value(value)).end());
  }

  /** Returns an object with two fields; values as in {@link #value}. */
  public static Json of(
      String name1, @Nullable Object value1, String name2, @Nullable Object value2) {
    return trusted(new JsonText().field(name1, value(value1)).field(name2, value(value2)).end());
  }

  /**
   * Returns the JSON value of {@code null}, a {@code Boolean}, a {@code Number}, a {@code
   * CharSequence}, or a {@code Json} (itself).
   *
   * @throws IllegalArgumentException for any other class, and for a number that JSON cannot express
   */
  public static Json value(@Nullable Object value) {
    if (value == null) {
      return NULL;
    } else if (value instanceof Json json) {
      return json;
    } else if (value instanceof Boolean b) {
      return trusted(b.toString());
    } else if ((value instanceof Double d && !Double.isFinite(d))
        || (value instanceof Float f && !Float.isFinite(f))) {
      throw new IllegalArgumentException("JSON has no " + value);
    } else if (value instanceof Number n) {
      return trusted(new JsonPrimitive(n).toString());
    } else if (value instanceof CharSequence s) {
      return trusted(JsonText.quote(s.toString()));
    }
    throw new IllegalArgumentException("no JSON form of " + value.getClass().getName());
  }

  /**
   * Returns the value that a backend stored before, given as UTF-8. The bytes are copied, and not
   * checked: only bytes of {@link #toUtf8} may be given.
   */
  public static Json ofUtf8(byte[] bytes, int from, int to) {
    return new Json(Arrays.copyOfRange(bytes, from, to));
  }

  /** Wraps text that is known to be one JSON value. */
  static Json trusted(String text) {
    return trusted(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Wraps bytes that are known to be one JSON value, and that nobody changes any more. */
  static Json trusted(byte[] utf8) {
    return new Json(utf8);
  }

  /** The bytes themselves; nobody may change them. */
  byte[] bytes() {
    return utf8;
  }

  /** Whether it is an object. */
  boolean isObject() {
    for (byte b : utf8) {
      if (b > ' ') {
        return b == '{';
      }
    }
    return false;
  }

  /** The value as a tree, for reading. */
  JsonElement tree() {
    return JsonParser.parseString(text());
  }

  /** The JSON text. */
  public String text() {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** A copy of the JSON text in UTF-8. */
  public byte[] toUtf8() {
    return utf8.clone();
  }

  /** Length of the JSON text in UTF-8, in bytes. */
  public int utf8Length() {
    return utf8.length;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Json json && Arrays.equals(json.utf8, utf8);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(utf8);
  }

  /** Returns the JSON text. */
  @Override
  public String toString() {
    return text();
  }
}
