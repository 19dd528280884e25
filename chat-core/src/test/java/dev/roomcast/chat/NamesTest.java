package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rule of names, and the order of names. */
class NamesTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "a b", "\u00e9", "\u05d0", "\ud83d\ude00", "a/b?c#d", "<b>\"'", "%"})
  void anythingReadableIsAName(String name) {
    assertEquals(name, Names.check("room", name));
    assertEquals(
        name.getBytes(StandardCharsets.UTF_8).length, Names.utf8Length("room", name), name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000",
        "a\tb",
        "\u007f",
        "\u0085",
        "\ud83d",
        "a\ude00",
        "\ud83d\ud83d\ude00"
      })
  void emptyControlAndBrokenTextIsNot(String name) {
    ChatException problem = assertThrows(ChatException.class, () -> Names.check("room", name));
    assertEquals(ErrorCode.BAD_REQUEST, problem.code());
    assertTrue(String.valueOf(problem.getMessage()).startsWith("room: "));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x061c, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
        0x2066, 0x2067, 0x2068, 0x2069, 0x2028, 0x2029, 0x2060, 0x2064, 0x00ad, 0x034f, 0x115f,
        0x1160, 0x180e, 0x3164, 0xfeff, 0xffa0, 0xfff9, 0xe0001, 0xe0041
      })
  void charactersThatAreNotSeenOrTurnTheOrderAreRefusedByTheirNumber(int c) {
    String name = "a" + Character.toString(c) + "b";
    ChatException problem = assertThrows(ChatException.class, () -> Names.check("room", name));
    assertEquals(ErrorCode.BAD_REQUEST, problem.code());
    assertEquals(
        "room: must not have invisible or direction-changing characters, but has "
            + String.format("U+%04X", c),
        problem.getMessage());
    assertThrows(ChatException.class, () -> new User("u", name));
  }

  @Test
  void aUsersNameIsNormalizedAndItsIdIsNot() {
    User user = new User("Zoe\u0308", "Zoe\u0308");
    assertEquals("Zo\u00eb", user.name());
    assertEquals("Zoe\u0308", user.id());
  }

  @Test
  void theLimitIsInBytes() {
    List<String> fit = List.of("x".repeat(128), "\u00e9".repeat(64), "\ud83d\ude00".repeat(32));
    fit.forEach(name -> Names.check("room", name));
    for (String name : fit) {
      assertThrows(ChatException.class, () -> Names.check("room", name + "x"));
    }
  }

  @Test
  void theOrderOfNamesIsThatOfTheirBytes() {
    String[] names = {"", "a", "A", "ab", "b", "\u00e9", "\uffee", "\ud83d\ude00", "\ue000", "z"};
    String[] byBytes = names.clone();
    Arrays.sort(names, Utf8Order.INSTANCE);
    Arrays.sort(
        byBytes,
        (a, b) ->
            Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
    assertEquals(Arrays.asList(byBytes), Arrays.asList(names));
  }

  @Test
  void aUserHasAnIdAndANameThatKeepTheRule() {
    assertThrows(ChatException.class, () -> new User("", "Ann"));
    assertThrows(ChatException.class, () -> new User("u", "A\nn"));
    assertThrows(ChatException.class, () -> new User("x".repeat(129), "Ann"));
    assertEquals("Ann", new User("u", "Ann").name());
  }
}
