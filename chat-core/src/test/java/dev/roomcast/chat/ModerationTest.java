package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Moderation by the clock: how soon, how long, and what is under way meanwhile. */
class ModerationTest {

  private static final Limits LIMITS = StillNodes.LIMITS;

  private final StillNodes nodes = new StillNodes();
  private final List<String> calls = new ArrayList<>();
  private boolean hintsAreLost;
  private boolean away;

  /** Notes what is asked of the store, and loses hints when it should. */
  private final FarBackend.Way way =
      new FarBackend.Way() {
        @Override
        public <T extends @Nullable Object> CompletionStage<T> go(
            String call, String subject, Supplier<CompletionStage<T>> operation) {
          calls.add(call);
          if (away && call.equals("sanctions")) {
            return CompletableFuture.failedFuture(new ChatException(ErrorCode.UNAVAILABLE, "away"));
          }
          return operation.get();
        }

        @Override
        public BackendListener listener(BackendListener node) {
          return new BackendListener() {
            @Override
            public void onPublications(String room, List<Publication> publications) {
              node.onPublications(room, publications);
            }

            @Override
            public void onEphemeral(String room, Json frame) {
              node.onEphemeral(room, frame);
            }

            @Override
            public void onPresence(String room, PresenceChange change) {
              node.onPresence(room, change);
            }

            @Override
            public void onGap(String room) {
              node.onGap(room);
            }

            @Override
            public void onControl(Json control) {
              if (!hintsAreLost) {
                node.onControl(control);
              }
            }
          };
        }
      };

  @AfterEach
  void close() {
    nodes.close();
  }

  private ChatNode start(Limits limits) {
    return nodes.start(limits, backend -> new FarBackend(backend, way));
  }

  /** A node whose users are who they say they are. */
  private ChatNode known(Limits limits) {
    return nodes.start(
        limits,
        backend -> new FarBackend(backend, way),
        builder ->
            builder.authenticator(
                request -> {
                  String name = String.valueOf(request.parameter("name"));
                  return new User(name, name);
                }));
  }

  private static RoomAction mute(String user, Duration duration) {
    return new RoomAction.Impose(StateStore.Sanction.MUTE, user, duration, null);
  }

  private static void decide(ChatNode node, String room, RoomAction action) {
    node.keeper().carryOut(null, room, action).toCompletableFuture().join();
  }

  private static String code(Client client) {
    return client.last("error").get("code").getAsString();
  }

  private static ErrorCode refusal(CompletionStage<?> stage) {
    return BackendContract.failure(stage).code();
  }

  @Test
  void aMuteStopsAMessageThatWaitsForTheAuthorizer() {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    List<Runnable> waiting = new ArrayList<>();
    ChatNode node =
        nodes.start(
            LIMITS,
            backend -> backend,
            builder ->
                builder
                    .authorizer((user, action, room) -> true)
                    .executor(
                        task -> {
                          if (asked.isDone()) {
                            waiting.add(task);
                          } else {
                            task.run();
                          }
                        }));
    Client ann = Client.connect(node, "Ann");
    ann.join("r");
    asked.complete(null);
    ann.say("r", "on its way");
    ann.say("r", "behind it");
    assertEquals(2, waiting.size());
    decide(node, "r", mute(ann.session.user().id(), StateStore.FOREVER));
    List.copyOf(waiting).forEach(Runnable::run);
    assertEquals(2, ann.count("error"));
    assertEquals("muted", code(ann));
    assertEquals(0, ann.count("message"));
  }

  @Test
  void aBanIsInForceOnAnotherNodeWithinASecondAlthoughTheHintIsLost() {
    ChatNode here = start(LIMITS);
    ChatNode there = start(LIMITS);
    Client bob = Client.connect(there, "Bob");
    bob.join("r");
    bob.say("r", "known to be free");
    hintsAreLost = true;
    decide(
        here,
        "r",
        new RoomAction.Impose(
            StateStore.Sanction.BAN, bob.session.user().id(), StateStore.FOREVER, null));
    assertEquals(0, bob.count("left"));
    nodes.clock.advanceSeconds(1);
    assertEquals("banned", bob.last("left").get("reason").getAsString());
    assertEquals(List.of(), List.copyOf(bob.session.rooms()));
  }

  @Test
  void aMuteIsInForceWithinASecondAlthoughTheHintIsLostAndEndsByItself() {
    ChatNode here = start(LIMITS);
    ChatNode there = start(LIMITS);
    Client bob = Client.connect(there, "Bob");
    bob.join("r");
    bob.say("r", "free");
    hintsAreLost = true;
    decide(here, "r", mute(bob.session.user().id(), Duration.ofSeconds(10)));
    nodes.clock.advanceSeconds(1);
    bob.say("r", "muted");
    assertEquals("muted", code(bob));
    nodes.clock.advanceSeconds(8.9);
    bob.say("r", "still muted");
    assertEquals(1, bob.count("message"));
    nodes.clock.advanceSeconds(0.2);
    bob.say("r", "free again");
    assertEquals(2, bob.count("message"));
  }

  @Test
  void aMessageCostsNoQuestionToTheStore() {
    Client ann = Client.connect(start(LIMITS), "Ann");
    ann.join("r");
    ann.say("r", "first");
    nodes.clock.advanceSeconds(30);
    calls.clear();
    for (int i = 0; i < 100; i++) {
      ann.say("r", "x");
    }
    assertEquals(100, calls.size());
    assertTrue(calls.stream().allMatch("publish"::equals), calls::toString);
  }

  @Test
  void whoIsBannedFromTheServiceIsRefusedBeforeTheUpgradeUntilItIsOver() {
    ChatNode here = known(LIMITS);
    ChatNode there = known(LIMITS);
    Client bob = Client.connect(there, "Bob");
    String resume = bob.resumeSecret();
    here.ban("Bob", Duration.ofSeconds(10), null).toCompletableFuture().join();
    assertEquals(4003, bob.transport.closeCode());
    for (ChatNode node : List.of(here, there)) {
      for (Map<String, String> query :
          List.of(Map.of("name", "Bob"), Map.of("name", "Bob", "resume", resume))) {
        assertEquals(
            ErrorCode.BANNED,
            refusal(node.admit(ConnectRequest.of(query, null, null, "127.0.0.1"))));
      }
    }
    nodes.clock.advanceSeconds(10.1);
    assertTrue(Client.connect(there, "Bob").session.connected());
  }

  @Test
  void whoWasLetInJustBeforeTheBanIsClosedAtOnce() {
    ChatNode node = known(LIMITS);
    Admission admitted =
        BackendContract.get(
            node.admit(ConnectRequest.of(Map.of("name", "Bob"), null, null, "127.0.0.1")));
    node.ban("Bob", StateStore.FOREVER, null).toCompletableFuture().join();
    RecordingTransport transport = new RecordingTransport();
    node.connect(admitted, transport);
    assertEquals(4003, transport.closeCode());
  }

  @Test
  void whoIsBannedComesInWhileTheStoreIsAwayAndIsClosedWhenItIsBack() {
    ChatNode node = known(LIMITS);
    node.ban("Bob", StateStore.FOREVER, null).toCompletableFuture().join();
    away = true;
    Client bob = Client.connect(node, "Bob");
    nodes.clock.advanceSeconds(5);
    assertTrue(bob.session.connected());
    away = false;
    nodes.clock.advanceSeconds(1);
    assertEquals(4003, bob.transport.closeCode());
  }

  @Test
  void whoIsBannedWhileAwayIsNoMemberWhenTheSessionComesBack() {
    ChatNode here = start(LIMITS);
    ChatNode there = start(LIMITS);
    Client bob = Client.connect(here, "Bob");
    bob.join("r");
    bob.session.closed(1006);
    decide(
        there,
        "r",
        new RoomAction.Impose(
            StateStore.Sanction.BAN, bob.session.user().id(), StateStore.FOREVER, null));
    Client again = Client.resume(there, bob.resumeSecret());
    assertEquals(0, again.transport.only("welcome").getAsJsonArray("rooms").size());
    assertEquals(0, BackendContract.get(there.rooms().count("r")));
  }

  @Test
  void whoMissesNoticesLooksAtEverybodyAgain() {
    ChatNode node = start(LIMITS);
    Client bob = Client.connect(node, "Bob");
    bob.join("r");
    StateStore store = node.state();
    store.impose(StateStore.Sanction.BAN, "r", bob.session.user().id(), StateStore.FOREVER);
    nodes.clock.advanceSeconds(5);
    assertEquals(0, bob.count("left"), "nobody told the node");
    Json unknown = Json.of("v", 1, "type", "of the future");
    for (int i = 0; i < 10_001; i++) {
      store.post(unknown);
    }
    nodes.clock.advanceSeconds(1);
    assertEquals("banned", bob.last("left").get("reason").getAsString());
  }

  @Test
  void aRoomNobodyCreatedGoesWithItsHistoryWhenItHasBeenEmptyForLong() {
    Limits limits =
        LIMITS.toBuilder().roomIdle(Duration.ofMinutes(10)).heartbeat(Duration.ofHours(9)).build();
    ChatNode node = start(limits);
    start(limits);
    Client ann = Client.connect(node, "Ann");
    ann.join("idle");
    ann.say("idle", "x");
    ann.send("{'type':'create','room':'made'}");
    ann.join("made");
    ann.say("made", "x");
    decide(node, "idle", mute("somebody", StateStore.FOREVER));
    nodes.clock.advance(Duration.ofMinutes(30));
    assertTrue(exists(node, "idle"), "somebody is in it");
    ann.send("{'type':'leave','room':'idle'}");
    ann.send("{'type':'leave','room':'made'}");
    nodes.clock.advance(Duration.ofMinutes(9));
    assertTrue(exists(node, "idle"), "not yet");
    nodes.clock.advance(Duration.ofMinutes(2));
    assertFalse(exists(node, "idle"));
    assertFalse(exists(node, "mod:idle"));
    assertEquals(
        StateStore.Sanctions.NONE, BackendContract.get(node.state().sanctions("idle", "somebody")));
    assertTrue(exists(node, "made"));
    ann.join("idle");
    assertEquals(0, ann.last("joined").get("offset").getAsLong());
    ann.join("made");
    assertEquals(1, ann.last("joined").get("offset").getAsLong());
  }

  @Test
  void aMessageOfAnApplicationKeepsARoomAsAMemberDoes() {
    ChatNode node = start(LIMITS.toBuilder().roomIdle(Duration.ofMinutes(10)).build());
    node.room("orders").publish("n", Json.NULL).toCompletableFuture().join();
    nodes.clock.advance(Duration.ofMinutes(9));
    node.room("orders").publish("n", Json.NULL).toCompletableFuture().join();
    nodes.clock.advance(Duration.ofMinutes(9));
    assertTrue(exists(node, "orders"));
    nodes.clock.advance(Duration.ofMinutes(2));
    assertFalse(exists(node, "orders"));
  }

  private static boolean exists(ChatNode node, String room) {
    return BackendContract.get(node.rooms().room(room)) != null;
  }

  @Test
  void aUserMayHaveSoManyRooms() {
    ChatNode node = start(LIMITS.toBuilder().roomsPerUser(2).build());
    Client ann = Client.connect(node, "Ann");
    ann.send("{'type':'create','room':'one'}");
    ann.send("{'type':'create','room':'two'}");
    assertEquals(2, ann.count("created"));
    ann.send("{'type':'create','room':'three'}");
    assertEquals("too_many_rooms", code(ann));
    assertEquals(1, node.stats().limitHits().get(LimitHit.ROOMS_PER_USER));
    Client.connect(node, "Bob").send("{'type':'create','room':'bobs'}");
    ann.send("{'type':'destroy','room':'one'}");
    ann.send("{'type':'create','room':'three'}");
    assertEquals(3, ann.count("created"));
    assertTrue(exists(node, "bobs"));
  }

  @Test
  void aRoomMayHaveInvitedSoManyUsers() {
    ChatNode node = start(LIMITS.toBuilder().invitationsPerRoom(2).build());
    Client ann = Client.connect(node, "Ann");
    ann.send("{'type':'create','room':'r','private':true}");
    String invite = "{'type':'invite','id':1,'room':'r','user':'%s'}";
    ann.send(invite.formatted("u1"));
    ann.send(invite.formatted("u2"));
    ann.send(invite.formatted("u2"));
    assertEquals(3, ann.count("ack"));
    ann.send(invite.formatted("u3"));
    assertEquals("too_large", code(ann));
    assertEquals(1, node.stats().limitHits().get(LimitHit.INVITATIONS_PER_ROOM));
    ann.send("{'type':'uninvite','id':2,'room':'r','user':'u1'}");
    ann.send(invite.formatted("u3"));
    assertEquals(5, ann.count("ack"));
  }

  @Test
  void aRoomThatBecomesPrivateKeepsWhoMayBeThere() {
    ChatNode node = start(LIMITS);
    Client ann = Client.connect(node, "Ann");
    Client bob = Client.connect(node, "Bob");
    ann.send("{'type':'create','room':'r'}");
    ann.join("r");
    bob.join("r");
    ann.send("{'type':'configure','id':1,'room':'r','private':true}");
    assertEquals("kicked", bob.last("left").get("reason").getAsString());
    assertEquals(0, ann.count("left"));
  }

  @Test
  void moderatorsOfTheServiceMayDoEverythingEverywhere() {
    RoomAccess access = RoomAccess.builder().moderator("chief").build();
    for (Authorizer.Action action : Authorizer.Action.values()) {
      assertTrue(access.allows(new User("chief", "Chief"), action, "r"));
    }
    User user = new User("u", "U");
    RoomManager.Role hidden =
        new RoomManager.Role(true, true, false, false, false, false, Duration.ZERO);
    assertTrue(access.allows(user, Authorizer.Action.CREATE, "r", hidden));
    assertFalse(access.allows(user, Authorizer.Action.JOIN, "r", hidden));
    assertFalse(access.allows(user, Authorizer.Action.MODERATE, "r"));
    assertTrue(access.allows(user, Authorizer.Action.PUBLISH, "r"));
  }
}
