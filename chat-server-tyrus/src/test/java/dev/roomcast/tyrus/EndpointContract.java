package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.CloseCode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the endpoint promises to clients, whichever container it runs in. */
abstract class EndpointContract extends HandshakeContract {

  /** What waits takes a thread of its own: the common pool may have only one. */
  private static final Executor THREADS = task -> new Thread(task).start();

  @Test
  void twoClientsTalk() {
    WebSocketClient ann = connect("/chat?name=Ann");
    WebSocketClient bob = connect("/chat?name=Bob");
    bob.send("{'type':'join','id':1,'room':'general'}");
    bob.await("\"type\":\"joined\"", "\"re\":1");
    ann.send("{'type':'join','id':1,'room':'general'}");
    ann.await("\"type\":\"joined\"", "\"re\":1", "\"count\":2");
    String text = "<b>ünï \uD83D\uDE00</b> \u202Eright to left";
    ann.send("{'type':'message','id':'m','room':'general','text':'" + text + "'}");
    ann.await("\"type\":\"ack\"", "\"re\":\"m\"", "\"offset\":1");
    bob.await("\"type\":\"message\"", text, "\"name\":\"Ann\"");
  }

  @Test
  void manyFramesArriveInOrder() {
    WebSocketClient ann = connect("/chat/general?name=Ann");
    WebSocketClient bob = connect("/chat/general?name=Bob");
    ann.await("\"type\":\"joined\"");
    bob.await("\"type\":\"joined\"");
    int count = 1_000;
    IntStream.range(0, count)
        .forEach(i -> ann.send("{'type':'message','room':'general','text':'" + i + "'}"));
    bob.await("\"offset\":" + count + ",");
    ann.await("\"offset\":" + count + ",");
    List<Long> expected = LongStream.rangeClosed(1, count).boxed().toList();
    assertEquals(expected, bob.offsets());
    assertEquals(expected, ann.offsets());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "general|general",
        "a%20b|a b",
        "a+b|a+b",
        "caf%C3%A9%2F1|café/1",
        "100%25|100%",
        "%F0%9F%98%80|\uD83D\uDE00",
        "what%3F%23%26|what?#&",
        "a%3Bb=1|a;b=1"
      })
  void aRoomOfAnyNameIsJoinedByItsPath(String path, String room) {
    connect("/chat/" + path + "?name=Ann")
        .await("\"type\":\"joined\"", "\"room\":\"" + room + "\"");
  }

  @Test
  void historyOfManyKilobytesArrivesWhole() {
    String text = "ü€\uD83D\uDE00x".repeat(2_000);
    for (int i = 0; i < 45; i++) {
      chat.room("big").publish("e", Json.of("i", i + text)).toCompletableFuture().join();
    }
    WebSocketClient ann = connect("/chat/big?name=Ann");
    String joined = ann.await("\"type\":\"joined\"", "\"offset\":45");
    assertTrue(joined.getBytes(StandardCharsets.UTF_8).length > 45 * 2_000 * 10);
    IntStream.range(0, 45).forEach(i -> assertTrue(joined.contains("\"" + i + text + "\"")));
    ann.send("{'type':'ping','ts':1}");
    ann.await("\"type\":\"pong\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "no json|bad_json|",
        "[1]|bad_json|",
        "``|bad_json|",
        "{'type':'dance'}|unknown_type|type",
        "{'room':'general'}|bad_request|type",
        "{'type':'message','room':'general'}|bad_request|text",
        "{'type':'message','room':'general','text':5}|bad_request|text",
        "{'type':'message','room':'else','text':'x'}|not_in_room|room",
        "{'type':'join'}|bad_request|room",
        "{'type':'join','room':''}|bad_request|room",
        "{'type':'join','room':5}|bad_request|room",
        "{'type':'join','room':'a\\u0007b'}|bad_request|room",
        "{'type':'join','room':'secret'}|forbidden|room",
        "{'type':'message','room':'general','text':'\\ud800'}|bad_request|text"
      })
  void badInputIsAnsweredAndTheConnectionStays(String frame, String code, String field) {
    WebSocketClient ann = connect("/chat/general?name=Ann");
    ann.await("\"type\":\"joined\"");
    ann.send(frame);
    String error = ann.await("\"type\":\"error\"");
    assertTrue(error.contains("\"code\":\"" + code + "\""), error);
    assertTrue(field == null || error.contains("\"message\":\"" + field), error);
    ann.send("{'type':'ping','ts':5}");
    ann.await("\"type\":\"pong\"", "\"ts\":5");
  }

  @Test
  void namesAndTextsThatAreTooLongAreAnswered() {
    WebSocketClient ann = connect("/chat/general?name=Ann");
    ann.send("{'type':'join','id':1,'room':'" + "r".repeat(129) + "'}");
    ann.await("\"type\":\"error\"", "\"re\":1", "room");
    ann.send("{'type':'message','id':2,'room':'general','text':'" + "t".repeat(4_001) + "'}");
    ann.await("\"type\":\"error\"", "\"re\":2", "text");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20_000})
  void binaryFramesCloseWith1003(int length) throws IOException {
    RawClient ann = welcomed("Ann");
    ann.send(true, RawClient.BINARY, new byte[length]);
    assertEquals(1003, ann.closeCode());
  }

  /** Tomcat leaves what is wrong unread, so its reset may come before its close frame is read. */
  private void assertClosed(int expected, RawClient client) throws IOException {
    int code = client.closeCode();
    assertTrue(code == expected || code == 1006 && !stopsReading(), "closed with " + code);
  }

  @Test
  void brokenUtf8ClosesWith1007() throws IOException {
    RawClient ann = welcomed("Ann");
    ann.send(true, RawClient.TEXT, new byte[] {'{', (byte) 0xc3, (byte) 0x28});
    assertClosed(1007, ann);
  }

  @Test
  void utf8ThatIsBrokenAcrossFragmentsClosesWith1007() throws IOException {
    RawClient ann = welcomed("Ann");
    ann.send(false, RawClient.TEXT, new byte[] {'{', (byte) 0xc3});
    ann.send(true, RawClient.CONTINUATION, new byte[] {(byte) 0x28});
    assertClosed(1007, ann);
  }

  @Test
  void fragmentsAreOneFrameEvenWhenTheyCutACharacter() throws IOException {
    RawClient ann = welcomed("Ann");
    byte[] frame = "{\"type\":\"join\",\"room\":\"\uD83D\uDE00\"}".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < frame.length; i++) {
      ann.send(
          i == frame.length - 1,
          i == 0 ? RawClient.TEXT : RawClient.CONTINUATION,
          new byte[] {frame[i]});
      ann.send(true, RawClient.PING, new byte[0]);
    }
    ann.await("\"type\":\"joined\"", "\uD83D\uDE00");
  }

  @Test
  void aFrameOfTheLargestSizeIsTaken() throws IOException {
    RawClient ann = welcomed("Ann");
    ann.send(true, RawClient.TEXT, ping(FRAME_BYTES));
    ann.await("\"type\":\"pong\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5_000, 70_000})
  void framesOverTheLimitCloseWith1009(int over) throws IOException {
    RawClient ann = welcomed("Ann");
    ann.send(true, RawClient.TEXT, ping(FRAME_BYTES + over));
    assertEquals(1009, ann.closeCode());
  }

  @Test
  void fragmentsOverTheLimitCloseWith1009() throws IOException {
    RawClient ann = welcomed("Ann");
    byte[] part = "x".repeat(8_000).getBytes(StandardCharsets.UTF_8);
    ann.send(false, RawClient.TEXT, part);
    for (int i = 0; i < 4; i++) {
      ann.send(false, RawClient.CONTINUATION, part);
    }
    assertEquals(1009, ann.closeCode());
  }

  /** A ping of so many bytes, most of them in characters of three. */
  private static byte[] ping(int bytes) {
    String start = "{\"type\":\"ping\",\"ts\":1,\"x\":\"";
    int rest = bytes - start.length() - 2;
    String text = start + "€".repeat(rest / 3) + "x".repeat(rest % 3) + "\"}";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void framesWithoutAMaskCloseWith1002() throws IOException {
    if (refusesUnmasked()) {
      RawClient ann = welcomed("Ann");
      ann.send(true, RawClient.TEXT, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8), false);
      assertClosed(1002, ann);
      await().until(() -> chat.stats().connections() == 0);
    }
  }

  @Test
  void codesOfTheProtocolArriveAsTheyAre() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    await().until(() -> sessions.containsKey("Ann"));
    Objects.requireNonNull(sessions.get("Ann"))
        .close(CloseCode.DISCONNECTED, "Grüße \uD83D\uDE00 ".repeat(40));
    assertEquals(4003, ann.closed.get(20, TimeUnit.SECONDS));
    await().until(() -> chat.stats().connections() == 0);
  }

  /** Text that stays as long as it is when it is compressed. */
  private static String noise(int length) {
    byte[] random = new byte[length * 3 / 4];
    new Random(length).nextBytes(random);
    return Base64.getEncoder().encodeToString(random);
  }

  @Test
  void aClientThatDoesNotReadIsCutOffAndTheOthersGoOn() throws Exception {
    WebSocketClient fast = connect("/chat/general?name=Fast");
    fast.await("\"type\":\"joined\"");
    RawClient slow = raw("/chat/general?name=Slow");
    slow.await("\"type\":\"joined\"");
    String text = noise(64 << 10);
    long published = 0;
    while (chat.stats().tooSlow() == 0) {
      // No more at once than an outbox holds: the fast one must not depend on its speed.
      for (int i = 0; i < 5; i++) {
        chat.room("general").publish("e", Json.of("x", text)).toCompletableFuture().join();
      }
      published += 5;
      fast.await("\"offset\":" + published + ",");
      assertTrue(published < 2_000, "nobody was too slow");
    }
    if (cutsStuckWrites()) {
      await().atMost(Duration.ofSeconds(30)).until(() -> !slow.connected());
    }
    assertEquals(1, chat.stats().connections());
    assertEquals(LongStream.rangeClosed(1, published).boxed().toList(), fast.offsets());
    await().until(() -> disconnects.equals(List.of(4013)));
    chat.room("general").publish("e", Json.of("x", "last"));
    fast.await("\"offset\":" + (published + 1) + ",");
  }

  @Test
  void aSlowClientThatReadsAgainLearnsThatItWasTooSlow() throws Exception {
    RawClient slow = raw("/chat/general?name=Slow");
    slow.await("\"type\":\"joined\"");
    String text = noise(64 << 10);
    while (chat.stats().tooSlow() == 0) {
      chat.room("general").publish("e", Json.of("x", text)).toCompletableFuture().join();
    }
    long since = System.nanoTime();
    int code = slow.closeCode();
    // Who does not read for three seconds more is cut off without a word.
    if (code != 1006 || Duration.ofNanos(System.nanoTime() - since).toSeconds() < 2) {
      assertEquals(4013, code);
    }
  }

  @Test
  void aClientThatSendsOnWithoutAnAnswerCannotFillTheMemory() throws Exception {
    RawClient ann = welcomed("Ann");
    ann.send("{'type':'join','id':'j','room':'undecided'}");
    int pings = 16 * Limits.DEFAULTS.sessionCommands() + 1;
    // In its own thread, for a server that stops reading stops the client too.
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(
            () -> {
              try {
                for (int i = 0; i < pings; i++) {
                  ann.send("{'type':'ping','id':" + i + "}");
                }
              } catch (IOException e) {
                // Cut off while it sent.
              }
            },
            THREADS);
    if (stopsReading()) {
      // All of it would be read by then, if reading did not stop.
      await().during(Duration.ofMillis(500)).until(() -> chat.stats().abuse() == 0);
      decided.countDown();
      ann.await("\"re\":" + (pings - 1));
      assertEquals(0, chat.stats().abuse());
    } else {
      await().until(() -> chat.stats().abuse() == 1);
      await().until(() -> chat.stats().connections() == 0);
      int code = ann.closeCode();
      assertTrue(code == 1008 || code == 1006, "closed with " + code);
    }
    sent.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aDrainSendsClientsAwayWithoutLosingTheirFrames() throws Exception {
    WebSocketClient ann = connect("/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    assertTrue(chat.drain(Duration.ofSeconds(20)));
    ann.await("\"type\":\"closing\"", "reconnectAfter");
    assertEquals(1001, ann.closed.get(20, TimeUnit.SECONDS));
    sessions.clear();
    RawClient late = raw("/chat?name=Bob");
    assertRefused(late, 503);
    if (refusesWithStatus()) {
      assertEquals("1", late.header("Retry-After"));
    }
  }

  @Test
  void whoWasAdmittedJustBeforeADrainIsSentAwayToo() throws Exception {
    CompletableFuture<RawClient> connecting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return raw("/chat?token=late");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            THREADS);
    assertTrue(asked.await(20, TimeUnit.SECONDS));
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> chat.drain(Duration.ofMinutes(2)), THREADS);
    await().until(() -> !chat.ready());
    assertFalse(drained.isDone(), "it waits for who is being decided on");
    decided.countDown();
    RawClient late = connecting.get(20, TimeUnit.SECONDS);
    late.await("\"type\":\"closing\"");
    assertEquals(1001, late.closeCode());
    assertTrue(drained.get(20, TimeUnit.SECONDS));
    assertEquals(0, chat.stats().connections());
  }

  @Test
  void aGoodbyeIsAnsweredAndEndsTheSession() throws Exception {
    RawClient ann = raw("/chat/general?name=Ann");
    ann.await("\"type\":\"joined\"");
    ann.send(true, RawClient.CLOSE, new byte[] {3, (byte) 0xe8});
    assertEquals(1000, ann.closeCode());
    await().until(() -> chat.stats().connections() == 0);
    await().until(() -> disconnects.equals(List.of(1000)));
  }

  @Test
  void aClientThatVanishesIsNoticedOnce() throws Exception {
    RawClient reset = raw("/chat/general?name=Ann");
    reset.await("\"type\":\"joined\"");
    RawClient ended = raw("/chat/general?name=Bob");
    ended.await("\"type\":\"joined\"");
    await().until(() -> chat.stats().connections() == 2);
    reset.vanish();
    await().until(() -> chat.stats().connections() == 1);
    ended.close();
    await().until(() -> chat.stats().connections() == 0);
    await().until(() -> disconnects.size() == 2);
    assertTrue(!disconnects.contains(1000), disconnects.toString());
  }
}
