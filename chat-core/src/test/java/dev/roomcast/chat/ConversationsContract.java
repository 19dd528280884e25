package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Direct messages and read marks, between clients of two nodes, on any store. */
public abstract class ConversationsContract extends TwoNodes {

  /** Says that there are Ann, Bob, Eve, Max and Zoe, and lets everybody in by name. */
  private static final class People implements Authenticator.Directory {
    private static final List<String> ALL = List.of("Ann", "Bob", "Eve", "Max", "Zoe:%");

    @Override
    public User authenticate(ConnectRequest request) {
      User known = request.sessionUser();
      String name = String.valueOf(request.parameter("name"));
      return known == null ? new User("id " + name, name) : known;
    }

    @Override
    public @Nullable User find(String id) {
      String name = id.startsWith("id ") ? id.substring(3) : "";
      return ALL.contains(name) || name.startsWith("Guest") ? new User(id, name) : null;
    }
  }

  private Client ann;
  private Client bob;

  @Override
  ChatNode.Builder configured(ChatNode.Builder builder) {
    return builder.authenticator(new People());
  }

  /** Connects Ann to one node and Bob to the other; nobody joins anything. */
  @BeforeEach
  void connect() {
    ann = Client.connect(here, "Ann");
    bob = Client.connect(there, "Bob");
  }

  private JsonObject ack(Client client, String command) {
    JsonObject answer = ask(client, command);
    assertEquals("ack", answer.get("type").getAsString(), answer::toString);
    return answer;
  }

  private static String direct(String to, String text) {
    return "{'type':'direct','to':'id " + to + "','text':'" + text + "'}";
  }

  private static final String AB = "dm:id Ann:id Bob";

  private static List<JsonObject> objects(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private List<JsonObject> conversations(Client client) {
    JsonObject answer = ask(client, "{'type':'conversations'}");
    return objects(answer.getAsJsonArray("conversations"));
  }

  private static List<String> directs(Client client) {
    return client.transport.frames("direct").stream()
        .map(frame -> frame.get("text").getAsString())
        .toList();
  }

  @Test
  public void aDirectMessageReachesAllSessionsOfBothWithoutJoining() {
    Client bobsPhone = Client.connect(here, "Bob");
    Client annsPhone = Client.connect(there, "Ann");
    Client eve = Client.connect(there, "Eve");
    JsonObject ack =
        ack(ann, "{'type':'direct','to':'id Bob','text':'hi','key':'k','data':{'b':1.50}}");
    assertEquals(AB, ack.get("room").getAsString());
    assertEquals(1, ack.get("offset").getAsInt());
    JsonObject frame = bob.awaitFrames("direct", 1).get(0);
    assertEquals(AB, frame.get("room").getAsString());
    assertEquals("id Bob", frame.get("to").getAsString());
    assertEquals("Ann", frame.getAsJsonObject("user").get("name").getAsString());
    assertEquals("hi", frame.get("text").getAsString());
    assertEquals("{\"b\":1.50}", frame.get("data").toString());
    for (String field : List.of("offset", "epoch", "ts")) {
      assertEquals(frame.get(field), ack.get(field));
    }
    for (Client client : List.of(ann, annsPhone, bobsPhone)) {
      assertEquals(frame, client.awaitFrames("direct", 1).get(0));
    }
    ack(bob, direct("Ann", "hello"));
    for (Client client : List.of(ann, annsPhone, bob, bobsPhone)) {
      client.awaitFrames("direct", 2);
      assertEquals(List.of("hi", "hello"), directs(client));
    }
    assertEquals(0, eve.count("direct"));
  }

  @Test
  public void manyDirectMessagesComeInOrderAndOnceWhoeverJoinsAndLeaves() {
    Client phone = Client.connect(there, "Ann");
    int each = 60;
    for (int i = 0; i < each; i++) {
      ann.send(direct("Bob", "a" + i));
      bob.send(direct("Ann", "b" + i));
      if (i % 20 == 5) {
        phone.send("{'type':'join','room':'" + AB + "','history':0}");
      } else if (i % 20 == 15) {
        phone.send("{'type':'leave','room':'" + AB + "'}");
      }
    }
    for (Client client : List.of(ann, bob)) {
      client.awaitFrames("direct", 2 * each);
      assertEquals(
          IntStream.rangeClosed(1, 2 * each).boxed().toList(),
          client.transport.frames("direct").stream()
              .map(frame -> frame.get("offset").getAsInt())
              .toList());
    }
    ack(ann, direct("Bob", "end"));
    BackendContract.until(() -> directs(phone).contains("end"));
    List<Integer> offsets =
        phone.transport.frames("direct").stream()
            .map(frame -> frame.get("offset").getAsInt())
            .toList();
    assertEquals(
        offsets.stream().distinct().sorted().toList(), offsets, "in order, and none twice");
    assertEquals(2 * each + 1, offsets.get(offsets.size() - 1));
  }

  @Test
  public void whoHasJoinedAConversationGetsEachFrameOnce() {
    ack(ann, direct("Bob", "one"));
    ann.awaitFrames("direct", 1);
    bob.awaitFrames("direct", 1);
    bob.join(AB);
    ann.join(AB);
    for (int i = 2; i <= 30; i++) {
      ack(i % 2 == 0 ? ann : bob, direct(i % 2 == 0 ? "Bob" : "Ann", "m" + i));
    }
    for (Client client : List.of(ann, bob)) {
      client.awaitFrames("direct", 30);
      ask(client, "{'type':'ping'}");
      assertEquals(30, client.count("direct"));
    }
  }

  /** The ack says that it is logged; by then the frame is on its way, or in the history. */
  @Test
  public void whoJoinsWhileADirectMessageIsOnItsWayHasItOneWayOrTheOther() {
    for (int i = 0; i < 20; i++) {
      String other = "Guest" + i;
      String room = Conversation.between("id Ann", "id " + other).room();
      Client guest = Client.connect(i % 2 == 0 ? here : there, other);
      ack(ann, direct(other, "one"));
      JsonObject joined = guest.join(room);
      ack(ann, direct(other, "two"));
      BackendContract.until(() -> directs(guest).contains("two"));
      List<String> all = new ArrayList<>(each(joined.getAsJsonArray("history"), "text"));
      directs(guest).stream().filter(text -> !all.contains(text)).forEach(all::add);
      assertEquals(List.of("one", "two"), all);
      assertTrue(directs(guest).size() <= 2, () -> "doubled: " + directs(guest));
    }
  }

  @Test
  public void aConversationHasAllThatARoomHas() {
    ack(ann, direct("Bob", "teh"));
    String thumb = ",'target':1,'emoji':'\ud83d\udc4d'}";
    ack(bob, "{'type':'react','room':'" + AB + "'" + thumb);
    ack(ann, "{'type':'edit','room':'" + AB + "','target':1,'text':'the'}");
    assertEquals("the", bob.awaitFrames("edit", 1).get(0).get("text").getAsString());
    ann.awaitFrames("react", 1);
    JsonObject history = ask(bob, "{'type':'history','room':'" + AB + "'}");
    JsonObject first = objects(history.getAsJsonArray("frames")).get(0);
    assertEquals("direct", first.get("type").getAsString());
    assertEquals("the", first.get("text").getAsString());
    assertTrue(first.has("reactions"));
    ack(bob, "{'type':'message','room':'" + AB + "','text':'as a message','replyTo':1}");
    JsonObject reply = ann.awaitFrames("direct", 2).get(1);
    assertEquals("id Ann", reply.get("to").getAsString());
    assertEquals(1, reply.get("replyTo").getAsInt());
    ack(ann, "{'type':'delete','room':'" + AB + "','target':1}");
    assertEquals("forbidden", refusal(ann, "{'type':'delete','room':'" + AB + "','target':4}"));
    bob.join(AB);
    ann.join(AB);
    ann.send("{'type':'typing','room':'" + AB + "','active':true}");
    bob.awaitFrames("typing", 1);
  }

  @Test
  public void nobodyElseCanUseAConversation() {
    ack(ann, direct("Bob", "secret"));
    Client eve = Client.connect(here, "Eve");
    String room = "'room':'" + AB + "'";
    for (String command :
        List.of(
            "{'type':'join'," + room + "}",
            "{'type':'history'," + room + "}",
            "{'type':'members'," + room + "}",
            "{'type':'message'," + room + ",'text':'x'}",
            "{'type':'event'," + room + ",'name':'n','data':1}",
            "{'type':'edit'," + room + ",'target':1,'text':'x'}",
            "{'type':'delete'," + room + ",'target':1}",
            "{'type':'react'," + room + ",'target':1,'emoji':'\ud83d\udc4d'}",
            "{'type':'typing'," + room + ",'active':true}",
            "{'type':'read'," + room + ",'offset':1}")) {
      assertEquals("forbidden", refusal(eve, command), command);
    }
    assertEquals(List.of(), conversations(eve));
    JsonObject rooms = ask(eve, "{'type':'rooms'}");
    assertEquals(0, rooms.getAsJsonArray("rooms").size());
    User stranger = eve.session.user();
    for (java.util.concurrent.CompletionStage<?> read :
        List.of(
            here.reads().room(stranger, AB),
            here.reads().history(stranger, AB, Map.of()),
            here.reads().members(stranger, AB, Map.of()))) {
      assertEquals(ErrorCode.FORBIDDEN, BackendContract.failure(read).code());
    }
    assertNotNull(BackendContract.get(here.reads().history(bob.session.user(), AB, Map.of())));
    for (String bad : List.of("dm:", "dm:x", "dm:id Bob:id Ann", "dm:a:b:c", "dm::a")) {
      assertEquals("bad_request", refusal(ann, "{'type':'join','room':'" + bad + "'}"), bad);
    }
  }

  @Test
  public void whoWasAwayFindsTheConversationAndWhatIsUnread() {
    ack(ann, direct("Max", "one"));
    ack(ann, direct("Max", "two"));
    ack(ann, direct("Bob", "other"));
    Client max = Client.connect(there, "Max");
    String room = "dm:id Ann:id Max";
    assertEquals(2, max.transport.only("welcome").getAsJsonObject("unread").get(room).getAsInt());
    JsonObject found = conversations(max).get(0);
    assertEquals(room, found.get("room").getAsString());
    assertEquals("Ann", found.getAsJsonObject("user").get("name").getAsString());
    assertEquals("two", found.getAsJsonObject("last").get("text").getAsString());
    assertEquals(2, found.get("unread").getAsInt());
    JsonObject joined = max.join(room);
    assertEquals(2, joined.get("unread").getAsInt());
    assertEquals(2, joined.getAsJsonArray("history").size());
    max.send("{'type':'read','room':'" + room + "','offset':2}");
    ask(max, "{'type':'ping'}");
    assertEquals(0, conversations(max).get(0).get("unread").getAsInt());
    List<JsonObject> anns = conversations(ann);
    assertEquals(
        List.of("Bob", "Max"),
        anns.stream().map(c -> c.getAsJsonObject("user").get("name").getAsString()).toList(),
        "the newest first");
    assertEquals(0, anns.get(0).get("unread").getAsInt(), "her own messages");
    Client again = Client.connect(here, "Max");
    assertEquals("{}", again.transport.only("welcome").get("unread").toString());
  }

  @Test
  public void conversationsArePaged() {
    List<String> others = List.of("Bob", "Eve", "Max", "Zoe:%");
    others.forEach(other -> ack(ann, direct(other, "hi")));
    List<String> found = new ArrayList<>();
    String after = "";
    for (int page = 0; page < 4; page++) {
      JsonObject answer = ask(ann, "{'type':'conversations','limit':1,'after':'" + after + "'}");
      objects(answer.getAsJsonArray("conversations"))
          .forEach(c -> found.add(c.getAsJsonObject("user").get("name").getAsString()));
      assertEquals(page < 3, answer.has("next"));
      after = page < 3 ? answer.get("next").getAsString() : "";
    }
    assertEquals(4, found.stream().distinct().count());
    assertEquals(others.stream().sorted().toList(), found.stream().sorted().toList());
    assertEquals("bad_request", refusal(ann, "{'type':'conversations','after':'x'}"));
  }

  @Test
  public void aConversationWithOneselfWorksAndOneWithNobodyDoesNot() {
    ack(ann, direct("Ann", "note"));
    assertEquals("note", ann.awaitFrames("direct", 1).get(0).get("text").getAsString());
    JsonObject own = conversations(ann).get(0);
    assertEquals("dm:id Ann:id Ann", own.get("room").getAsString());
    assertEquals("Ann", own.getAsJsonObject("user").get("name").getAsString());
    assertEquals("no_such_user", refusal(ann, direct("Nobody", "hi")));
    assertEquals("bad_request", refusal(ann, "{'type':'direct','to':'','text':'x'}"));
    assertEquals("bad_request", refusal(ann, "{'type':'direct','to':'id Bob','text':''}"));
    assertEquals("bad_request", refusal(ann, "{'type':'direct','text':'x'}"));
  }

  @Test
  public void aDirectMessageWithAKeyIsLoggedOnceOnWhicheverNode() {
    String keyed = "{'type':'direct','to':'id Bob','text':'once','key':'k'}";
    JsonObject first = ack(ann, keyed);
    JsonObject again = ack(Client.connect(there, "Ann"), keyed);
    assertEquals(first.get("offset"), again.get("offset"));
    assertTrue(again.get("duplicate").getAsBoolean());
    ack(bob, keyed.replace("id Bob", "id Ann"));
    bob.awaitFrames("direct", 2);
  }

  @Test
  public void whoIsBlockedIsRefusedUntilUnblocked() {
    ack(ann, direct("Bob", "hi"));
    ack(bob, "{'type':'block','user':'id Ann'}");
    assertEquals("forbidden", refusal(ann, direct("Bob", "again")));
    assertEquals("forbidden", refusal(ann, "{'type':'message','room':'" + AB + "','text':'x'}"));
    assertEquals(
        "forbidden", refusal(ann, "{'type':'edit','room':'" + AB + "','target':1,'text':'x'}"));
    ack(bob, direct("Ann", "you hear me"));
    ask(ann, "{'type':'history','room':'" + AB + "'}");
    ack(bob, "{'type':'unblock','user':'id Ann'}");
    ack(ann, direct("Bob", "again"));
    assertEquals("bad_request", refusal(ann, "{'type':'block','user':'id Ann'}"));
    assertEquals("bad_request", refusal(ann, "{'type':'block'}"));
  }

  @Test
  public void theApplicationSendsToUsersAndSeesTheirSessions() {
    Client phone = Client.connect(here, "Bob");
    BackendContract.get(here.user("id Bob").send("ring", Json.of("from", "Ann")));
    for (Client client : List.of(bob, phone)) {
      JsonObject event = client.awaitFrames("event", 1).get(0);
      assertEquals("ring", event.get("name").getAsString());
      assertFalse(event.has("room") || event.has("offset") || event.has("user"));
    }
    assertEquals(0, ann.count("event"));
    List<StateStore.UserSession> sessions = BackendContract.get(here.user("id Bob").sessions());
    assertEquals(
        List.of(here.id(), there.id()).stream().sorted().toList(),
        sessions.stream().map(StateStore.UserSession::node).sorted().toList());
    User app = new User("shop", "Shop");
    Ack ack = BackendContract.get(here.user("id Bob").direct(app, "Your order", null, "o1"));
    Ack again = BackendContract.get(there.user("id Bob").direct(app, "Your order", null, "o1"));
    assertEquals(ack.position(), again.position());
    assertEquals("Your order", bob.awaitFrames("direct", 1).get(0).get("text").getAsString());
    Json posted =
        BackendContract.get(
            here.writes().direct("id Bob", "{\"user\":{\"id\":\"shop\"},\"text\":\"Sent\"}", null));
    assertTrue(posted.text().startsWith("{\"room\":\"dm:id Bob:shop\",\"offset\":2,"));
    BackendContract.get(there.user("id Bob").disconnect());
    BackendContract.until(() -> BackendContract.get(here.user("id Bob").sessions()).isEmpty());
  }

  @Test
  public void readMarksGoForwardOnlyOnAllDevicesAndCountMessagesAlone() {
    ann.join("general");
    bob.join("general");
    Client phone = Client.connect(here, "Bob");
    JsonObject first = phone.join("general");
    assertFalse(first.has("unread"), "nothing was read here yet, so nothing is missed");
    for (int i = 1; i <= 4; i++) {
      ann.say("general", "m" + i);
    }
    ann.send("{'type':'event','room':'general','name':'n','data':1}");
    ann.send("{'type':'react','room':'general','target':1,'emoji':'\ud83d\udc4d'}");
    bob.awaitFrames("react", 1);
    bob.send("{'type':'read','room':'general','offset':1}");
    JsonObject heard = ann.awaitFrames("read", 1).get(0);
    assertEquals(1, heard.get("offset").getAsInt());
    assertEquals("Bob", heard.getAsJsonObject("user").get("name").getAsString());
    assertEquals(3, unread(phone, "general"));
    bob.send("{'type':'read','room':'general','offset':3}");
    ask(bob, "{'type':'ping'}");
    phone.send("{'type':'read','room':'general','offset':2}");
    ask(phone, "{'type':'ping'}");
    assertEquals(1, unread(bob, "general"));
    assertEquals(1, unread(phone, "general"));
    phone.send("{'type':'read','room':'general','offset':999}");
    ask(phone, "{'type':'ping'}");
    assertEquals(0, unread(bob, "general"));
    ann.say("general", "m5");
    bob.awaitFrames("message", 5);
    assertEquals(1, unread(bob, "general"));
    assertEquals(1, bob.join("general").get("unread").getAsInt());
    bob.say("general", "mine");
    ann.awaitFrames("message", 6);
    assertEquals(0, unread(bob, "general"), "who answers has read");
    assertEquals(1, unread(ann, "general"));
    assertEquals("bad_request", refusal(bob, "{'type':'read','room':'general','offset':0}"));
    assertEquals("not_in_room", refusal(bob, "{'type':'read','room':'else','offset':1}"));
    List<JsonObject> reads = ann.transport.frames("read");
    List<Integer> offsets = reads.stream().map(read -> read.get("offset").getAsInt()).toList();
    assertEquals(offsets.stream().sorted().distinct().toList(), offsets);
  }

  private int unread(Client client, String room) {
    JsonObject rooms = ask(client, "{'type':'rooms'}");
    return objects(rooms.getAsJsonArray("rooms")).stream()
        .filter(found -> found.get("room").getAsString().equals(room))
        .map(found -> found.get("unread").getAsInt())
        .findFirst()
        .orElse(-1);
  }

  @Test
  public void whatIsNotRetainedIsNotUnread() {
    ann.join("general");
    bob.join("general");
    bob.say("general", "mine");
    here.room("general")
        .retain(new Retention(4, Duration.ofHours(1), 1_000_000))
        .toCompletableFuture()
        .join();
    for (int i = 1; i <= 20; i++) {
      ann.say("general", "m" + i);
    }
    bob.awaitFrames("message", 21);
    int unread = unread(bob, "general");
    assertTrue(unread >= 4 && unread <= 5, () -> "unread: " + unread);
    BackendContract.get(here.room("general").destroy());
    Client again = Client.connect(there, "Bob");
    BackendContract.until(() -> !again.join("general").has("unread"));
  }

  @Test
  public void aResumedSessionIsWelcomedWithWhatItHasNotRead() {
    ann.join("general");
    bob.join("general");
    bob.say("general", "mine");
    ann.awaitFrames("message", 1);
    String resume = bob.resumeSecret();
    bob.session.closed(1006);
    ann.say("general", "one");
    ann.say("general", "two");
    ann.awaitFrames("message", 3);
    Client again = Client.resume(here, resume);
    assertEquals("{\"general\":2}", again.transport.only("welcome").get("unread").toString());
  }
}
