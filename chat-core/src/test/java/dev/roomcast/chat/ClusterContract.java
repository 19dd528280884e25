package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What clients of two nodes see when something happens to nodes, sessions or the store. */
public abstract class ClusterContract extends TwoNodes {

  private static final String JOIN = "{'type':'join','room':'general','history':100}";

  private final Map<Client, Integer> refusals = new HashMap<>();

  /** Makes trouble that the promises survive, for instance cuts connections to the store. */
  protected void disturb() throws Exception {}

  /** Makes the store unreachable, without loss of data, while something is done. */
  protected void outage(Runnable during) throws Exception {
    during.run();
  }

  /** A join may be refused while the store is away: then the client asks again. */
  private boolean isJoined(Client client) {
    if (!client.transport.frames("joined").isEmpty()) {
      return true;
    }
    List<JsonObject> errors = client.transport.frames("error");
    if (errors.size() > refusals.getOrDefault(client, 0)) {
      refusals.put(client, errors.size());
      assertEquals("unavailable", client.last("error").get("code").getAsString());
      client.send(JOIN);
    }
    return false;
  }

  private static String message(String text) {
    return "{'type':'message','room':'general','text':'" + text + "','key':'" + text + "'}";
  }

  /** Offsets and texts of the history of the join and of what came live after it. */
  private static List<String> seen(Client client) {
    List<String> seen = new ArrayList<>();
    for (JsonElement frame : client.last("joined").getAsJsonArray("history")) {
      seen.add(line(frame.getAsJsonObject()));
    }
    client.transport.frames("message").forEach(frame -> seen.add(line(frame)));
    return seen;
  }

  private static String line(JsonObject frame) {
    return frame.get("offset") + " " + frame.get("text").getAsString();
  }

  @Test
  public void allMembersSeeOneOrderWhateverHappensToTheStoresConnections() throws Exception {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(there, "Bob");
    ann.join("general");
    bob.join("general");
    int each = 400;
    List<Client> late = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      ann.send(message("a" + i));
      bob.send(message("b" + i));
      if (i % 100 == 50) {
        disturb();
        ann.awaitFrames("message", i);
      }
      if (i % 100 == 80) {
        Client joiner = Client.connect(i % 200 == 80 ? here : there, "Late" + i);
        joiner.send(JOIN);
        late.add(joiner);
      }
    }
    BackendContract.until(() -> ann.offsets().size() == 2 * each);
    BackendContract.until(() -> bob.offsets().size() == 2 * each);
    assertEquals(LongStream.rangeClosed(1, 2L * each).boxed().toList(), ann.offsets());
    assertEquals(ann.offsets(), bob.offsets());
    assertEquals(ann.texts(), bob.texts());
    for (String prefix : List.of("a", "b")) {
      assertEquals(
          IntStream.range(0, each).mapToObj(i -> prefix + i).toList(),
          ann.texts().stream().filter(text -> text.startsWith(prefix)).toList());
    }
    List<String> all = seen(ann);
    for (Client joiner : late) {
      String last = all.get(all.size() - 1);
      BackendContract.until(() -> isJoined(joiner));
      BackendContract.until(() -> seen(joiner).contains(last));
      List<String> seen = seen(joiner);
      assertEquals(all.subList(all.size() - seen.size(), all.size()), seen);
    }
  }

  @Test
  public void aSessionIsResumedOnTheOtherNodeWithExactlyWhatItMissed() throws Exception {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    JsonObject position = bob.join("general");
    String resume = bob.resumeSecret();
    ann.awaitFrames("presence", 1);
    bob.session.closed(1006);
    IntStream.range(0, 20).forEach(i -> ann.send(message("missed" + i)));
    ann.awaitFrames("message", 20);

    Client again = Client.resume(there, resume);
    assertTrue(again.transport.only("welcome").get("resumed").getAsBoolean());
    again.join("general", position);
    assertTrue(again.last("joined").get("recovered").getAsBoolean());
    assertEquals(20, again.last("joined").getAsJsonArray("history").size());
    assertEquals(bob.session.user(), again.session.user());
    assertFalse(
        ann.transport.frames("presence").stream()
            .anyMatch(frame -> !frame.getAsJsonArray("left").isEmpty()),
        "nobody saw it leave");
    Client late = Client.resume(there, resume);
    assertFalse(late.transport.only("welcome").get("resumed").getAsBoolean());
  }

  @Test
  public void aSessionThatMovedIsStillOnePersonAndLeavesOnce() {
    Client watcher = Client.connect(here, "Watcher");
    watcher.join("general");
    Client one = Client.connect(here, "Bob");
    one.join("general");
    watcher.awaitFrames("presence", 1);
    String resume = one.resumeSecret();
    one.session.closed(1006);
    Client moved = Client.resume(there, resume);
    moved.join("general");
    assertEquals(2, moved.last("joined").get("count").getAsLong());
    moved.session.closed(1000);
    JsonObject left = watcher.awaitFrames("presence", 2).get(1);
    assertEquals(1, left.getAsJsonArray("left").size());
    assertEquals(1, left.get("count").getAsLong());
  }

  @Test
  public void whoLeavesWhileTheStoreIsAwayIsGoneWhenItIsBack() throws Exception {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(here, "Bob");
    ann.join("general");
    bob.join("general");
    Client eve = Client.connect(there, "Eve");
    outage(
        () -> {
          bob.session.closed(1000);
          // This may be refused, or not: in the end she is no member.
          eve.send(JOIN);
          eve.session.closed(1000);
        });
    BackendContract.until(() -> here.upkeep().isIdle() && there.upkeep().isIdle());
    BackendContract.until(() -> here.ready() && there.ready());
    // What she asked for may still be under way: if it is done, it is undone.
    BackendContract.until(() -> members(there).equals(List.of("Ann")));
  }

  private static List<String> members(ChatNode node) {
    return BackendContract.get(node.room("general").members("", 10)).members().stream()
        .map(User::name)
        .sorted()
        .toList();
  }

  @Test
  public void aSessionIsResumedAlthoughTheStoreIsAwayForAMoment() throws Exception {
    Client watcher = Client.connect(here, "Watcher");
    Client bob = Client.connect(here, "Bob");
    watcher.join("general");
    bob.join("general");
    watcher.awaitFrames("presence", 1);
    String resume = bob.transport.only("welcome").get("resume").getAsString();
    bob.session.closed(1006);
    Admission admission =
        BackendContract.get(
            there.admit(ConnectRequest.of(Map.of("resume", resume), null, null, "127.0.0.1")));
    RecordingTransport transport = new RecordingTransport();
    outage(() -> there.connect(admission, transport));
    BackendContract.until(() -> !transport.frames("welcome").isEmpty());
    JsonObject welcome = transport.only("welcome");
    assertTrue(welcome.get("resumed").getAsBoolean());
    assertEquals("[\"general\"]", welcome.get("rooms").toString());
    ClientSession session = there.session(welcome.get("session").getAsString());
    Objects.requireNonNull(session).closed(1000);
    BackendContract.until(() -> members(here).equals(List.of("Watcher")));
    JsonObject left = watcher.awaitFrames("presence", 2).get(1);
    assertEquals(1, left.getAsJsonArray("left").size());
    assertEquals(2, watcher.transport.frames("presence").size());
  }

  @Test
  public void aDestroyedRoomLetsTheMembersOnAllNodesGo() {
    Client ann = Client.connect(here, "Ann");
    Client bob = Client.connect(there, "Bob");
    ann.join("orders");
    bob.join("orders");
    here.room("orders").destroy().toCompletableFuture().join();
    assertEquals("removed", ann.last("left").get("reason").getAsString());
    assertEquals("removed", bob.last("left").get("reason").getAsString());
  }
}
