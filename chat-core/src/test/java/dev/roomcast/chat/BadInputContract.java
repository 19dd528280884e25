package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What commands are told that mean something which is not there, is somebody else's, or is
 * nonsense, between guests of two nodes, on any store.
 */
public abstract class BadInputContract extends TwoNodes {

  private static final String THUMB = "\ud83d\udc4d";

  private Client ann;
  private Client bob;

  @Override
  Limits limits(Limits usual) {
    return usual.toBuilder().resumeTtl(Duration.ofMillis(500)).build();
  }

  /** Connects Ann to one node and Bob to the other, both in one room. */
  @BeforeEach
  void connect() {
    ann = Client.connect(here, "Ann");
    bob = Client.connect(there, "Bob");
    ann.join("r");
    bob.join("r");
  }

  private void refused(String code, Client client, String command) {
    JsonObject answer = ask(client, command);
    assertEquals("error", answer.get("type").getAsString(), () -> command + ": " + answer);
    assertEquals(code, answer.get("code").getAsString(), () -> command + ": " + answer);
  }

  private JsonObject done(Client client, String command) {
    JsonObject answer = ask(client, command);
    assertFalse(answer.has("code"), () -> command + ": " + answer);
    return answer;
  }

  private static String id(Client client) {
    return client.session.user().id();
  }

  private long top() {
    return BackendContract.get(here.room("r").history(HistoryQuery.position())).top().offset();
  }

  @Test
  public void whatNamesNoRoomIsABadRequestAndLogsNothing() {
    for (String type :
        List.of(
            "join",
            "leave",
            "message",
            "event",
            "edit",
            "delete",
            "react",
            "read",
            "typing",
            "history",
            "members",
            "create",
            "configure",
            "destroy",
            "invite",
            "uninvite",
            "appoint",
            "dismiss",
            "kick",
            "mute",
            "unmute",
            "ban",
            "unban")) {
      for (String room :
          List.of("", ",'room':null", ",'room':''", ",'room':7", ",'room':'a\\u0000'")) {
        String fields =
            ",'text':'x','target':1,'emoji':'" + THUMB + "','user':'u','name':'n','offset':1";
        JsonObject answer = ask(ann, "{'type':'" + type + "'" + room + fields + ",'active':true}");
        assertEquals("bad_request", answer.get("code").getAsString(), () -> type + ": " + answer);
        assertTrue(answer.get("message").getAsString().startsWith("room"), answer::toString);
      }
    }
    assertEquals(0, top());
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  public void whatNamesNoTargetIsABadRequestThatSaysWhich() {
    for (String[] each :
        new String[][] {
          {"edit", "'text':'x'", "target"},
          {"edit", "'target':1", "text"},
          {"delete", "'reason':'x'", "target"},
          {"react", "'emoji':'" + THUMB + "'", "target"},
          {"react", "'target':1", "emoji"},
          {"read", "'x':1", "offset"},
          {"message", "'replyTo':-1,'text':'x'", "replyTo"},
          {"event", "'data':1", "name"},
          {"invite", "'x':1", "user"},
          {"uninvite", "'x':1", "user"},
          {"appoint", "'x':1", "user"},
          {"dismiss", "'x':1", "user"},
          {"kick", "'x':1", "user"},
          {"mute", "'x':1", "user"},
          {"unmute", "'x':1", "user"},
          {"ban", "'user':'u','seconds':0", "seconds"},
          {"unban", "'x':1", "user"},
          {"direct", "'text':'x'", "to"},
          {"block", "'x':1", "user"},
          {"unblock", "'x':1", "user"},
          {"typing", "'x':1", "active"}
        }) {
      JsonObject answer = ask(ann, "{'type':'" + each[0] + "','room':'r'," + each[1] + "}");
      assertTrue(answer.has("code"), () -> each[0] + ": " + answer);
      assertEquals("bad_request", answer.get("code").getAsString(), () -> each[0] + ": " + answer);
      assertTrue(
          answer.get("message").getAsString().startsWith(each[2]), () -> each[0] + ": " + answer);
    }
  }

  /** One message of Ann's, one deleted, one that retention will take, and what is no message. */
  @Test
  public void aTargetThatIsGoneNotYetThereOrSomebodyElsesIsRefusedOnEitherNode() {
    long old = done(ann, "{'type':'message','room':'r','text':'old'}").get("offset").getAsLong();
    long mine = done(ann, "{'type':'message','room':'r','text':'mine'}").get("offset").getAsLong();
    long gone = done(ann, "{'type':'message','room':'r','text':'gone'}").get("offset").getAsLong();
    done(ann, "{'type':'delete','room':'r','target':" + gone + "}");
    BackendContract.get(here.room("r").retain(new Retention(3, Duration.ofHours(1), 1_000_000)));
    done(ann, "{'type':'event','room':'r','name':'n','data':1}");
    long event =
        done(bob, "{'type':'message','room':'r','text':'x'}").get("offset").getAsLong() - 1;
    BackendContract.get(here.room("r").retain(new Retention(4, Duration.ofHours(1), 1_000_000)));
    long before = top();
    for (Client client : List.of(ann, bob)) {
      for (String fields :
          List.of("'edit','text':'y'", "'delete'", "'react','emoji':'" + THUMB + "'")) {
        String command = "{'type':" + fields + ",'room':'r','target':";
        refused("no_such_message", client, command + old + "}");
        refused("no_such_message", client, command + (before + 1) + "}");
        refused("no_such_message", client, command + Long.MAX_VALUE + "}");
        refused("bad_request", client, command + event + "}");
        for (String none : List.of("0", "-1", "1.5", "'1'", "[1]", "{}", "9223372036854775808")) {
          refused("bad_request", client, command + none + "}");
        }
      }
    }
    assertTrue(mine > old);
    assertEquals(before, top(), "nothing of that was logged");
  }

  @Test
  public void messagesOfOthersAndDeletedOnesStayAsTheyAre() {
    done(ann, "{'type':'message','room':'r','text':'mine'}");
    for (String command :
        List.of(
            "{'type':'edit','room':'r','target':1,'text':'yours'}",
            "{'type':'delete','room':'r','target':1}")) {
      refused("forbidden", bob, command);
    }
    done(ann, "{'type':'delete','room':'r','target':1}");
    long before = top();
    for (Client client : List.of(ann, bob)) {
      refused("no_such_message", client, "{'type':'edit','room':'r','target':1,'text':'x'}");
      refused("no_such_message", client, "{'type':'delete','room':'r','target':1}");
      refused(
          "no_such_message",
          client,
          "{'type':'react','room':'r','target':1,'emoji':'" + THUMB + "'}");
    }
    assertEquals(before, top());
  }

  @Test
  public void onlyOneEmojiIsAReaction() {
    done(ann, "{'type':'message','room':'r','text':'mine'}");
    for (String bad :
        List.of(
            "",
            " ",
            "ok",
            "1",
            ":)",
            "<b>",
            THUMB + THUMB,
            THUMB + "!",
            "a" + THUMB,
            "\u200d",
            "\ufe0f",
            "\ud83c\udffd\ud83c\udffd",
            "\ud83c\uddea",
            THUMB.repeat(200))) {
      refused("bad_request", bob, "{'type':'react','room':'r','target':1,'emoji':'" + bad + "'}");
    }
    refused("bad_request", bob, "{'type':'react','room':'r','target':1,'emoji':7}");
    refused("bad_request", bob, "{'type':'react','room':'r','target':1,'emoji':['x']}");
    String family = "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67";
    for (String good : List.of(THUMB, family, "\ud83c\uddea\ud83c\uddfa", "1\ufe0f\u20e3")) {
      done(bob, "{'type':'react','room':'r','target':1,'emoji':'" + good + "'}");
    }
  }

  @Test
  public void whatIsSaidToAGuestThatHasGoneIsRefusedWhicheverWay() {
    String room = Conversation.between(id(ann), id(bob)).room();
    String direct = "{'type':'direct','to':'" + id(bob) + "','text':'hi'}";
    String message = "{'type':'message','room':'" + room + "','text':'hi'}";
    String event = "{'type':'event','room':'" + room + "','name':'n','data':1}";
    done(ann, direct);
    done(ann, message);
    done(ann, event);
    bob.session.closed(1006);
    done(ann, message); // it can be resumed
    BackendContract.until(() -> BackendContract.get(here.user(id(bob)).sessions()).isEmpty());
    for (String command : List.of(direct, message, event)) {
      refused("no_such_user", ann, command);
    }
    refused("no_such_user", ann, event.replace("'data'", "'ephemeral':true,'data'"));
    String body = "{\"user\":{\"id\":\"" + id(ann) + "\"},\"text\":\"hi\"}";
    assertEquals(
        ErrorCode.NO_SUCH_USER,
        BackendContract.failure(there.writes().message(room, body, null)).code());
    done(ann, "{'type':'edit','room':'" + room + "','target':1,'text':'taken back'}");
    done(ann, "{'type':'delete','room':'" + room + "','target':2}");
    JsonObject history = done(ann, "{'type':'history','room':'" + room + "'}");
    assertEquals(6, history.get("top").getAsInt());
  }

  @Test
  public void directMessagesToOrFromTheBlockedAndTheBanned() {
    String room = Conversation.between(id(ann), id(bob)).room();
    String toBob = "{'type':'direct','to':'" + id(bob) + "','text':'hi'}";
    String toAnn = "{'type':'direct','to':'" + id(ann) + "','text':'hi'}";
    done(ann, toBob);
    done(bob, "{'type':'block','user':'" + id(ann) + "'}");
    done(bob, "{'type':'block','user':'" + id(ann) + "'}");
    for (String command :
        List.of(
            toBob,
            "{'type':'message','room':'" + room + "','text':'x'}",
            "{'type':'event','room':'" + room + "','name':'n','data':1}",
            "{'type':'edit','room':'" + room + "','target':1,'text':'x'}",
            "{'type':'react','room':'" + room + "','target':1,'emoji':'" + THUMB + "'}",
            "{'type':'typing','room':'" + room + "','active':true}")) {
      refused("forbidden", ann, command);
    }
    done(ann, "{'type':'history','room':'" + room + "'}");
    done(bob, toAnn);
    done(bob, "{'type':'unblock','user':'" + id(ann) + "'}");
    done(ann, toBob);

    // Banned from a room does not matter in a conversation; from the service one is not there.
    BackendContract.get(here.ban(id(bob), Duration.ofSeconds(60), null));
    BackendContract.until(() -> bob.transport.closeCode() == 4003);
    BackendContract.until(() -> BackendContract.get(here.user(id(bob)).sessions()).isEmpty());
    refused("no_such_user", ann, toBob);
    refused("no_such_user", ann, "{'type':'message','room':'" + room + "','text':'x'}");
    BackendContract.get(here.unban(id(bob)));
  }

  @Test
  public void offsetsBeyondAnyLogAreAnsweredLikeThoseBeyondThisOne() {
    done(ann, "{'type':'message','room':'r','text':'one'}");
    String epoch = bob.awaitFrames("message", 1).get(0).get("epoch").getAsString();
    for (long far : new long[] {2, 1L << 53, Long.MAX_VALUE}) {
      String history = "{'type':'history','room':'r','";
      assertEquals(0, frames(done(ann, history + "after':" + far + "}")));
      assertEquals(1, frames(done(ann, history + "before':" + far + "}")));
      Client late = Client.connect(there, "Late");
      late.send(
          "{'type':'join','room':'r','since':{'epoch':'" + epoch + "','offset':" + far + "}}");
      assertFalse(late.last("joined").get("recovered").getAsBoolean());
      bob.send("{'type':'read','room':'r','offset':" + far + "}");
      done(bob, "{'type':'ping'}");
      assertEquals(0, bob.count("error"));
    }
  }

  private static int frames(JsonObject history) {
    return history.getAsJsonArray("frames").size();
  }

  @Test
  public void positionsOfAnotherTimeAreNotRecovered() {
    done(ann, "{'type':'message','room':'r','text':'one'}");
    String epoch = bob.awaitFrames("message", 1).get(0).get("epoch").getAsString();
    for (String since :
        List.of(
            "'offset':99,'epoch':'" + epoch + "'",
            "'offset':1,'epoch':'foreign'",
            "'offset':0,'epoch':'foreign'")) {
      Client late = Client.connect(there, "Late");
      late.send("{'type':'join','room':'r','since':{" + since + "}}");
      JsonObject joined = late.last("joined");
      assertFalse(joined.get("recovered").getAsBoolean(), since);
      assertEquals(1, joined.getAsJsonArray("history").size());
    }
  }
}
