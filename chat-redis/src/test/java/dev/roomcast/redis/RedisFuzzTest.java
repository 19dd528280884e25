package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.Fuzz;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Redis could bring that Roomcast did not write, made from seeds; see {@link Fuzz}. */
class RedisFuzzTest {

  private List<byte[]> corpus;

  @BeforeEach
  void readCorpus() throws IOException {
    corpus =
        Fuzz.corpus("announcements.hex").stream()
            .map(line -> HexFormat.of().parseHex(line.replace(" ", "")))
            .toList();
  }

  @Test
  void whatIsNoAnnouncementIsSkipped() {
    new Fuzz(50_000)
        .play(
            random ->
                random.nextInt(20) == 0
                    ? Fuzz.pick(random, corpus)
                    : Fuzz.mutated(random, Fuzz.pick(random, corpus)),
            bytes -> {
              if (Announcement.read("room", bytes) instanceof Announcement.Logged logged) {
                check(logged.publications());
              }
            });
  }

  private static void check(List<Publication> batch) {
    for (int i = 0; i < batch.size(); i++) {
      Position first = Objects.requireNonNull(batch.get(0)).position();
      assertEquals(first.plus(i), Objects.requireNonNull(batch.get(i)).position());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1P",
        "1Pe",
        "1Pe 7 ",
        "1Pe 7 1\n",
        "1Pe 7 1\n7\n1 0:{}",
        "1Pe 7 1\n1\n1 0:{}",
        "1Pe 7 -1\n",
        "1Pe -7 1\n6\n1 0:{}",
        "1Pe 7 99999999\n6\n1 0:{}",
        "1Pe 7 1\n-6\n1 0:{}",
        "1Pe x 1\n6\n1 0:{}",
        "1Pe 99999999999999999999 1\n6\n1 0:{}",
        "1Pe 7 1\n4\n1:{}",
        "1D9 dm:a:be 7 1\n6\n1 0:{}",
        "1D6 dm:a:be 7 1\n7\n1 0:{}",
        "1T9 u{}",
        "1U",
        "1U+1 9 u",
        "1U+1 -1 u",
        "1U+ 1 uN",
        "1U+1 1 u"
      })
  void aBrokenAnnouncementIsSkipped(String payload) {
    assertNull(Announcement.read("room", payload.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void anEntryOfALogIsReadOrRefusedWithinItsBounds() {
    byte[] good = "12 3:{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    new Fuzz(10_000)
        .play(
            random -> Fuzz.mutated(random, good),
            bytes -> {
              try {
                Announcement.entry("room", new Position("e", 1), bytes, 0, bytes.length);
              } catch (ChatException e) {
                assertEquals("Redis holds what Roomcast did not write", e.getMessage());
              }
            });
    byte[] cut = "12345 6:{}".getBytes(StandardCharsets.UTF_8);
    assertThrows(
        ChatException.class, () -> Announcement.entry("room", new Position("e", 1), cut, 0, 3));
  }

  @Test
  void anAnswerOfTheWrongKindIsToldAsThat() {
    new Fuzz(10_000)
        .play(
            RedisFuzzTest::answer,
            answer -> {
              orUnexpected(() -> Replies.text(answer));
              orUnexpected(() -> Replies.textOrNull(answer));
              orUnexpected(() -> Replies.number(answer));
              orUnexpected(() -> Replies.list(answer));
              orUnexpected(() -> Replies.texts(answer));
            });
  }

  private static Object answer(Random random) {
    byte[] bytes = new byte[random.nextInt(24)];
    random.nextBytes(bytes);
    return switch (random.nextInt(5)) {
      case 0 -> random.nextLong();
      case 1 -> bytes;
      case 2 -> Long.toString(random.nextLong()).getBytes(StandardCharsets.UTF_8);
      case 3 -> random.nextDouble();
      default ->
          random.nextBoolean()
              ? Arrays.asList(bytes, null, random.nextLong())
              : List.of(bytes, bytes);
    };
  }

  private static void orUnexpected(Runnable read) {
    try {
      read.run();
    } catch (IllegalStateException e) {
      assertEquals("unexpected answer of Redis", String.valueOf(e.getMessage()).split(":", 2)[0]);
    }
  }
}
