package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every {@link RoomManager} keeps. */
public abstract class RoomManagerContract extends BackendContract {

  private static List<String> ids(List<User> users) {
    return users.stream().map(User::id).toList();
  }

  private static List<String> names(List<RoomManager.RoomInfo> rooms) {
    return rooms.stream().map(RoomManager.RoomInfo::room).toList();
  }

  private Node listening(String id, String room) {
    Node node = node(id);
    get(node.broker().subscribe(room, HistoryQuery.position()));
    return node;
  }

  @Test
  public void aUserEntersOnceAndLeavesOnceWithThreeSessionsOnTwoNodes() {
    Node a = listening("a", "room");
    Node b = listening("b", "room");
    assertTrue(get(a.rooms().join("room", "s1", user("ann"))).first());
    assertFalse(get(a.rooms().join("room", "s2", user("ann"))).first());
    RoomManager.Membership third = get(b.rooms().join("room", "s3", user("ann")));
    assertFalse(third.first());
    assertEquals(1, third.count());
    assertEquals(List.of(user("ann")), third.members());
    assertFalse(get(a.rooms().leave("room", "s1", user("ann"))));
    assertFalse(get(b.rooms().leave("room", "s3", user("ann"))));
    assertTrue(get(a.rooms().leave("room", "s2", user("ann"))));
    List<PresenceChange> edges =
        List.of(
            new PresenceChange(user("ann"), true, 1), new PresenceChange(user("ann"), false, 0));
    until(() -> a.changes.size() >= 2 && b.changes.size() >= 2);
    assertEquals(edges, a.changes);
    assertEquals(edges, b.changes);
  }

  @Test
  public void onlySubscribedNodesHearOfEdges() {
    Node a = listening("a", "room");
    Node b = listening("b", "other");
    get(b.rooms().join("room", "s1", user("ann")));
    get(b.rooms().join("other", "s1", user("bob")));
    until(() -> !a.changes.isEmpty() && !b.changes.isEmpty());
    assertEquals("ann", a.changes.get(0).user().id());
    assertEquals("bob", b.changes.get(0).user().id());
  }

  @Test
  public void joiningAndLeavingAgainChangeNothing() {
    Node a = listening("a", "room");
    assertTrue(get(a.rooms().join("room", "s1", user("ann"))).first());
    assertFalse(get(a.rooms().join("room", "s1", user("ann"))).first());
    assertTrue(get(a.rooms().leave("room", "s1", user("ann"))));
    assertFalse(get(a.rooms().leave("room", "s1", user("ann"))));
    assertFalse(get(a.rooms().leave("nowhere", "s1", user("ann"))));
    assertEquals(0, get(a.rooms().count("room")));
    get(a.rooms().join("room", "end", user("end")));
    until(() -> a.changes.stream().anyMatch(change -> change.user().id().equals("end")));
    assertEquals(3, a.changes.size());
  }

  @Test
  public void aNodeCannotEndWhatIsWithAnother() {
    Node a = node("a");
    Node b = node("b");
    get(a.rooms().join("room", "s1", user("ann")));
    assertFalse(get(b.rooms().leave("room", "s1", user("ann"))));
    assertEquals(1, get(b.rooms().count("room")));
  }

  @Test
  public void nobodyEntersOrLeavesWhenASessionMoves() {
    Node a = listening("a", "room");
    Node b = node("b");
    get(a.rooms().join("room", "s1", user("ann")));
    RoomManager.Membership moved = get(b.rooms().move("room", "s1", user("ann"), "a"));
    assertFalse(moved.first());
    assertEquals(1, moved.count());
    assertFalse(get(b.rooms().move("room", "s1", user("ann"), "a")).first());
    assertFalse(get(a.rooms().leave("room", "s1", user("ann"))), "a late leave of the old node");
    assertEquals(0, get(b.rooms().reap("a")));
    assertEquals(1, get(b.rooms().count("room")));
    assertTrue(get(b.rooms().leave("room", "s1", user("ann"))));
    until(() -> a.changes.size() == 2);
  }

  @Test
  public void aSessionThatWasRemovedMeanwhileJoinsWhenItMoves() {
    Node b = node("b");
    assertTrue(get(b.rooms().move("room", "s1", user("ann"), "a")).first());
    assertTrue(get(b.rooms().leave("room", "s1", user("ann"))));
  }

  @Test
  public void membersArePagedInTheOrderOfTheirBytes() {
    Node node = node("a");
    List<String> ids = List.of("B", "a", "a b", "ab", "\u00e9", "\uffee", "\ud83d\ude00");
    for (int i = ids.size() - 1; i >= 0; i--) {
      get(node.rooms().join("room", "s" + i, user(ids.get(i))));
    }
    List<String> read = new ArrayList<>();
    RoomManager.MembersPage page = get(node.rooms().members("room", "", 3));
    while (true) {
      read.addAll(ids(page.members()));
      assertEquals(ids.size(), page.count());
      if (!page.more()) {
        break;
      }
      page = get(node.rooms().members("room", read.get(read.size() - 1), 3));
    }
    assertEquals(ids, read);
    assertEquals(user("B"), get(node.rooms().members("room", "", 1)).members().get(0));
    assertEquals(List.of(), get(node.rooms().members("nowhere", "", 10)).members());
  }

  @Test
  public void aMembershipShowsTheFirstHundred() {
    Node node = node("a");
    List<CompletionStage<RoomManager.Membership>> stages = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      stages.add(node.rooms().join("room", "s" + i, user(String.format("u%03d", i))));
    }
    RoomManager.Membership last = get(stages.get(149));
    assertEquals(150, last.count());
    assertEquals(100, last.members().size());
    assertEquals("u099", last.members().get(99).id());
  }

  @Test
  public void membersOfANodeThatDoesNotAnswerAreListed() {
    Node silent = node("silent");
    get(silent.rooms().join("room", "s1", user("ann")));
    silent.backend.close();
    Node asks = node("asks");
    get(asks.rooms().join("room", "s2", user("bob")));
    assertEquals(List.of("ann", "bob"), ids(get(asks.rooms().members("room", "", 10)).members()));
    assertEquals(2, get(asks.rooms().count("room")));
  }

  @Test
  public void roomsAreThoseWithMembersOrALog() {
    Node node = node("a");
    get(node.rooms().join("b:members", "s1", user("ann")));
    get(node.rooms().join("a{members}", "s1", user("ann")));
    get(node.rooms().join("a{members}", "s2", user("bob")));
    get(node.broker().publish("c log", draft("x")));
    get(node.rooms().join("over", "s1", user("ann")));
    get(node.rooms().leave("over", "s1", user("ann")));
    assertEquals(
        List.of(
            new RoomManager.RoomInfo("a{members}", 2),
            new RoomManager.RoomInfo("b:members", 1),
            new RoomManager.RoomInfo("c log", 0)),
        get(node.rooms().rooms("", 10)).rooms());
    RoomManager.RoomsPage first = get(node.rooms().rooms("", 2));
    assertEquals(List.of("a{members}", "b:members"), names(first.rooms()));
    assertTrue(first.more());
    RoomManager.RoomsPage second = get(node.rooms().rooms("b:members", 2));
    assertEquals(List.of("c log"), names(second.rooms()));
    assertFalse(second.more());
    get(node.broker().destroy("c log"));
    assertEquals(2, get(node.rooms().rooms("", 10)).rooms().size());
    get(node.rooms().join("over", "s1", user("ann")));
    assertEquals(List.of("over"), names(get(node.rooms().rooms("c", 10)).rooms()));
  }

  @Test
  public void manySurvivorsReapEachMembershipOnce() {
    Node dead = node("dead");
    List<Node> survivors = List.of(listening("a", "r0"), node("b"), node("c"));
    List<CompletionStage<RoomManager.Membership>> joins = new ArrayList<>();
    for (int room = 0; room < 40; room++) {
      for (int s = 0; s < 5; s++) {
        joins.add(dead.rooms().join("r" + room, "s" + s, user("u" + s)));
      }
    }
    for (int s = 0; s < 600; s++) {
      joins.add(dead.rooms().join("r0", "many" + s, user("u" + s)));
    }
    joins.add(survivors.get(0).rooms().join("r0", "own", user("u3")));
    joins.forEach(join -> get(join));
    until(() -> survivors.get(0).changes.size() == 600);
    List<CompletionStage<Long>> reaps =
        survivors.stream().map(node -> node.rooms().reap("dead")).toList();
    assertEquals(800, reaps.stream().mapToLong(reap -> get(reap)).sum());
    assertEquals(1, get(survivors.get(1).rooms().count("r0")));
    assertEquals(List.of("r0"), names(get(survivors.get(1).rooms().rooms("", 10)).rooms()));
    until(() -> survivors.get(0).changes.size() >= 600 + 599);
    Map<String, Integer> left = new HashMap<>();
    survivors.get(0).changes.stream()
        .filter(change -> !change.present())
        .forEach(change -> left.merge(change.user().id(), 1, Integer::sum));
    assertEquals(599, left.size());
    assertTrue(left.values().stream().allMatch(times -> times == 1));
    assertFalse(left.containsKey("u3"));
    assertEquals(0, get(survivors.get(2).rooms().reap("dead")));
    assertFalse(get(dead.rooms().leave("r0", "s1", user("u1"))), "it was only asleep");
  }

  @Test
  public void aStormOfJoinsAndLeavesEndsWhereItBegan() {
    List<Node> nodes = List.of(listening("a", "room"), node("b"), node("c"));
    List<CompletionStage<?>> stages = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Node node = nodes.get(i % 3);
      User user = user("u" + i % 7);
      stages.add(node.rooms().join("room", "s" + i, user));
      stages.add(node.rooms().leave("room", "s" + i, user));
    }
    stages.forEach(stage -> get(stage));
    assertEquals(0, get(nodes.get(0).rooms().count("room")));
    get(nodes.get(0).rooms().join("room", "end", user("end")));
    List<PresenceChange> changes = nodes.get(0).changes;
    until(() -> changes.stream().anyMatch(change -> change.user().id().equals("end")));
    Map<String, Boolean> present = new HashMap<>();
    long count = 0;
    for (PresenceChange change : changes) {
      count += change.present() ? 1 : -1;
      assertEquals(count, change.count());
      assertFalse(
          Boolean.valueOf(change.present())
              .equals(present.put(change.user().id(), change.present())),
          "edges of one user alternate");
    }
  }
}
