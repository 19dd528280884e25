package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RosterTest {

  private final Roster roster = new Roster("room", 3);

  private static User user(String name) {
    return new User(name, name);
  }

  private void joined(String name, int count) {
    roster.apply(new PresenceChange(user(name), true, count));
  }

  private void left(String name, int count) {
    roster.apply(new PresenceChange(user(name), false, count));
  }

  private void read(String... names) {
    roster.replace(
        new RoomManager.MembersPage(
            Stream.of(names).limit(4).map(RosterTest::user).toList(),
            names.length,
            names.length > 4));
  }

  private String told() {
    String frame = roster.endInterval();
    if (frame == null) {
      return "nothing";
    }
    JsonObject json = JsonParser.parseString(frame).getAsJsonObject();
    return names(json.getAsJsonArray("joined"), "+")
        + names(json.getAsJsonArray("left"), "-")
        + json.get("count");
  }

  private static String names(@org.jspecify.annotations.Nullable JsonArray users, String sign) {
    StringBuilder names = new StringBuilder();
    if (users != null) {
      users.forEach(
          user -> names.append(sign).append(user.getAsJsonObject().get("id").getAsString()));
    }
    return names.toString();
  }

  @Test
  void theFirstListIsNoNews() {
    read("a", "b");
    assertEquals("nothing", told());
  }

  @Test
  void changesOfAnIntervalAreToldTogether() {
    read("a", "b");
    joined("c", 3);
    left("a", 2);
    assertEquals("+c-a2", told());
    assertEquals("nothing", told());
  }

  @Test
  void comingAndGoingWithinAnIntervalIsNoNews() {
    read("a");
    joined("b", 2);
    left("b", 1);
    left("a", 0);
    joined("a", 1);
    assertEquals("nothing", told());
  }

  @Test
  void aChangeThatTheListHadAlreadyIsNoNews() {
    read("a", "b");
    joined("b", 2);
    left("x", 2);
    assertEquals("nothing", told());
  }

  @Test
  void anotherListTellsTheDifference() {
    read("a", "b");
    read("b", "c");
    assertEquals("+c-a2", told());
  }

  @Test
  void aboveTheLimitOnlyTheCountIsTold() {
    read("a", "b", "c");
    joined("d", 4);
    assertEquals("4", told());
    joined("e", 5);
    left("e", 4);
    assertEquals("nothing", told());
    read("a", "b", "c", "d", "e");
    assertEquals("5", told());
  }

  @Test
  void anIntervalIsOpenOnce() {
    assertTrue(roster.startInterval());
    assertFalse(roster.startInterval());
    assertNull(roster.endInterval());
    assertTrue(roster.startInterval());
  }

  @Test
  void changesBeforeTheFirstListAreTold() {
    joined("a", 1);
    assertEquals(List.of("+a1"), List.of(Objects.requireNonNull(told())));
  }
}
