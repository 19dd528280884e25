package dev.roomcast.examples.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** All messages of a run, each with a key and a text of its own. Confined to the loop's thread. */
final class Messages {

  private final String run;
  private final int bytes;
  private final List<Sent> all = new ArrayList<>();

  /**
   * @param run a name that no other run has
   * @param bytes how long each text is
   */
  Messages(String run, int bytes) {
    this.run = run;
    this.bytes = bytes;
  }

  Sent add(int client, String room, long due) {
    Sent sent = new Sent(all.size(), client, room, run + "-" + all.size(), due);
    all.add(sent);
    return sent;
  }

  Sent get(int index) {
    return all.get(index);
  }

  List<Sent> all() {
    return all;
  }

  /** The text of a message: its key, filled up. */
  String text(Sent sent) {
    return sent.key + ".".repeat(Math.max(0, bytes - sent.key.length()));
  }

  /** Returns which message a frame is, or -1 when it is not exactly one that was sent. */
  int indexOf(JsonObject frame) {
    JsonElement key = frame.get("key");
    String text = key == null ? "" : key.getAsString();
    if (!text.startsWith(run + "-")) {
      return -1;
    }
    int index;
    try {
      index = Integer.parseInt(text.substring(run.length() + 1));
    } catch (NumberFormatException e) {
      return -1;
    }
    if (index < 0 || index >= all.size()) {
      return -1;
    }
    Sent sent = all.get(index);
    boolean same =
        sent.attempts > 0
            && frame.get("room").getAsString().equals(sent.room)
            && frame.get("text").getAsString().equals(text(sent))
            && frame.get("kind").getAsString().equals("text")
            && frame.getAsJsonObject("user").get("id").getAsString().equals(sent.user);
    return same ? index : -1;
  }
}
