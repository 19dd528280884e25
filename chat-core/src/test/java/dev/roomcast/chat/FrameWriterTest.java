package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames as text and as bytes, and the texts in them. */
class FrameWriterTest {

  private static final User ANN = new User("u1", "Ann");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "\"\\/",
        "\b\f\n\r\t\u0000\u001f\u007f",
        "<script>alert('x')</script>",
        "\u2028\u2029",
        "\u05d0\u202e\u00e9",
        "\ud83d\ude00",
        "\ufeff\uffff"
      })
  void anyTextComesBackAsItWas(String text) {
    String quoted = JsonText.quote(text);
    assertEquals(text, JsonParser.parseString(quoted).getAsString());
    quoted
        .chars()
        .forEach(c -> assertEquals(false, c < ' ' || c == '\u2028' || c == '\u2029', quoted));
    String frame = new JsonText().field("a", text).field(text, 1).end();
    assertEquals(
        text, JsonParser.parseString(frame).getAsJsonObject().get("a").getAsString(), frame);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\ud83d", "\ude00", "a\ud83db", "\ude00\ud83d", "\ud83d\ud83d\ude00\u00e9"})
  void halfAPairIsWrittenAsJavaWritesIt(String text) {
    assertArrayEquals(
        ("{\"a\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8),
        new JsonText().field("a", text).utf8());
  }

  @Test
  void anyCharactersInAnyOrderComeBack() {
    String some = "ab\"\\\n\u0000\u007f\u0080\u07ff\u0800\u2027\u2028\u2029\uffff";
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        int at = random.nextInt(some.length() + 2);
        text.append(at < some.length() ? some.substring(at, at + 1) : "\ud83d\ude00");
      }
      String json =
          new String(new JsonText(1).field("a", text.toString()).utf8(), StandardCharsets.UTF_8);
      assertEquals(
          text.toString(), JsonParser.parseString(json).getAsJsonObject().get("a").getAsString());
    }
  }

  /** Of long texts eight bytes are looked at together: whatever stands where, and next to what. */
  @Test
  void aLongTextIsWrittenAsItsCharactersAre() {
    String odd =
        "\"\\\n\u0000\u001f !#[]~\u007f\u0080\u00a2\u00e2\u07ff\u2027\u2028\u2029\u22e2\uffff";
    for (int length = 30; length < 50; length++) {
      for (int at = 0; at < length; at++) {
        for (String one : odd.split("")) {
          String before = "x".repeat(at);
          String behind = "\u00e9y".repeat(length).substring(0, length - at);
          String inner = JsonText.quote(one);
          assertEquals(
              '"' + before + inner.substring(1, inner.length() - 1) + behind + '"',
              JsonText.quote(before + one + behind));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 99, 100, 1_234_567_890_123L, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void numbersAreWrittenAsJavaWritesThem(long number) {
    assertEquals("{\"a\":" + number + "}", new JsonText(1).field("a", number).end());
  }

  @Test
  void aLoggedFrameIsItsBodyAndItsPosition() {
    Json body = Json.of("type", "message", "text", "\ud83d\ude00");
    Publication publication = new Publication("r", new Position("k\"3", 41), 5, body);
    assertEquals(
        "{\"type\":\"message\",\"text\":\"\ud83d\ude00\",\"offset\":41,\"epoch\":\"k\\\"3\"}",
        new String(FrameWriter.logged(publication), StandardCharsets.UTF_8));
  }

  @Test
  void aMessageHasWhatItsSenderGaveAndNothingElse() {
    Command.Message full =
        new Command.Message(null, "r", "t", "k", "action", 3, Json.trusted("{\"n\":1.0}"));
    assertEquals(
        "{\"type\":\"message\",\"room\":\"r\",\"ts\":9,\"user\":{\"id\":\"u1\",\"name\":\"Ann\"},"
            + "\"text\":\"t\",\"kind\":\"action\",\"key\":\"k\",\"replyTo\":3,\"data\":{\"n\":1.0}}",
        FrameWriter.messageBody(full, ANN, 9).text());
    Command.Message bare = new Command.Message(null, "r", "t", null, "text", 0, null);
    assertEquals(
        "{\"type\":\"message\",\"room\":\"r\",\"ts\":9,\"user\":{\"id\":\"u1\",\"name\":\"Ann\"},"
            + "\"text\":\"t\",\"kind\":\"text\"}",
        FrameWriter.messageBody(bare, ANN, 9).text());
  }

  @Test
  void repliesCarryWhatTheyHave() {
    Json re = Json.value("i");
    Ack ack = new Ack(new Position("k", 3), 7, false);
    assertEquals(
        "{\"type\":\"ack\",\"re\":\"i\",\"offset\":3,\"epoch\":\"k\",\"ts\":7}",
        FrameWriter.ack(FrameWriter.reply("ack", re), ack));
    assertEquals(
        "{\"type\":\"ack\",\"re\":\"i\",\"offset\":3,\"epoch\":\"k\",\"ts\":7,\"duplicate\":true}",
        FrameWriter.ack(FrameWriter.reply("ack", re), new Ack(ack.position(), 7, true)));
    assertEquals("{\"type\":\"pong\"}", FrameWriter.pong(null, null));
    assertEquals(
        "{\"type\":\"error\",\"re\":\"i\",\"code\":\"rate_limited\",\"message\":\"m\",\"retryAfter\":50}",
        FrameWriter.error(
            re, ChatException.retryLater(ErrorCode.RATE_LIMITED, "m", Duration.ofMillis(50))));
    assertEquals(
        "{\"type\":\"gap\",\"room\":\"r\",\"offset\":3,\"epoch\":\"k\",\"from\":2}",
        FrameWriter.gap("r", new Position("k", 3), 2));
  }

  @Test
  void largeRoomsTellTheCountOnly() {
    assertEquals(
        "{\"type\":\"presence\",\"room\":\"r\",\"count\":1001}",
        FrameWriter.presence("r", List.of(ANN), List.of(), 1_001, true));
    assertEquals(
        "{\"type\":\"presence\",\"room\":\"r\",\"joined\":[{\"id\":\"u1\",\"name\":\"Ann\"}],"
            + "\"left\":[],\"count\":1}",
        FrameWriter.presence("r", List.of(ANN), List.of(), 1, false));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 100_000})
  void theWireHasTheHeaderThatTheLengthNeeds(int length) {
    byte[] payload = "y".repeat(length).getBytes(StandardCharsets.UTF_8);
    Frame frame = length % 2 == 0 ? Frame.shared(payload) : Frame.single("y".repeat(length));
    ByteBuffer wire = frame.wire();
    assertEquals(frame.size(), wire.remaining());
    assertEquals((byte) 0x81, wire.get());
    int first = wire.get();
    long stated = first == 126 ? wire.getShort() & 0xffff : first == 127 ? wire.getLong() : first;
    assertEquals(length, stated);
    byte[] rest = new byte[wire.remaining()];
    wire.get(rest);
    assertArrayEquals(payload, rest);
    assertEquals(frame.size(), frame.wire().remaining(), "everybody gets a buffer of its own");
  }

  @Test
  void joinedFramesAreTheFramesOneAfterTheOther() {
    Frame a = Frame.single("{\"a\":1}");
    Frame b = Frame.shared("{\"b\":\"\u00e9\"}".getBytes(StandardCharsets.UTF_8));
    Frame both = Frame.join(List.of(a, b));
    ByteBuffer expected = ByteBuffer.allocate(a.size() + b.size()).put(a.wire()).put(b.wire());
    assertEquals(expected.flip(), both.wire());
    assertEquals(List.of(a, b), both.parts());
    assertEquals(a, Frame.join(List.of(a)));
    assertThrows(IllegalStateException.class, both::text);
  }
}
