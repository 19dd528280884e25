package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the messages of a log have to be, by the changes that are in it. Confined to the
 * simulation's thread.
 */
final class SimState {

  private final Map<Long, JsonObject> messages = new HashMap<>();
  private final Map<Long, String> texts = new HashMap<>();
  private final Map<Long, TreeMap<String, TreeSet<String>>> reactions = new HashMap<>();
  private final TreeSet<Long> deleted = new TreeSet<>();

  private SimState() {}

  /** Returns a message that is not what its changes make of it, null when there is none. */
  static @Nullable String wrong(List<Publication> log) {
    SimState state = new SimState();
    for (Publication publication : log) {
      JsonObject frame = publication.body().tree().getAsJsonObject();
      if (frame.has("target")) {
        long target = frame.get("target").getAsLong();
        if (state.deleted.contains(target) || !state.messages.containsKey(target)) {
          return "changed what is no message: " + frame;
        }
        state.change(target, frame);
      } else {
        state.messages.put(publication.offset(), frame);
      }
    }
    for (Map.Entry<Long, JsonObject> message : state.messages.entrySet()) {
      if (!state.isRight(message.getKey(), message.getValue())) {
        return "at " + message.getKey() + " is " + message.getValue() + ", not " + state;
      }
    }
    for (Publication publication : log) {
      JsonObject frame = publication.body().tree().getAsJsonObject();
      if (frame.get("type").getAsString().equals("edit")
          && frame.has("text") == state.deleted.contains(frame.get("target").getAsLong())) {
        return "an edit has a text, or none: " + frame;
      }
    }
    return null;
  }

  private void change(long target, JsonObject frame) {
    switch (frame.get("type").getAsString()) {
      case "edit" -> texts.put(target, frame.has("text") ? frame.get("text").getAsString() : "");
      case "delete" -> {
        deleted.add(target);
        texts.remove(target);
        reactions.remove(target);
      }
      default -> {
        String user = frame.getAsJsonObject("user").get("id").getAsString();
        TreeMap<String, TreeSet<String>> all =
            reactions.computeIfAbsent(target, any -> new TreeMap<>());
        TreeSet<String> users =
            all.computeIfAbsent(frame.get("emoji").getAsString(), any -> new TreeSet<>());
        if (frame.get("on").getAsBoolean()) {
          users.add(user);
        } else {
          users.remove(user);
        }
        all.values().removeIf(TreeSet::isEmpty);
      }
    }
  }

  private boolean isRight(long offset, JsonObject frame) {
    TreeMap<String, TreeSet<String>> present = new TreeMap<>();
    if (frame.has("reactions")) {
      frame
          .getAsJsonObject("reactions")
          .asMap()
          .forEach(
              (emoji, users) ->
                  users
                      .getAsJsonArray()
                      .forEach(
                          user ->
                              present
                                  .computeIfAbsent(emoji, any -> new TreeSet<>())
                                  .add(user.getAsString())));
    }
    boolean gone = deleted.contains(offset);
    String key = frame.get("key").getAsString();
    String text = gone ? null : texts.getOrDefault(offset, key);
    return frame.has("deleted") == gone
        && frame.has("text") == (text != null)
        && (text == null || frame.get("text").getAsString().equals(text))
        && frame.has("edited") == texts.containsKey(offset)
        && present.equals(reactions.getOrDefault(offset, new TreeMap<>()));
  }

  @Override
  public String toString() {
    return "texts " + texts + ", reactions " + reactions + ", deleted " + deleted;
  }
}
