package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rooms that are created, private and moderated, between clients of two nodes, on any store. */
public abstract class ModerationContract extends TwoNodes {

  private Client ann;
  private Client bob;

  /** Connects Ann to one node and Bob to the other. */
  @BeforeEach
  void connect() {
    ann = Client.connect(here, "Ann");
    bob = Client.connect(there, "Bob");
  }

  private static String id(Client client) {
    return client.session.user().id();
  }

  /** Sends a command and waits for its reply, whatever that is. */
  private static JsonObject ask(Client client, String type, String fields) {
    String id = "q" + client.transport.frames().size();
    client.send("{'type':'" + type + "','id':'" + id + "'," + fields + "}");
    BackendContract.until(
        () ->
            client.transport.frames().stream()
                .anyMatch(f -> f.has("re") && f.get("re").getAsString().equals(id)));
    return client.transport.frames().stream()
        .filter(f -> f.has("re") && f.get("re").getAsString().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static void done(Client client, String type, String fields) {
    JsonObject reply = ask(client, type, fields);
    assertFalse(reply.has("code"), reply::toString);
  }

  private static void refused(String code, Client client, String type, String fields) {
    JsonObject reply = ask(client, type, fields);
    assertTrue(reply.has("code"), reply::toString);
    assertEquals(code, reply.get("code").getAsString(), reply::toString);
  }

  /** Waits until a command is answered so: what was decided on another node is on its way. */
  private static void soon(String code, Client client, String type, String fields) {
    BackendContract.until(
        () -> {
          JsonObject reply = ask(client, type, fields);
          return code.equals(reply.has("code") ? reply.get("code").getAsString() : "");
        });
  }

  private static String in(String room, Client target) {
    return "'room':'" + room + "','user':'" + id(target) + "'";
  }

  /** A room of Ann's, in which both are. */
  private void annsRoom() {
    done(ann, "create", "'room':'r','title':'Ours'");
    ann.join("r");
    bob.join("r");
  }

  private static void left(String reason, Client client) {
    assertEquals(reason, client.last("left").get("reason").getAsString());
  }

  @Test
  public void createSaysWhatTheRoomIsAndOnlyOnce() {
    JsonObject created = ask(ann, "create", "'room':'r','private':true,'title':'Ours'");
    assertEquals("created", created.get("type").getAsString());
    assertEquals("r", created.get("room").getAsString());
    assertTrue(created.get("private").getAsBoolean());
    assertEquals("Ours", created.get("title").getAsString());
    refused("room_exists", bob, "create", "'room':'r'");
    bob.join("by-joining");
    refused("room_exists", ann, "create", "'room':'by-joining'");
    refused("forbidden", ann, "create", "'room':'mod:r'");
    refused("forbidden", ann, "create", "'room':'dm:a:b'");
    refused("bad_request", ann, "create", "'room':'q','title':'a\\u0000b'");
  }

  @Test
  public void aCreatedRoomIsThereWithoutMembersAndKnowsWhoMadeIt() {
    done(ann, "create", "'room':'r','title':'Ours'");
    JsonObject info =
        BackendContract.get(there.reads().room(bob.session.user(), "r")).tree().getAsJsonObject();
    assertEquals("Ours", info.get("title").getAsString());
    assertEquals(id(ann), info.getAsJsonObject("createdBy").get("id").getAsString());
    assertTrue(info.get("createdAt").getAsLong() > 0);
    assertEquals(0, info.get("count").getAsInt());
    assertFalse(info.has("lastActivity"));
    ann.join("r");
    ann.say("r", "hi");
    long ts = ann.awaitFrames("message", 1).get(0).get("ts").getAsLong();
    info =
        BackendContract.get(there.reads().room(bob.session.user(), "r")).tree().getAsJsonObject();
    assertEquals(ts, info.get("lastActivity").getAsLong());
    assertEquals(1, info.get("count").getAsInt());
  }

  @Test
  public void aPrivateRoomIsForOwnerAndInvitedOnly() {
    done(ann, "create", "'room':'r','private':true");
    ann.join("r");
    for (String type : List.of("join", "history", "members")) {
      refused("forbidden", bob, type, "'room':'r'");
    }
    assertEquals(0, ask(bob, "rooms", "'limit':10").getAsJsonArray("rooms").size());
    assertEquals(1, ask(ann, "rooms", "'limit':10").getAsJsonArray("rooms").size());
    assertEquals(
        ErrorCode.FORBIDDEN,
        BackendContract.failure(
                there.admit(ConnectRequest.of(Map.of("name", "Eve"), null, "r", "127.0.0.1")))
            .code());
    refused("forbidden", bob, "invite", in("r", bob));
    done(ann, "invite", in("r", bob));
    JsonObject invited = bob.last("invited");
    assertEquals("r", invited.get("room").getAsString());
    assertEquals("Ann", invited.getAsJsonObject("user").get("name").getAsString());
    done(ann, "invite", in("r", bob));
    soon("", bob, "join", "'room':'r'");
    assertEquals(1, ask(bob, "rooms", "'limit':10").getAsJsonArray("rooms").size());
    refused("forbidden", bob, "uninvite", in("r", ann));
    done(ann, "uninvite", in("r", bob));
    left("kicked", bob);
    assertEquals("r", bob.last("uninvited").get("room").getAsString());
    refused("forbidden", bob, "join", "'room':'r'");
    assertEquals(1, bob.count("invited"), "who is invited already is not told again");
  }

  @Test
  public void invitationsAreForPrivateRoomsThatExist() {
    done(ann, "create", "'room':'open'");
    refused("bad_request", ann, "invite", in("open", bob));
    Client chief = Client.connect(here, "Chief");
    refused("forbidden", chief, "invite", in("nowhere", bob));
  }

  @Test
  public void destroyEndsTheRoomWithAllThatWasDecidedAboutIt() {
    annsRoom();
    done(ann, "ban", in("r", bob));
    left("banned", bob);
    refused("banned", bob, "destroy", "'room':'r'");
    done(ann, "destroy", "'room':'r'");
    left("removed", ann);
    refused("forbidden", ann, "destroy", "'room':'r'");
    soon("", bob, "join", "'room':'r'");
    assertEquals(0, bob.last("joined").get("offset").getAsLong());
    assertEquals(List.of("Bob"), names(bob.last("joined"), "members"));
  }

  @Test
  public void whoIsKickedLeavesOnAllNodesAndMayComeAgain() {
    annsRoom();
    Client second = Client.connect(here, "Eve");
    second.join("r");
    refused("forbidden", bob, "kick", in("r", second));
    done(ann, "kick", in("r", bob) + ",'reason':'spam'");
    left("kicked", bob);
    ann.say("r", "without him");
    second.awaitFrames("message", 1);
    assertEquals(0, bob.count("message"));
    refused("not_in_room", bob, "message", "'room':'r','text':'x'");
    refused("no_such_user", ann, "kick", in("r", bob));
    refused("no_such_user", ann, "kick", "'room':'r','user':'nobody'");
    refused("bad_request", ann, "kick", in("r", ann));
    bob.join("r");
    bob.say("r", "back");
    ann.awaitFrames("message", 2);
  }

  @Test
  public void whoIsMutedReadsButSaysNothingUntilUnmuted() {
    annsRoom();
    done(ann, "mute", in("r", bob));
    soon("muted", bob, "typing", "'room':'r','active':true");
    refused("muted", bob, "message", "'room':'r','text':'x'");
    refused("muted", bob, "event", "'room':'r','name':'n','data':1");
    refused("muted", bob, "event", "'room':'r','name':'n','data':1,'ephemeral':true");
    refused("muted", bob, "typing", "'room':'r','active':true");
    ann.say("r", "hear");
    bob.awaitFrames("message", 1);
    bob.join("other");
    bob.say("other", "free here");
    bob.awaitFrames("message", 2);
    done(ann, "unmute", in("r", bob));
    done(ann, "unmute", in("r", bob));
    soon("", bob, "message", "'room':'r','text':'again'");
    ann.awaitFrames("message", 2);
  }

  @Test
  public void aMuteEndsByItself() {
    annsRoom();
    done(ann, "mute", in("r", bob) + ",'seconds':2");
    soon("muted", bob, "message", "'room':'r','text':'x'");
    JsonObject error = ask(bob, "message", "'room':'r','text':'x'");
    assertEquals("muted", error.get("code").getAsString());
    long wait = error.get("retryAfter").getAsLong();
    assertTrue(wait > 0 && wait <= 2_000, error::toString);
    BackendContract.until(() -> !ask(bob, "message", "'room':'r','text':'x'").has("code"));
  }

  @Test
  public void whoIsBannedLeavesAndCannotComeBackOnAnyNode() {
    annsRoom();
    done(ann, "ban", in("r", bob) + ",'reason':'spam'");
    left("banned", bob);
    for (String type : List.of("join", "history", "members")) {
      refused("banned", bob, type, "'room':'r'");
    }
    assertEquals(
        ErrorCode.BANNED,
        BackendContract.failure(there.reads().history(bob.session.user(), "r", Map.of())).code());
    done(ann, "unban", in("r", bob));
    soon("", bob, "join", "'room':'r'");
  }

  @Test
  public void ranksProtectOwnersAndModerators() {
    annsRoom();
    Client eve = Client.connect(there, "Eve");
    eve.join("r");
    refused("forbidden", bob, "appoint", in("r", bob));
    done(ann, "appoint", in("r", bob));
    soon("", bob, "mute", in("r", eve) + ",'seconds':60");
    soon("muted", eve, "message", "'room':'r','text':'x'");
    refused("forbidden", bob, "mute", in("r", ann));
    refused("forbidden", bob, "destroy", "'room':'r'");
    done(ann, "mute", in("r", bob));
    soon("muted", bob, "message", "'room':'r','text':'x'");
    done(ann, "dismiss", in("r", bob));
    soon("forbidden", bob, "unmute", in("r", eve));
  }

  @Test
  public void whatIsDoneInARoomThatIsNotThereIsRefused() {
    RoomAction.Kick kick = new RoomAction.Kick("u", null);
    assertEquals(
        ErrorCode.NO_SUCH_ROOM,
        BackendContract.failure(here.keeper().carryOut(null, "nowhere", kick)).code());
    for (RoomAction action :
        List.of(
            new RoomAction.Destroy(),
            new RoomAction.Configure(new RoomSettings.Change(null, "t", null)),
            new RoomAction.Appoint("u", true),
            new RoomAction.Invite("u"),
            new RoomAction.Uninvite("u"),
            new RoomAction.Impose(StateStore.Sanction.MUTE, "u", Duration.ofSeconds(1), null),
            new RoomAction.Lift(StateStore.Sanction.BAN, "u"))) {
      assertEquals(
          ErrorCode.NO_SUCH_ROOM,
          BackendContract.failure(here.keeper().carryOut(null, "nowhere", action)).code(),
          action::toString);
    }
  }

  @Test
  public void moderatorsReadWhoDidWhatAndNobodyElse() {
    annsRoom();
    done(ann, "mute", in("r", bob) + ",'seconds':60,'reason':'loud'");
    JsonObject frame =
        ask(ann, "history", "'room':'mod:r'").getAsJsonArray("frames").get(0).getAsJsonObject();
    assertEquals("moderation", frame.get("name").getAsString());
    JsonObject data = frame.getAsJsonObject("data");
    assertEquals("mute", data.get("action").getAsString());
    assertEquals(id(bob), data.get("user").getAsString());
    assertEquals("Ann", data.getAsJsonObject("by").get("name").getAsString());
    assertEquals(60, data.get("seconds").getAsInt());
    assertEquals("loud", data.get("reason").getAsString());
    ann.join("mod:r");
    done(ann, "unmute", in("r", bob));
    BackendContract.until(() -> ann.count("event") == 1);
    refused("forbidden", ann, "message", "'room':'mod:r','text':'forged'");
    refused("forbidden", ann, "event", "'room':'mod:r','name':'moderation','data':{}");
    refused("forbidden", bob, "join", "'room':'mod:r'");
    refused("forbidden", bob, "history", "'room':'mod:r'");
    assertEquals(
        List.of("mod:r", "r"),
        each(ask(ann, "rooms", "'limit':9").getAsJsonArray("rooms"), "room"));
    assertEquals(
        List.of("r"), each(ask(bob, "rooms", "'limit':9").getAsJsonArray("rooms"), "room"));
    done(ann, "appoint", in("r", bob));
    soon("", bob, "join", "'room':'mod:r'");
    done(ann, "dismiss", in("r", bob));
    left("kicked", bob);
  }

  @Test
  public void aSlowRoomTakesOneMessagePerIntervalOfAUserOnAllNodes() {
    annsRoom();
    BackendContract.get(
        here.keeper()
            .carryOut(
                ann.session.user(),
                "r",
                new RoomAction.Configure(
                    new RoomSettings.Change(null, null, Duration.ofSeconds(60)))));
    BackendContract.until(() -> slow(there) == 60);
    done(bob, "message", "'room':'r','text':'one','key':'k'");
    JsonObject error = ask(bob, "message", "'room':'r','text':'two'");
    assertEquals("rate_limited", error.get("code").getAsString());
    assertTrue(error.get("retryAfter").getAsLong() > 50_000, error::toString);
    JsonObject again = ask(bob, "message", "'room':'r','text':'one','key':'k'");
    assertTrue(again.get("duplicate").getAsBoolean(), again::toString);
    bob.session.closed(1006);
    Client moved = Client.resume(here, bob.resumeSecret());
    moved.join("r");
    refused("rate_limited", moved, "message", "'room':'r','text':'two'");
    done(ann, "message", "'room':'r','text':'owner'");
    done(ann, "message", "'room':'r','text':'need not wait'");
    done(ann, "configure", "'room':'r','slow':0");
    soon("", moved, "message", "'room':'r','text':'two'");
  }

  private long slow(ChatNode node) {
    return BackendContract.get(
            node.moderation().still(bob.session.user(), Authorizer.Action.JOIN, "r"))
        .role()
        .slowMode()
        .toSeconds();
  }

  @Test
  public void whoIsBannedFromTheServiceIsClosedEverywhere() {
    annsRoom();
    Client second = Client.resume(here, bob.resumeSecret());
    String user = id(bob);
    BackendContract.get(there.ban(user, Duration.ofSeconds(60), "spam"));
    BackendContract.until(() -> second.transport.closeCode() == 4003);
    BackendContract.get(here.unban(user));
  }

  @Test
  public void roomsAreFoundByTheBeginningOfTheirNames() {
    for (String room : List.of("a", "team:a", "team:b", "team:c", "teams")) {
      ann.join(room);
    }
    JsonObject page = ask(bob, "rooms", "'prefix':'team:','limit':2");
    assertEquals(List.of("team:a", "team:b"), each(page.getAsJsonArray("rooms"), "room"));
    assertEquals("team:b", page.get("next").getAsString());
    page = ask(bob, "rooms", "'prefix':'team:','after':'team:b','limit':2");
    assertEquals(List.of("team:c"), each(page.getAsJsonArray("rooms"), "room"));
    assertFalse(page.has("next"));
    page = ask(bob, "rooms", "'prefix':'team:','after':'a'");
    assertEquals(3, page.getAsJsonArray("rooms").size());
    assertEquals(0, ask(bob, "rooms", "'prefix':'x'").getAsJsonArray("rooms").size());
    assertEquals(0, ask(bob, "rooms", "'prefix':'a','after':'b'").getAsJsonArray("rooms").size());
  }
}
