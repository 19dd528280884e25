package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Edits, deletions and reactions, between clients of two nodes, on any store. */
public abstract class MessageChangesContract extends TwoNodes {

  private static final String THUMB = "\ud83d\udc4d";
  private static final String HEART = "\u2764\ufe0f";

  private Client ann;
  private Client bob;

  /** Only Mod may moderate; who has the same name is the same user. */
  @Override
  ChatNode.Builder configured(ChatNode.Builder builder) {
    builder.authenticator(
        request -> {
          User known = request.sessionUser();
          String name = String.valueOf(request.parameter("name"));
          return known == null ? new User(name + "-id", name) : known;
        });
    return builder.authorizer(
        (user, action, room) -> action != Authorizer.Action.MODERATE || user.name().equals("Mod"));
  }

  @Override
  Limits limits(Limits usual) {
    return usual.toBuilder().reactionsPerMessage(4).build();
  }

  /** Connects Ann to one node and Bob to the other, both in one room. */
  @BeforeEach
  void connect() {
    ann = Client.connect(here, "Ann");
    bob = Client.connect(there, "Bob");
    ann.join("general");
    bob.join("general");
  }

  private long offset(Client client, String command) {
    JsonObject answer = ask(client, command);
    assertEquals("ack", answer.get("type").getAsString(), answer::toString);
    return answer.get("offset").getAsLong();
  }

  private long say(Client client, String text) {
    return offset(client, "{'type':'message','room':'general','text':'" + text + "'}");
  }

  private static String edit(long target, String text) {
    return "{'type':'edit','room':'general','target':" + target + ",'text':'" + text + "'}";
  }

  private static String delete(long target) {
    return "{'type':'delete','room':'general','target':" + target + "}";
  }

  private static String react(long target, String emoji, boolean on) {
    return "{'type':'react','room':'general','target':"
        + target
        + ",'emoji':'"
        + emoji
        + "','on':"
        + on
        + "}";
  }

  private List<JsonObject> history(Client client) {
    JsonArray frames =
        ask(client, "{'type':'history','room':'general','limit':500}").getAsJsonArray("frames");
    return StreamSupport.stream(frames.spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static List<Long> offsets(List<JsonObject> frames) {
    return frames.stream().map(frame -> frame.get("offset").getAsLong()).toList();
  }

  @Test
  public void anEditIsAFrameOfItsOwnAndHistoryHasTheNewestText() {
    String data = "{\"b\":1.50,\"a\":[12345678901234567890]}";
    long target =
        offset(
            ann,
            "{'type':'message','room':'general','text':'teh','key':'k','data':"
                + data.replace('"', '\'')
                + "}");
    say(bob, "between");
    JsonObject ack = ask(ann, edit(target, "the \u00e4"));
    JsonObject live = bob.awaitFrames("edit", 1).get(0);
    assertEquals(live, ann.awaitFrames("edit", 1).get(0));
    for (String field : List.of("offset", "epoch", "ts")) {
      assertEquals(live.get(field), ack.get(field));
    }
    assertEquals(target, live.get("target").getAsLong());
    assertEquals("the \u00e4", live.get("text").getAsString());
    assertEquals("Ann", live.getAsJsonObject("user").get("name").getAsString());
    List<JsonObject> history = history(bob);
    assertEquals(List.of(1L, 2L, 3L), offsets(history));
    JsonObject message = history.get(0);
    assertEquals("the \u00e4", message.get("text").getAsString());
    assertEquals(live.get("ts"), message.get("edited"));
    assertEquals(data, message.get("data").toString());
    assertEquals("k", message.get("key").getAsString());
    assertEquals(live, history.get(2));
    assertFalse(history.get(1).has("edited"));
  }

  @Test
  public void aJoinerAndWhoRecoversSeeTheMessageAsItIsNow() {
    long target = say(ann, "teh");
    ask(ann, edit(target, "the"));
    ask(bob, react(target, THUMB, true));
    Client late = Client.connect(there, "Late");
    JsonObject message = late.join("general").getAsJsonArray("history").get(0).getAsJsonObject();
    assertEquals("the", message.get("text").getAsString());
    assertEquals(1, message.getAsJsonObject("reactions").getAsJsonArray(THUMB).size());
  }

  @Test
  public void whoWasAwayGetsTheChangesItMissed() {
    long target = say(ann, "teh");
    bob.awaitFrames("message", 1);
    JsonObject position = bob.last("message");
    String resume = bob.resumeSecret();
    bob.session.closed(1006);
    ask(ann, edit(target, "the"));
    ask(ann, react(target, HEART, true));
    long second = say(ann, "secret");
    ask(ann, edit(second, "secrets"));
    ask(ann, delete(second));
    Client again = Client.resume(here, resume);
    JsonObject joined = again.join("general", position);
    assertTrue(joined.get("recovered").getAsBoolean());
    List<JsonObject> missed =
        StreamSupport.stream(joined.getAsJsonArray("history").spliterator(), false)
            .map(JsonElement::getAsJsonObject)
            .toList();
    assertEquals(
        List.of("edit", "react", "message", "edit", "delete"),
        missed.stream().map(frame -> frame.get("type").getAsString()).toList());
    assertEquals("the", missed.get(0).get("text").getAsString());
    assertFalse(joined.toString().contains("secret"));
  }

  @Test
  public void aDeletedMessageHasNoWordsLeftAndNeitherHaveItsEdits() {
    long target =
        offset(ann, "{'type':'message','room':'general','text':'secret','data':{'also':'secret'}}");
    ask(ann, edit(target, "secret again"));
    long other = say(ann, "other");
    ask(ann, edit(other, "another"));
    ask(bob, react(target, THUMB, true));
    ask(ann, delete(target));
    assertEquals(target, bob.awaitFrames("delete", 1).get(0).get("target").getAsLong());
    List<JsonObject> history = history(bob);
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), offsets(history));
    assertFalse(history.toString().contains("secret"), history::toString);
    for (int gone : List.of(0, 1)) {
      assertTrue(history.get(gone).get("deleted").getAsBoolean());
      assertFalse(history.get(gone).has("text"));
    }
    assertFalse(history.get(0).has("reactions"));
    assertEquals("Ann", history.get(0).getAsJsonObject("user").get("name").getAsString());
    assertEquals("another", history.get(2).get("text").getAsString());
    assertEquals("another", history.get(3).get("text").getAsString());
    for (String late : List.of(edit(target, "x"), delete(target), react(target, THUMB, true))) {
      assertEquals("no_such_message", refusal(ann, late));
    }
  }

  @Test
  public void reactionsAreCountedPerEmojiWithTheirUsers() {
    long target = say(ann, "hello");
    String annId = ann.session.user().id();
    String bobId = bob.session.user().id();
    ask(ann, react(target, THUMB, true));
    ask(bob, react(target, THUMB, true));
    ask(bob, react(target, HEART, true));
    JsonObject live = ann.awaitFrames("react", 3).get(1);
    assertEquals(THUMB, live.get("emoji").getAsString());
    assertTrue(live.get("on").getAsBoolean());
    JsonObject reactions = history(ann).get(0).getAsJsonObject("reactions");
    assertEquals(2, reactions.size());
    assertEquals("[\"" + annId + "\",\"" + bobId + "\"]", reactions.get(THUMB).toString());
    ask(ann, react(target, THUMB, false));
    ask(bob, react(target, HEART, false));
    assertEquals(
        "{\"" + THUMB + "\":[\"" + bobId + "\"]}", history(ann).get(0).get("reactions").toString());
    ask(bob, react(target, THUMB, false));
    assertFalse(history(ann).get(0).has("reactions"));
    assertFalse(history(ann).get(0).has("edited"));
  }

  @Test
  public void whatChangesNothingIsAcknowledgedAndNotLogged() {
    long target = say(ann, "hello");
    ask(ann, react(target, THUMB, true));
    for (String same :
        List.of(react(target, THUMB, true), react(target, HEART, false), edit(target, "hello"))) {
      JsonObject ack = ask(ann, same);
      assertEquals("ack", ack.get("type").getAsString());
      assertFalse(ack.has("offset"));
      assertTrue(ack.has("ts"));
    }
    assertEquals(List.of(1L, 2L), offsets(history(bob)));
  }

  @Test
  public void reactionsOfAMessageAreBounded() {
    long target = say(ann, "hello");
    List<String> emoji = List.of("\ud83d\ude00", "\ud83d\ude01", "\ud83d\ude02", "\ud83d\ude03");
    emoji.forEach(each -> ask(ann, react(target, each, true)));
    assertEquals("too_large", refusal(bob, react(target, emoji.get(0), true)));
    ask(ann, react(target, emoji.get(1), false));
    assertEquals("ack", ask(bob, react(target, emoji.get(0), true)).get("type").getAsString());
  }

  @Test
  public void onlyItsUserChangesAMessageAndModeratorsMayDeleteIt() {
    long target = say(ann, "mine");
    assertEquals("forbidden", refusal(bob, edit(target, "yours")));
    assertEquals("forbidden", refusal(bob, delete(target)));
    Client mod = Client.connect(there, "Mod");
    mod.join("general");
    assertEquals("forbidden", refusal(mod, edit(target, "ours")));
    ask(mod, delete(target));
    assertTrue(history(bob).get(0).has("deleted"));
    JsonObject deletion = ann.awaitFrames("delete", 1).get(0);
    assertEquals("Mod", deletion.getAsJsonObject("user").get("name").getAsString());
    History noted =
        BackendContract.get(here.room("mod:general").history(new HistoryQuery.Newest(9)));
    JsonObject data =
        noted.publications().get(0).body().tree().getAsJsonObject().getAsJsonObject("data");
    assertEquals("delete", data.get("action").getAsString());
    assertEquals(ann.session.user().id(), data.get("user").getAsString());
    assertEquals("Mod", data.getAsJsonObject("by").get("name").getAsString());
    assertEquals(1, noted.publications().size(), "what was refused is not noted");
  }

  @Test
  public void aTargetIsAMessageThatIsThere() {
    say(ann, "one");
    long event = offset(ann, "{'type':'event','room':'general','name':'n','data':1}");
    for (String bad : List.of(edit(event, "x"), delete(event), react(event, THUMB, true))) {
      assertEquals("bad_request", refusal(ann, bad));
    }
    for (String bad : List.of(edit(99, "x"), delete(99), react(99, THUMB, true))) {
      assertEquals("no_such_message", refusal(ann, bad));
    }
    for (String bad :
        List.of(edit(0, "x"), edit(-1, "x"), edit(1, ""), delete(0), react(0, THUMB, true))) {
      assertEquals("bad_request", refusal(ann, bad));
    }
    for (String bad : List.of("ok", "", THUMB + THUMB, "1")) {
      assertEquals("bad_request", refusal(ann, react(1, bad, true)));
    }
    assertEquals("bad_request", refusal(ann, "{'type':'edit','room':'general','target':1}"));
    assertEquals("bad_request", refusal(ann, "{'type':'delete','room':'general'}"));
    assertEquals("bad_request", refusal(ann, "{'type':'react','room':'general','target':1}"));
    Client eve = Client.connect(here, "Eve");
    assertEquals("not_in_room", refusal(eve, react(1, THUMB, true)));
    assertEquals("not_in_room", refusal(eve, delete(1)));
    here.room("general")
        .retain(new Retention(1, Duration.ofHours(1), 1_000_000))
        .toCompletableFuture()
        .join();
    assertEquals("no_such_message", refusal(ann, edit(1, "x")));
  }

  @Test
  public void twoDevicesThatEditAtTheSameMomentEndWithTheSame() {
    Client second = Client.connect(there, "Ann");
    second.join("general");
    long target = say(ann, "start");
    List<Client> all = List.of(ann, second, bob);
    int each = 40;
    for (int i = 0; i < each; i++) {
      for (Client client : all) {
        client.send(react(target, i % 2 == 0 ? THUMB : HEART, i % 4 < 2));
      }
      ann.send(edit(target, "one" + i));
      second.send(edit(target, "two" + i));
    }
    all.forEach(client -> ask(client, "{'type':'ping'}"));
    List<JsonObject> history = history(bob);
    assertEquals(LongStream.rangeClosed(1, history.size()).boxed().toList(), offsets(history));
    assertEquals(history, history(ann));
    assertPlaysTo(history, history.get(0));
    long edits = history.stream().filter(frame -> type(frame).equals("edit")).count();
    assertEquals(2L * each, edits, "every edit found its place in the log");
    for (Client client : all) {
      BackendContract.until(() -> live(client).size() == history.size());
      assertEquals(offsets(history), offsets(live(client)));
      assertPlaysTo(live(client), history.get(0));
    }
  }

  private static String type(JsonObject frame) {
    return frame.get("type").getAsString();
  }

  private static List<JsonObject> live(Client client) {
    return client.transport.frames().stream()
        .filter(frame -> Set.of("message", "edit", "react").contains(type(frame)))
        .toList();
  }

  /** Who plays the frames from the start has what the message says now. */
  private static void assertPlaysTo(List<JsonObject> frames, JsonObject message) {
    String text = "start";
    Set<String> reactions = new HashSet<>();
    for (JsonObject frame : frames.subList(1, frames.size())) {
      if (type(frame).equals("edit")) {
        text = frame.get("text").getAsString();
        continue;
      }
      String user = frame.getAsJsonObject("user").get("id").getAsString();
      String reaction = frame.get("emoji").getAsString() + user;
      boolean changed =
          frame.get("on").getAsBoolean() ? reactions.add(reaction) : reactions.remove(reaction);
      assertTrue(changed, "a reaction that changes nothing is not logged");
    }
    assertEquals(text, message.get("text").getAsString());
    Set<String> present = new HashSet<>();
    if (message.has("reactions")) {
      JsonObject all = message.getAsJsonObject("reactions");
      for (String emoji : all.keySet()) {
        all.getAsJsonArray(emoji).forEach(user -> present.add(emoji + user.getAsString()));
      }
    }
    assertEquals(reactions, present);
  }
}
