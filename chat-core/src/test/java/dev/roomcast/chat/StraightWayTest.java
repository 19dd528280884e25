package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages for which nothing is waited, and what is looked at again for those that did wait. */
class StraightWayTest {

  private static final int MANY = 5_000;
  private static final Limits LIMITS =
      StillNodes.LIMITS.toBuilder()
          .sessionCommands(2 * MANY)
          .outboxBytes(64 << 20)
          .historyCount(2 * MANY)
          .build();

  private final StillNodes nodes = new StillNodes();
  private final HeldWay way = new HeldWay();
  private @Nullable Runnable meanwhile;

  @AfterEach
  void close() {
    nodes.close();
  }

  private ChatNode start(UnaryOperator<ChatNode.Builder> more) {
    return nodes.start(LIMITS, backend -> new FarBackend(backend, way), more);
  }

  private static Client member(ChatNode node, String room) {
    Client client = Client.connect(node, "Ann");
    client.join(room);
    return client;
  }

  private static void mute(ChatNode node, String room, Client client) {
    String user = client.session.user().id();
    RoomAction mute =
        new RoomAction.Impose(StateStore.Sanction.MUTE, user, StateStore.FOREVER, null);
    if (room.isEmpty()) {
      node.keeper().impose(null, "", (RoomAction.Impose) mute).toCompletableFuture().join();
    } else {
      node.keeper().carryOut(null, room, mute).toCompletableFuture().join();
    }
  }

  private void takesItsTime() {
    Runnable now = meanwhile;
    meanwhile = null;
    if (now != null) {
      now.run();
    }
  }

  private static void assertMuted(Client client) {
    assertEquals("muted", client.last("error").get("code").getAsString());
    assertEquals(0, client.count("message"));
  }

  @Test
  void aMessageAsksTheStoreForNothingButItsPlace() {
    ChatNode node = start(builder -> builder);
    Client ann = member(node, "r");
    ann.say("r", "one");
    way.hold("sanctions", "role", "notices", "pace");
    ann.say("r", "two");
    assertEquals(List.of("one", "two"), ann.texts());
    assertEquals(0, way.held());
  }

  @Test
  void whatWasReadTooLongAgoIsReadAgainFirst() {
    ChatNode node = start(builder -> builder);
    Client ann = member(node, "r");
    ann.say("r", "one");
    way.hold("notices");
    nodes.clock.advanceSeconds(2);
    ann.say("r", "two");
    assertEquals(List.of("one"), ann.texts());
    way.goOn();
    assertEquals(List.of("one", "two"), ann.texts());
  }

  @Test
  void theStraightWayIsForWhoeverMaySpeakAndIsKnown() {
    ChatNode node = start(builder -> builder);
    RoomSettings.Change closed = new RoomSettings.Change(true, null, null);
    node.keeper().carryOut(null, "p", new RoomAction.Create(closed)).toCompletableFuture().join();
    Client ann = member(node, "r");
    User user = ann.session.user();
    Moderation moderation = node.moderation();
    assertNull(moderation.voice(user, "unknown", null));
    for (String room : List.of("r", "p")) {
      moderation.still(user, Authorizer.Action.PUBLISH, room).toCompletableFuture().join();
    }
    assertNull(moderation.voice(user, "p", null));
    Moderation.Voice voice = moderation.voice(user, "r", null);
    assertNotNull(voice);
    assertSame(voice, moderation.voice(user, "r", voice));
    assertNull(moderation.voice(user, "p", voice));
  }

  @Test
  void whatBroughtAVoiceIsLookedAtAgainWhenSomethingChanged() {
    ChatNode node = start(builder -> builder);
    RoomSettings.Change open = new RoomSettings.Change(null, null, null);
    node.keeper().carryOut(null, "r", new RoomAction.Create(open)).toCompletableFuture().join();
    Client ann = member(node, "r");
    Client bob = Client.connect(node, "Bob");
    bob.join("r");
    ann.say("r", "one");
    bob.say("r", "two");
    mute(node, "r", ann);
    mute(node, "", bob);
    ann.say("r", "three");
    bob.say("r", "four");
    for (Client muted : List.of(ann, bob)) {
      assertEquals("muted", muted.last("error").get("code").getAsString());
      assertEquals(List.of("one", "two"), muted.texts());
    }
    RoomAction lift = new RoomAction.Lift(StateStore.Sanction.MUTE, ann.session.user().id());
    node.keeper().carryOut(null, "r", lift).toCompletableFuture().join();
    ann.say("r", "five");
    RoomSettings.Change slow = new RoomSettings.Change(null, null, Duration.ofMinutes(1));
    node.keeper().carryOut(null, "r", new RoomAction.Configure(slow)).toCompletableFuture().join();
    ann.say("r", "six");
    ann.say("r", "seven");
    assertEquals(List.of("one", "two", "five", "six"), ann.texts());
    assertEquals("rate_limited", ann.last("error").get("code").getAsString());
  }

  @Test
  void aMessageThatNeedNotWaitGoesBehindOneThatDoes() {
    ChatNode node = start(builder -> builder);
    RoomSettings.Change slow = new RoomSettings.Change(null, null, Duration.ofMinutes(1));
    node.keeper().carryOut(null, "slow", new RoomAction.Create(slow)).toCompletableFuture().join();
    Client ann = member(node, "slow");
    ann.join("r");
    ann.say("r", "zero");
    way.hold("pace");
    ann.say("slow", "one");
    ann.say("r", "two");
    assertEquals(List.of("zero"), ann.texts());
    way.goOn();
    assertEquals(List.of("zero", "one", "two"), ann.texts());
  }

  @Test
  void aMuteWhileTheStoreIsAskedStopsTheMessage() {
    ChatNode node = start(builder -> builder);
    Client ann = member(node, "r");
    node.moderation().forgetAll();
    way.hold("sanctions");
    ann.say("r", "on its way");
    mute(node, "r", ann);
    way.goOn();
    assertMuted(ann);
  }

  @Test
  void aMuteWhileAnotherMessageIsWaitedForStopsTheOneBehindIt() {
    ChatNode node = start(builder -> builder);
    RoomSettings.Change slow = new RoomSettings.Change(null, null, Duration.ofMinutes(1));
    node.keeper().carryOut(null, "r", new RoomAction.Create(slow)).toCompletableFuture().join();
    Client ann = member(node, "r");
    way.hold("pace");
    ann.say("r", "waits for the store");
    ann.say("r", "waits for the one before it");
    mute(node, "r", ann);
    way.goOn();
    assertEquals(List.of("waits for the store"), ann.texts());
    assertEquals("muted", ann.last("error").get("code").getAsString());
  }

  @Test
  void aMuteWhileTheAuthorizerIsAskedOnThisThreadStopsTheMessage() {
    ChatNode node =
        start(
            builder ->
                builder.authorizer(
                    (user, action, room) -> {
                      takesItsTime();
                      return true;
                    }));
    Client ann = member(node, "r");
    meanwhile = () -> mute(node, "r", ann);
    ann.say("r", "on its way");
    assertMuted(ann);
  }

  @Test
  void aMuteWhileTheMessageHookIsAskedOnThisThreadStopsTheMessage() {
    ChatNode node =
        start(
            builder ->
                builder.messages(
                    (user, room, content) -> {
                      takesItsTime();
                      return content;
                    }));
    Client ann = member(node, "r");
    meanwhile = () -> mute(node, "r", ann);
    ann.say("r", "on its way");
    assertMuted(ann);
  }

  private final class Everybody implements Authenticator.Directory {
    @Override
    public User authenticate(ConnectRequest request) {
      String name = String.valueOf(request.parameter("name"));
      return new User(name, name);
    }

    @Override
    public User find(String id) {
      takesItsTime();
      return new User(id, id);
    }
  }

  @Test
  void aMuteWhileTheOtherUserIsLookedForOnThisThreadStopsTheMessage() {
    ChatNode node = start(builder -> builder.authenticator(new Everybody()));
    String room = Conversation.between("Ann", "Bob").room();
    Client ann = member(node, room);
    meanwhile = () -> mute(node, "", ann);
    ann.say(room, "on its way");
    assertMuted(ann);
  }

  /** Depths of the stack at which a member was written to. */
  private static final class Depths implements QuietTransport {
    private final Set<Integer> depths = new HashSet<>();
    private final List<String> replies = new ArrayList<>();

    @Override
    public boolean write(Frame frame, WriteListener done) {
      depths.add(Thread.currentThread().getStackTrace().length);
      frame.parts().stream()
          .map(Frame::text)
          .filter(text -> text.startsWith("{\"type\":\"ack\""))
          .forEach(text -> replies.add(text.substring(0, text.indexOf(",\"offset"))));
      return true;
    }
  }

  /** Sends many messages behind something that waits, and lets that through. */
  private void manyBehind(ChatNode node, Runnable holds, Runnable letsThrough) {
    Depths client = new Depths();
    Admission admission =
        node.admit(ConnectRequest.of(Map.of("name", "Ann"), null, null, "127.0.0.1"))
            .toCompletableFuture()
            .join();
    ClientSession session = node.connect(admission, client);
    session.receive("{\"type\":\"join\",\"room\":\"r\"}");
    holds.run();
    session.receive("{\"type\":\"join\",\"room\":\"other\"}");
    for (int i = 0; i < MANY; i++) {
      session.receive("{\"type\":\"message\",\"id\":" + i + ",\"room\":\"r\",\"text\":\"x\"}");
    }
    assertEquals(List.of(), client.replies);
    client.depths.clear();
    letsThrough.run();
    List<String> expected =
        IntStream.range(0, MANY).mapToObj(i -> "{\"type\":\"ack\",\"re\":" + i).toList();
    assertEquals(MANY, client.replies.size());
    assertTrue(expected.equals(client.replies), "acks in the order sent");
    assertTrue(client.depths.size() < 20, "depths of the stack: " + client.depths);
  }

  @Test
  void manyMessagesBehindACommandThatWaitsGoOnWithoutNesting() {
    ChatNode node = start(builder -> builder);
    manyBehind(node, () -> way.hold("join"), way::goOn);
  }

  @Test
  void manyMessagesThatWaitForTheirTurnGoOnWithoutNesting() {
    List<Runnable> asked = new ArrayList<>();
    boolean[] holding = {false};
    ChatNode node =
        start(
            builder ->
                builder
                    .authorizer((user, action, room) -> true)
                    .executor(
                        task -> {
                          if (holding[0]) {
                            asked.add(task);
                          } else {
                            task.run();
                          }
                        }));
    manyBehind(
        node,
        () -> holding[0] = true,
        () -> {
          asked.remove(0).run(); // the join: the messages behind it are asked for together
          List<Runnable> messages = List.copyOf(asked);
          assertEquals(MANY, messages.size());
          messages.subList(1, MANY).forEach(Runnable::run);
          messages.get(0).run(); // the one for which all others wait
        });
  }
}
