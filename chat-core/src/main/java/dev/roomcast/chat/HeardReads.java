package dev.roomcast.chat;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/**
 * Up to where users have read a room, as its members here have heard: each node tells what it was
 * told once in an interval of its own, so an older mark may come after a newer one, and is dropped.
 *
 * <p>Marks are remembered for a minute, longer than anything announced is late, those of so many
 * users at most. Confined to the room's turns.
 */
final class HeardReads {

  private static final Duration LATE = Duration.ofMinutes(1);
  private static final int REMEMBERED = 10_000;
  private static final byte[] START = "{\"type\":\"read\",".getBytes(StandardCharsets.UTF_8);

  private final ChatClock clock;
  private final Map<String, Heard> marks = new Recent<>(REMEMBERED);

  private record Heard(long offset, long at) {}

  HeardReads(ChatClock clock) {
    this.clock = clock;
  }

  /** Whether members should get this frame: all but marks that do not go forward. */
  boolean isNews(Json frame) {
    byte[] bytes = frame.bytes();
    if (bytes.length < START.length
        || !Arrays.equals(bytes, 0, START.length, START, 0, START.length)) {
      return true;
    }
    JsonObject read = frame.tree().getAsJsonObject();
    String user = read.getAsJsonObject("user").get("id").getAsString();
    long offset = read.get("offset").getAsLong();
    long now = clock.millis();
    Heard before = marks.get(user);
    if (before != null && offset <= before.offset() && now - before.at() < LATE.toMillis()) {
      return false;
    }
    marks.put(user, new Heard(offset, now));
    return true;
  }

  /** The log ended: another one begins at the first offset. */
  void forget() {
    marks.clear();
  }
}
