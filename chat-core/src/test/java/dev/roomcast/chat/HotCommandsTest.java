package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from the text is what the tree has, for every frame. */
class HotCommandsTest {

  private static final List<Limits> LIMITS =
      List.of(
          Limits.DEFAULTS,
          Limits.DEFAULTS.toBuilder().jsonFields(3).jsonDepth(1).textLength(5).build());

  /** Pieces that frames are put together from: names, values, and what breaks them. */
  private static final List<String> NAMES =
      List.of(
          "type",
          "id",
          "room",
          "text",
          "key",
          "kind",
          "replyTo",
          "offset",
          "history",
          "active",
          "ts",
          "data",
          "since",
          "x",
          "",
          "typ",
          "typ\\u0065",
          "Type",
          "ids",
          "re\u00e9");

  private static final List<String> VALUES =
      List.of(
          "\"message\"",
          "\"join\"",
          "\"leave\"",
          "\"read\"",
          "\"typing\"",
          "\"ping\"",
          "\"edit\"",
          "\"r\"",
          "\"\"",
          "\"hello\"",
          "\"caf\u00e9 \u8a9e\"",
          "\"\ud83d\ude00\"",
          "\"\ud83d\"",
          "\"a\\nb\\t\\\"\\\\\\/\\b\\f\\r\"",
          "\"\\u0041\"",
          "\"\\ud83d\"",
          "\"\\x\"",
          "\"\\\"",
          "\"a\nb\"",
          "\"\u007f\"",
          "\"\u2028\"",
          "\"<&'>\"",
          "\"action\"",
          "\"dm:a:b\"",
          "\"longer than five\"",
          "\"" + "k".repeat(62) + "\"",
          "\"" + "k".repeat(63) + "\"",
          "\"" + "k".repeat(129) + "\"",
          "0",
          "1",
          "7",
          "17",
          "-1",
          "-0",
          "01",
          "1.0",
          "1.5",
          "1e3",
          "123456789012345678",
          "1234567890123456789",
          "99999999999999999999",
          "1 2",
          "1a",
          "\uff11",
          "true",
          "false",
          "null",
          "True",
          "truex",
          "NaN",
          "{}",
          "[]",
          "[1,2]",
          "{\"offset\":1,\"epoch\":\"e\"}",
          "'r'",
          "r",
          "");

  private static final List<String> SPACES =
      List.of("", "", "", "", "", "", " ", "\t", "\r\n", "\u00a0", "\ufeff", "/**/", "\u000b");

  @Test
  void plainIsPrintableAsciiWithoutEscapes() {
    for (int c = 0; c <= Character.MAX_VALUE; c++) {
      boolean plain = c >= ' ' && c <= '~' && c != '\\';
      assertEquals(plain, HotCommands.isPlain("ab" + (char) c + "c"), Integer.toHexString(c));
    }
    assertTrue(HotCommands.isPlain(""));
  }

  @Test
  void framesPutTogetherFromAllPiecesMeanWhatTheTreeSays() {
    Random random = new Random(6);
    int hot = 0;
    for (int i = 0; i < 200_000; i++) {
      hot += agrees(frame(random));
    }
    assertTrue(hot > 5_000, "frames that needed no tree: " + hot);
  }

  @Test
  void framesOfTheCorpusAndTheirMutationsMeanWhatTheTreeSays() throws Exception {
    FuzzFrames frames = new FuzzFrames();
    for (String frame : frames.corpus()) {
      agrees(frame);
    }
    new Fuzz(15_000).play(frames, this::agrees);
  }

  @Test
  void everyCharacterInEveryPlaceMeansWhatTheTreeSays() {
    String frame =
        "{\"type\":\"message\",\"id\":17,\"room\":\"r\",\"text\":\"a\\nb\",\"replyTo\":3}";
    for (int at = 0; at <= frame.length(); at++) {
      agrees(frame.substring(0, at));
      for (char c = 0; c < 0x180; c++) {
        agrees(frame.substring(0, at) + c + frame.substring(at));
        agrees(frame.substring(0, at) + c + frame.substring(Math.min(frame.length(), at + 1)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"message\",\"id\":17,\"room\":\"r\",\"text\":\"a \\\"b\\\"\\n\",\"key\":\"k\"}",
        "{\"type\":\"join\",\"room\":\"r\",\"history\":0}",
        "{\"type\":\"leave\",\"id\":\"x-1\",\"room\":\"r\"}",
        "{\"type\":\"read\",\"room\":\"r\",\"offset\":41}",
        "{\"type\":\"typing\",\"room\":\"r\",\"active\":false}",
        "{\"type\":\"ping\",\"ts\":1790000000000}"
      })
  void whatComesAllTheTimeNeedsNoTree(String frame) {
    assertNotNull(new HotCommands(Limits.DEFAULTS).read(frame, HotCommands.isPlain(frame)));
  }

  private static String frame(Random random) {
    List<String> fields = new ArrayList<>();
    int count = random.nextInt(6);
    if (random.nextInt(8) > 0) { // most are commands, so that most come far
      fields.add("\"type\":" + VALUES.get(random.nextInt(6)));
      fields.add("\"room\":\"r\"");
    }
    for (int i = 0; i < count; i++) {
      fields.add(
          any(SPACES, random)
              + '"'
              + any(NAMES, random)
              + '"'
              + any(SPACES, random)
              + ':'
              + any(SPACES, random)
              + any(VALUES, random)
              + any(SPACES, random));
    }
    Collections.shuffle(fields, random);
    return any(SPACES, random) + '{' + String.join(",", fields) + '}' + any(SPACES, random);
  }

  private static String any(List<String> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }

  /** Returns how many of the limits needed no tree. */
  private int agrees(String frame) {
    int hot = 0;
    for (Limits limits : LIMITS) {
      Command read = new HotCommands(limits).read(frame, HotCommands.isPlain(frame));
      if (read != null) {
        hot++;
        assertEquals(new CommandReader(limits).readTree(frame), read, frame);
      }
    }
    return hot;
  }
}
