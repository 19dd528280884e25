package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeysTest {

  private final Keys keys = new Keys("prod:shop");

  @Test
  void whatBelongsToARoomIsInItsSlot() {
    assertEquals("prod:shop:log:{general}", keys.log("general"));
    assertEquals("prod:shop:seats:{general}:n1", keys.seats("general", "n1"));
    assertEquals("prod:shop:room:{general}", keys.channel("general"));
  }

  @Test
  void whatWouldBeAmbiguousIsEncoded() {
    assertEquals("a%3Ab%7Bc%7D%25%0A%C2%85", Keys.encode("a:b{c}%\n\u0085"));
    assertEquals("\u00e9 \ud83d\ude00*", Keys.encode("\u00e9 \ud83d\ude00*"));
  }

  @Test
  void differentNamesHaveDifferentKeys() {
    List<String> names = List.of("a", "a}", "{a}", "a:b", "a%3Ab", "a}:b", "%61", "A", " a");
    Set<String> all = new HashSet<>();
    for (String name : names) {
      all.add(keys.seats(name, "n"));
      assertFalse(Keys.encode(name).matches(".*[{}:].*"));
    }
    assertEquals(names.size(), all.size());
    assertNotEquals(keys.seats("a", "b:c"), keys.seats("a:b", "c"));
  }

  @Test
  void twoNamespacesShareNoKeyAndNoChannel() {
    Set<String> ours = all(keys);
    Set<String> theirs = all(new Keys("prod:shop:two"));
    assertEquals(ours.size(), theirs.size());
    theirs.retainAll(ours);
    assertEquals(Set.of(), theirs);
  }

  private static Set<String> all(Keys keys) {
    return new HashSet<>(
        List.of(
            keys.log("a"),
            keys.meta("a"),
            keys.batches("a"),
            keys.keys("a"),
            keys.olderKeys("a"),
            keys.seats("a", "n"),
            keys.roomNodes("a"),
            keys.users("a"),
            keys.present("a"),
            keys.rooms(),
            keys.nodeRooms("n"),
            keys.session("s"),
            keys.sessionRooms("s"),
            keys.userSessions("u"),
            keys.nodeSessions("n"),
            keys.cursor("a", "k"),
            keys.leases(),
            keys.channel("a"),
            keys.control(),
            keys.canary("n")));
  }
}
