package dev.roomcast.chat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A room as a client of a simulation sees it. Confined to the simulation's thread. */
final class SimView {

  final Set<String> members = new TreeSet<>();
  boolean wanted;
  boolean joined;
  @Nullable Position position;

  void joined(JsonObject frame) {
    joined = true;
    position = position(frame);
    members.clear();
    frame.getAsJsonArray("members").forEach(member -> members.add(id(member)));
  }

  void presence(JsonObject frame) {
    frame.getAsJsonArray("joined").forEach(member -> members.add(id(member)));
    frame.getAsJsonArray("left").forEach(member -> members.remove(id(member)));
  }

  /** The position after a frame. */
  static Position position(JsonObject frame) {
    return new Position(frame.get("epoch").getAsString(), frame.get("offset").getAsLong());
  }

  private static String id(JsonElement member) {
    return member.getAsJsonObject().get("id").getAsString();
  }
}
