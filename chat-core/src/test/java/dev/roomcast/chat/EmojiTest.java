package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmojiTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\ud83d\ude00", // face
        "\ud83d\udc4d", // thumb
        "\ud83d\udc4d\ud83c\udffd", // thumb with a skin tone
        "\u2764", // heart, old
        "\u2764\ufe0f", // heart in colour
        "\u2764\ufe0f\u200d\ud83d\udd25", // heart on fire
        "\u00a9\ufe0f", // copyright in colour
        "\u2b50", // star
        "1\ufe0f\u20e3", // keycap
        "#\u20e3",
        "\ud83c\udde9\ud83c\uddea", // flag of two letters
        "\ud83c\udff4\udb40\udc67\udb40\udc62\udb40\udc65\udb40\udc6e\udb40\udc67\udb40\udc7f",
        "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67\u200d\ud83d\udc66", // family
        "\ud83c\udff3\ufe0f\u200d\ud83c\udf08", // rainbow flag
        "\ud83e\uddd1\ud83c\udffb\u200d\u2764\ufe0f\u200d\ud83d\udc8b\u200d\ud83e\uddd1\ud83c\udffc"
      })
  void oneEmojiIsOne(String text) {
    assertTrue(Emoji.is(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "ok",
        "1",
        "#",
        "1\ufe0f",
        "\u20e3",
        "a\u20e3",
        "\u00a9", // copyright as text
        "\u2192", // arrow
        "\u00e9",
        " \ud83d\ude00",
        "\ud83d\ude00 ",
        "\ud83d\ude00\ud83d\ude00", // two
        "\ud83d\ude00a",
        "\ud83c\udde9", // half a flag
        "\ud83c\udde9\ud83c\uddea\ud83c\uddeb",
        "\u200d",
        "\ufe0f",
        "\ud83d\ude00\u200d", // joined with nothing
        "\u200d\ud83d\ude00",
        "\ud83c\udff4\udb40\udc67", // a tag without an end
        "\ud83c\udd30", // a letter in a square that is no emoji
        "\ud83d", // half a character
        "<b>"
      })
  void anythingElseIsNot(String text) {
    assertFalse(Emoji.is(text));
  }

  @org.junit.jupiter.api.Test
  void lengthIsBounded() {
    assertFalse(Emoji.is("\ud83d\ude00" + "\u200d\ud83d\ude00".repeat(20)));
    assertFalse(Emoji.is("\ud83d\ude00".repeat(10_000)));
  }
}
