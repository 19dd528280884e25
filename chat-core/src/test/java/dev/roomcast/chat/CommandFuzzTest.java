package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames of strangers, made from seeds; see {@link Fuzz}. */
class CommandFuzzTest {

  private static final Pattern NAMES_A_FIELD = Pattern.compile("[a-z][A-Za-z.\\[\\]0-9]*: .+");
  private static final Set<ErrorCode> CODES =
      Set.of(
          ErrorCode.BAD_JSON, ErrorCode.BAD_REQUEST, ErrorCode.TOO_LARGE, ErrorCode.UNKNOWN_TYPE);
  private static final int MAX_MESSAGE = 300;

  private final CommandReader reader = new CommandReader(Limits.DEFAULTS);
  private FuzzFrames frames;

  @BeforeEach
  void readCorpus() throws IOException {
    frames = new FuzzFrames();
  }

  @Test
  void aFrameIsACommandThatWritesTheSameOrAnAnswerThatNamesTheField() {
    new Fuzz(15_000).play(frames, this::check);
  }

  @Test
  void everyFrameOfTheCorpusIsACommandThatWritesTheSameOrAnAnswerThatNamesTheField()
      throws Exception {
    for (String frame : frames.corpus()) {
      check(frame);
    }
  }

  private void check(String frame) throws Exception {
    Command command = reader.read(frame);
    if (command instanceof Command.Invalid invalid) {
      String message = String.valueOf(invalid.problem().getMessage());
      assertTrue(CODES.contains(invalid.problem().code()), () -> "code of " + message);
      assertTrue(message.length() <= MAX_MESSAGE, message);
      assertFalse(message.chars().anyMatch(Character::isISOControl), message);
      assertTrue(
          invalid.problem().code() == ErrorCode.BAD_JSON
              || NAMES_A_FIELD.matcher(message).matches(),
          message);
    } else {
      assertEquals(command, reader.read(CommandText.of(command)));
    }
  }

  @Test
  void noFrameGivesAnInternalErrorOrABrokenAnswer() {
    Limits limits =
        Limits.DEFAULTS.toBuilder()
            .commandsPerSecond(0)
            .bytesPerSecond(0)
            .userCommandsPerSecond(0)
            .handshakesPerSecondPerAddress(0)
            .drain(Duration.ofMillis(1))
            .build();
    try (Backend backend = Backend.inMemory();
        ChatNode node = ChatNode.builder(backend).limits(limits).start()) {
      BackendContract.until(node::ready);
      new Fuzz(300)
          .play(
              random -> Stream.generate(() -> frames.make(random)).limit(10).toList(),
              ten -> answered(node, ten));
    }
  }

  /** After the frames the session still answers, unless one of them was a reason to close it. */
  private static void answered(ChatNode node, List<String> ten) {
    Client client = Client.connect(node, "Eve");
    ten.forEach(client.session::receive);
    client.send("{'type':'ping','id':'last'}");
    BackendContract.until(
        () ->
            client.transport.closeCode() != 0
                || client.transport.texts().stream().anyMatch(text -> text.contains("\"last\"")));
    for (String answer : client.transport.texts()) {
      assertTrue(JsonParser.parseString(answer).isJsonObject(), answer);
      assertFalse(answer.contains("\"code\":\"internal\""), answer);
    }
    client.session.closed(1000);
  }

  @Test
  void whatNodesSayToEachOtherIsUnderstoodOrSkipped() throws IOException {
    List<String> corpus = Fuzz.corpus("controls.txt");
    new Fuzz(10_000)
        .play(
            random -> Fuzz.mutated(random, Fuzz.pick(random, corpus), corpus),
            text -> {
              Control control = Control.read(Json.trusted(text));
              if (control != null) {
                assertEquals(control, Control.read(control.toJson()));
              }
            });
  }

  @Test
  void queriesOverHttpEndAsTheProtocolSays() {
    List<String> values =
        List.of("", "0", "-1", "7", "+7", "007", "9223372036854775808", "1e3", "٣", " 7", "a", "x");
    try (Backend backend = Backend.inMemory();
        ChatNode node =
            ChatNode.builder(backend)
                .limits(Limits.DEFAULTS.toBuilder().drain(Duration.ofMillis(1)).build())
                .start()) {
      BackendContract.until(node::ready);
      User eve = new User("eve", "Eve");
      node.room("general").publish("e", Json.NULL).toCompletableFuture().join();
      new Fuzz(1_000)
          .play(
              random ->
                  Map.of(
                      Fuzz.pick(random, List.of("limit", "x")),
                      Fuzz.mutated(random, Fuzz.pick(random, values), values),
                      Fuzz.pick(random, List.of("before", "after")),
                      Fuzz.pick(random, values)),
              query -> {
                orRefused(() -> node.reads().rooms(eve, query).toCompletableFuture().join());
                for (String room : List.of("general", query.values().iterator().next())) {
                  orRefused(
                      () -> node.reads().history(eve, room, query).toCompletableFuture().join());
                  orRefused(
                      () -> node.reads().members(eve, room, query).toCompletableFuture().join());
                }
              });
    }
  }

  @Test
  void bodiesOverHttpArePublishedOrRefused() {
    try (Backend backend = Backend.inMemory();
        ChatNode node =
            ChatNode.builder(backend)
                .limits(Limits.DEFAULTS.toBuilder().drain(Duration.ofMillis(1)).build())
                .start()) {
      BackendContract.until(node::ready);
      new Fuzz(1_000)
          .play(
              random -> frames.make(random).replace("\"id\"", "\"user\""),
              body -> {
                orRefused(
                    () ->
                        node.writes().message("general", body, null).toCompletableFuture().join());
                orRefused(
                    () -> node.writes().event("general", body, null).toCompletableFuture().join());
              });
    }
  }

  private static void orRefused(Runnable call) {
    try {
      call.run();
    } catch (CompletionException | ChatException e) {
      ErrorCode code = ChatException.of(e).code();
      assertTrue(code.httpStatus() < 500, () -> "refused with " + code);
    }
  }
}
