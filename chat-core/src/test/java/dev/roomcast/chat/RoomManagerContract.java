package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

  private static final RoomSettings.Change PRIVATE =
      new RoomSettings.Change(true, "Ours", Duration.ofSeconds(5));

  @Test
  public void aCreatedRoomHasItsSettingsOnEveryNodeUntilItIsRemoved() {
    Node a = node("a");
    Node b = node("b");
    assertEquals(
        RoomManager.Creation.CREATED, get(a.rooms().create("{r}:", PRIVATE, user("ann"), 0)));
    assertEquals(
        RoomManager.Creation.EXISTS, get(b.rooms().create("{r}:", PRIVATE, user("bob"), 0)));
    RoomSettings settings = Objects.requireNonNull(info(b, "{r}:").settings());
    assertTrue(settings.isPrivate());
    assertEquals("Ours", settings.title());
    assertEquals(user("ann"), settings.owner());
    assertEquals(Duration.ofSeconds(5), settings.slowMode());
    assertTrue(get(b.rooms().change("{r}:", new RoomSettings.Change(false, "", Duration.ZERO))));
    assertTrue(get(b.rooms().appoint("{r}:", "bob", true)));
    settings = Objects.requireNonNull(info(a, "{r}:").settings());
    assertFalse(settings.isPrivate());
    assertNull(settings.title());
    assertEquals(Set.of("bob"), settings.moderators());
    assertEquals(Duration.ZERO, settings.slowMode());
    get(a.rooms().remove("{r}:"));
    assertNull(get(b.rooms().room("{r}:")));
    assertEquals(RoomManager.Role.NONE, get(b.rooms().role("{r}:", "ann")));
    assertFalse(get(b.rooms().change("{r}:", PRIVATE)));
    assertFalse(get(b.rooms().appoint("{r}:", "bob", true)));
    assertFalse(get(b.rooms().uninvite("{r}:", "bob")));
    assertEquals(RoomManager.Invitation.NO_ROOM, get(b.rooms().invite("{r}:", "bob", 9)));
  }

  private static RoomManager.RoomInfo info(Node node, String room) {
    return Objects.requireNonNull(get(node.rooms().room(room)));
  }

  @Test
  public void whatExistsByMembersOrMessagesIsNotCreated() {
    Node node = node("a");
    get(node.rooms().join("members", "s", user("ann")));
    get(node.broker().publish("log", draft("x")));
    for (String room : List.of("members", "log")) {
      assertEquals(RoomManager.Creation.EXISTS, get(node.rooms().create(room, PRIVATE, null, 0)));
    }
  }

  @Test
  public void anOwnerHasSoManyRoomsAtATime() {
    Node node = node("a");
    for (String room : List.of("one", "two")) {
      assertEquals(
          RoomManager.Creation.CREATED, get(node.rooms().create(room, PRIVATE, user("ann"), 2)));
    }
    assertEquals(
        RoomManager.Creation.TOO_MANY, get(node.rooms().create("three", PRIVATE, user("ann"), 2)));
    assertEquals(
        RoomManager.Creation.CREATED, get(node.rooms().create("bobs", PRIVATE, user("bob"), 2)));
    get(node.rooms().remove("one"));
    until(
        () ->
            get(node.rooms().create("three", PRIVATE, user("ann"), 2))
                == RoomManager.Creation.CREATED);
  }

  @Test
  public void aRoleSaysWhatAUserIs() {
    Node a = node("a");
    Node b = node("b");
    get(a.rooms().create("r", PRIVATE, user("ann"), 0));
    assertEquals(RoomManager.Invitation.INVITED, get(a.rooms().invite("r", "bob", 1)));
    assertEquals(RoomManager.Invitation.ALREADY, get(b.rooms().invite("r", "bob", 1)));
    assertEquals(RoomManager.Invitation.TOO_MANY, get(b.rooms().invite("r", "eve", 1)));
    get(a.rooms().appoint("r", "mod", true));
    get(b.rooms().join("r", "s", user("bob")));
    Duration slow = Duration.ofSeconds(5);
    assertEquals(
        new RoomManager.Role(true, true, true, false, false, false, slow),
        get(b.rooms().role("r", "ann")));
    assertEquals(
        new RoomManager.Role(true, true, false, false, true, true, slow),
        get(a.rooms().role("r", "bob")));
    assertEquals(
        new RoomManager.Role(true, true, false, true, false, false, slow),
        get(b.rooms().role("r", "mod")));
    get(a.rooms().uninvite("r", "bob"));
    get(a.rooms().appoint("r", "mod", false));
    assertFalse(get(b.rooms().role("r", "bob")).invited());
    assertFalse(get(b.rooms().role("r", "mod")).moderator());
    assertFalse(get(b.rooms().role("nowhere", "ann")).created());
  }

  private static List<String> endIdle(Node node, Duration idle) {
    List<String> ended = new ArrayList<>();
    String after = "";
    while (after != null) {
      RoomManager.Idle found = get(node.rooms().endIdle(idle, after, 2));
      ended.addAll(found.ended());
      after = found.next();
    }
    return ended;
  }

  @Test
  public void onlyRoomsNobodyCreatedAndNobodyUsesAreEnded() {
    Node a = node("a");
    Node b = node("b");
    for (String room : List.of("idle", "left", "full", "made", "mod:idle")) {
      if (room.equals("made")) {
        get(a.rooms().create(room, PRIVATE, null, 0));
      }
      get(a.broker().publish(room, draft("x")));
    }
    get(b.rooms().join("full", "s", user("ann")));
    get(b.rooms().join("left", "s", user("ann")));
    get(b.rooms().leave("left", "s", user("ann")));
    assertEquals(List.of(), endIdle(a, Duration.ofMinutes(1)));
    List<String> ended = new ArrayList<>();
    until(
        () -> {
          ended.addAll(endIdle(b, Duration.ofMillis(1)));
          return ended.size() == 2;
        });
    assertEquals(List.of("idle", "left"), ended.stream().sorted().toList());
    assertEquals(List.of(), endIdle(a, Duration.ofMillis(1)), "once, on whichever node");
    assertNull(get(a.rooms().room("idle")));
    for (String room : List.of("full", "made", "mod:idle")) {
      assertEquals(1, get(a.broker().history(room, HistoryQuery.position())).top().offset(), room);
    }
    assertEquals(1, get(a.broker().publish("idle", draft("new"))).position().offset());
  }

  /** Whoever is in the room when the storm is over finds the log as it was when he came. */
  @Test
  public void noRoomIsEndedUnderWhoJoins() {
    Node a = node("a");
    Node b = node("b");
    for (int i = 0; i < 100; i++) {
      String room = "r" + i;
      get(a.broker().publish(room, draft("x")));
    }
    long said = System.nanoTime();
    until(() -> System.nanoTime() - said > 5_000_000); // all are older than the idle time
    List<CompletionStage<History>> joined = new ArrayList<>();
    List<CompletionStage<RoomManager.Idle>> looks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String room = "r" + i;
      looks.add(
          CompletableFuture.supplyAsync(() -> a.rooms().endIdle(Duration.ofMillis(1), "", 200))
              .thenCompose(look -> look));
      joined.add(
          b.rooms()
              .join(room, "s", user("ann"))
              .thenCompose(in -> b.broker().history(room, HistoryQuery.position())));
    }
    looks.forEach(look -> get(look));
    for (int i = 0; i < 100; i++) {
      assertEquals(
          get(joined.get(i)).top(),
          get(b.broker().history("r" + i, HistoryQuery.position())).top(),
          "r" + i);
    }
  }
}
