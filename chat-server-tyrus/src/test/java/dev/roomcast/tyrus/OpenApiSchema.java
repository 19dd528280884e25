package dev.roomcast.tyrus;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks values against the schemas of an OpenAPI document: the keywords that ours uses. Immutable.
 */
final class OpenApiSchema {

  private final JsonObject document;

  OpenApiSchema(JsonObject document) {
    this.document = document;
  }

  /** Follows a reference, if it is one. */
  JsonObject resolve(JsonObject schema) {
    if (!schema.has("$ref")) {
      return schema;
    }
    JsonObject at = document;
    for (String part : schema.get("$ref").getAsString().substring(2).split("/")) {
      at = at.getAsJsonObject(part);
    }
    return at;
  }

  /** What is wrong with the value; empty when nothing is. */
  List<String> problems(JsonElement value, JsonObject asIs, String where) {
    JsonObject schema = resolve(asIs);
    List<String> problems = new ArrayList<>();
    if (schema.has("type") && !hasType(value, schema.get("type").getAsString())) {
      return List.of(where + ": " + schema.get("type") + " expected, got " + value);
    }
    if (schema.has("enum") && !schema.getAsJsonArray("enum").contains(value)) {
      problems.add(where + ": one of " + schema.get("enum") + " expected, got " + value);
    }
    if (schema.has("anyOf")) {
      boolean any = false;
      for (JsonElement one : schema.getAsJsonArray("anyOf")) {
        any |= problems(value, one.getAsJsonObject(), where).isEmpty();
      }
      if (!any) {
        problems.add(where + ": nothing fits " + value);
      }
    }
    if (schema.has("allOf")) {
      for (JsonElement one : schema.getAsJsonArray("allOf")) {
        problems.addAll(problems(value, one.getAsJsonObject(), where));
      }
    }
    if (value.isJsonObject()) {
      object(value.getAsJsonObject(), schema, where, problems);
    } else if (value.isJsonArray() && schema.has("items")) {
      for (JsonElement item : value.getAsJsonArray()) {
        problems.addAll(problems(item, schema.getAsJsonObject("items"), where + "[]"));
      }
    }
    return problems;
  }

  private void object(JsonObject value, JsonObject schema, String where, List<String> problems) {
    if (schema.has("required")) {
      for (JsonElement name : schema.getAsJsonArray("required")) {
        if (!value.has(name.getAsString())) {
          problems.add(where + ": " + name + " is missing in " + value);
        }
      }
    }
    if (schema.has("properties")) {
      for (String name : schema.getAsJsonObject("properties").keySet()) {
        if (value.has(name)) {
          JsonObject part = schema.getAsJsonObject("properties").getAsJsonObject(name);
          problems.addAll(problems(value.get(name), part, where + "." + name));
        }
      }
    }
  }

  private static boolean hasType(JsonElement value, String type) {
    return switch (type) {
      case "object" -> value.isJsonObject();
      case "array" -> value.isJsonArray();
      case "boolean" -> value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
      case "string" -> value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
      case "integer" ->
          value.isJsonPrimitive()
              && value.getAsJsonPrimitive().isNumber()
              && new BigDecimal(value.getAsString()).stripTrailingZeros().scale() <= 0;
      default -> throw new IllegalArgumentException("a type that is not checked: " + type);
    };
  }
}
