package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.roomcast.chat.CommandInterceptor.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What interceptors and message hooks can make of what clients send. */
class InterceptorTest {

  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder().drain(Duration.ofMillis(10)).build();

  private final Backend backend = Backend.inMemory();
  private @Nullable ChatNode node;

  @AfterEach
  void close() {
    if (node != null) {
      node.close();
    }
    backend.close();
  }

  private ChatNode start(CommandInterceptor interceptor, MessageHook messages) {
    ChatNode started =
        ChatNode.builder(backend)
            .limits(LIMITS)
            .interceptor(interceptor)
            .messages(messages)
            .start();
    node = started;
    BackendContract.until(started::ready);
    return started;
  }

  private Client connect(CommandInterceptor interceptor) {
    return Client.connect(start(interceptor, MessageHook.NONE), "Ann");
  }

  private static final CommandInterceptor TOKENS =
      (command, next) -> {
        if (!command.string("token").equals("secret")) {
          throw new ChatException(ErrorCode.FORBIDDEN, "token: not this one");
        }
        return next.proceed(command.with("caller", command.user().name()));
      };

  @Test
  void everyCommandGoesThroughTheChainFirstOutermost() {
    Client ann = connect(CommandInterceptor.chain(TOKENS, CommandInterceptor.NONE));
    ann.send("{'type':'join','id':1,'room':'general'}");
    JsonObject missing = ann.last("error");
    assertEquals("bad_request", missing.get("code").getAsString());
    assertEquals("token: missing, a string expected", missing.get("message").getAsString());
    assertEquals(1, missing.get("re").getAsInt());
    ann.send("{'type':'join','id':2,'room':'general','token':'wrong'}");
    assertEquals("forbidden", ann.awaitFrames("error", 2).get(1).get("code").getAsString());
    assertEquals(0, ann.count("joined"));
    ann.send("{'type':'join','id':3,'room':'general','token':'secret'}");
    assertEquals(3, ann.last("joined").get("re").getAsInt());
  }

  @Test
  void anInterceptorAnswersCommandsThatTheProtocolDoesNotKnow() {
    Client ann =
        connect(
            CommandInterceptor.chain(
                TOKENS,
                (command, next) ->
                    command.type().equals("who")
                        ? Result.reply(Json.of("type", "you", "name", command.attribute("caller")))
                        : next.proceed(command)));
    ann.send("{'type':'who','id':'a','token':'secret'}");
    assertEquals("Ann", ann.last("you").get("name").getAsString());
    assertEquals("a", ann.last("you").get("re").getAsString());
    ann.send("{'type':'who','token':'secret'}");
    assertFalse(ann.awaitFrames("you", 2).get(1).has("re"));
    ann.send("{'type':'what','token':'secret'}");
    assertEquals("unknown_type", ann.last("error").get("code").getAsString());
  }

  @Test
  void silenceIsAnAnswerToo() {
    Client ann =
        connect(
            (command, next) ->
                command.type().equals("hush") ? Result.silence() : next.proceed(command));
    ann.send("{'type':'hush','id':1}");
    ann.send("{'type':'ping','id':2}");
    ann.last("pong");
    assertEquals(
        List.of("welcome", "pong"),
        ann.transport.frames().stream().map(frame -> frame.get("type").getAsString()).toList());
  }

  @Test
  void anInterceptorChangesACommand() {
    Client ann =
        connect(
            (command, next) ->
                next.proceed(
                    command.type().equals("message")
                        ? command.withField("text", Json.value("changed"))
                        : command));
    ann.join("general");
    ann.say("general", "as it was");
    assertEquals("changed", ann.last("message").get("text").getAsString());
  }

  @Test
  void anInterceptorMakesTheSessionJoinAndLeave() {
    Client ann =
        connect(
            (command, next) -> {
              if (command.type().equals("subscribe")) {
                command.join("orders").toCompletableFuture().join();
                return Result.reply(Json.of("type", "subscribed"));
              } else if (command.type().equals("unsubscribe")) {
                command.leave("orders").toCompletableFuture().join();
                return Result.reply(Json.of("type", "unsubscribed"));
              }
              return next.proceed(command);
            });
    ann.send("{'type':'subscribe'}");
    ann.last("subscribed");
    assertEquals("orders", ann.last("joined").get("room").getAsString());
    ann.say("orders", "here");
    ann.awaitFrames("message", 1);
    ann.send("{'type':'unsubscribe'}");
    ann.last("unsubscribed");
    assertEquals("left", ann.last("left").get("reason").getAsString());
    ann.say("orders", "gone");
    assertEquals("not_in_room", ann.last("error").get("code").getAsString());
    ann.send("{'type':'unsubscribe'}");
    ann.awaitFrames("unsubscribed", 2);
    assertEquals(1, ann.count("left"));
  }

  @Test
  void aRoomInThePathIsAJoinThatInterceptorsSee() {
    ChatNode started =
        start(
            (command, next) -> {
              if (command.type().equals("join") && command.string("room").equals("closed")) {
                throw new ChatException(ErrorCode.FORBIDDEN, "room: closed");
              }
              return next.proceed(command);
            },
            MessageHook.NONE);
    assertEquals(
        "room: closed",
        Client.connectTo(started, "Ann", "closed").last("error").get("message").getAsString());
    assertEquals(
        "open", Client.connectTo(started, "Ann", "open").last("joined").get("room").getAsString());
  }

  @Test
  void whateverAnInterceptorThrowsCostsOneCommandOnly() {
    Client ann =
        connect(
            (command, next) -> {
              if (command.type().equals("message")) {
                throw new IllegalStateException("a fault of the application");
              }
              return next.proceed(command);
            });
    ann.join("general");
    ann.send("{'type':'message','id':1,'room':'general','text':'hi'}");
    assertEquals("internal", ann.last("error").get("code").getAsString());
    ann.send("{'type':'ping','id':2}");
    ann.last("pong");
  }

  @Test
  void whatIsNoFrameIsRefusedBeforeTheInterceptor() {
    Client ann = connect((command, next) -> next.proceed(command));
    ann.send("[1]");
    assertEquals("bad_json", ann.last("error").get("code").getAsString());
    ann.send("{'id':[],'type':'ping'}");
    assertEquals("bad_request", ann.awaitFrames("error", 2).get(1).get("code").getAsString());
  }

  @Test
  void anAttributeThatNobodySetIsAFaultOfTheChain() {
    Client ann =
        connect((command, next) -> Result.reply(Json.of("x", command.attribute("caller"))));
    ann.send("{'type':'ping','id':1}");
    assertEquals("internal", ann.last("error").get("code").getAsString());
  }

  @Test
  void aReplyThatIsNoObjectIsRefused() {
    assertEquals(
        ErrorCode.BAD_JSON,
        assertThrows(ChatException.class, () -> Result.reply(Json.value("text"))).code());
  }

  @Test
  void aMessageHookChangesAndRefusesWhicheverWayAMessageComes() {
    ChatNode started =
        start(
            CommandInterceptor.NONE,
            (user, room, content) -> {
              if (content.text().equals("refuse")) {
                throw new ChatException(ErrorCode.FORBIDDEN, "text: not in here");
              }
              return content.withText(user.name() + " in " + room + ": " + content.text());
            });
    Client ann = Client.connect(started, "Ann");
    ann.join("general");
    ann.say("general", "hi");
    assertEquals("Ann in general: hi", ann.last("message").get("text").getAsString());
    ann.send("{'type':'message','id':1,'room':'general','text':'refuse'}");
    assertEquals("forbidden", ann.last("error").get("code").getAsString());
    String user = "{\"user\":{\"id\":\"shop\"},\"text\":\"";
    started.writes().message("general", user + "sale\"}", null).toCompletableFuture().join();
    assertEquals(
        "shop in general: sale", ann.awaitFrames("message", 2).get(1).get("text").getAsString());
    CompletionException refused =
        assertThrows(
            CompletionException.class,
            () ->
                started
                    .writes()
                    .message("general", user + "refuse\"}", null)
                    .toCompletableFuture()
                    .join());
    assertEquals(ErrorCode.FORBIDDEN, ChatException.of(refused).code());
  }

  @Test
  void messagesKeepTheirOrderWhenTheHookIsSlowerForTheFirst() {
    CountDownLatch second = new CountDownLatch(1);
    ChatNode started =
        start(
            CommandInterceptor.NONE,
            (user, room, content) -> {
              if (content.text().equals("second")) {
                second.countDown();
              } else {
                await(second);
              }
              return content;
            });
    Client ann = Client.connect(started, "Ann");
    ann.join("general");
    ann.say("general", "first");
    ann.say("general", "second");
    ann.awaitFrames("message", 2);
    assertEquals(List.of("first", "second"), ann.texts());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
