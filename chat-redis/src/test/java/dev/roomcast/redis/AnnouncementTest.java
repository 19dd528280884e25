package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.roomcast.chat.Json;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.PresenceChange;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.User;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnnouncementTest {

  private static @Nullable Announcement read(String payload) {
    return Announcement.read("room", payload.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aBatchIsRead() {
    assertEquals(
        new Announcement.Logged(
            List.of(
                new Publication("room", new Position("e.1", 7), 12, Json.of("a", "\n:\u00e9")),
                new Publication("room", new Position("e.1", 8), -3, Json.of("b", 1)))),
        read("1Pe.1 7 2\n18\n12 0:{\"a\":\"\\n:\u00e9\"}12\n-3 4:{\"b\":1}"));
  }

  @Test
  void anEdgeIsRead() {
    assertEquals(
        new Announcement.Edge(new PresenceChange(new User("\u00e9 1", "N n"), false, 12)),
        read("1U-12 4 \u00e9 1N n"));
  }

  @Test
  void whatANewerReleaseSaysIsSkipped() {
    assertNull(read("2Psomething"));
    assertNull(read("1Xsomething"));
    assertNull(read(""));
  }
}
