package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What every {@link StateStore} keeps. */
public abstract class StateStoreContract extends BackendContract {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofMillis(150);

  @Test
  public void aSessionIsFoundByItsSecretOnly() {
    Node a = node("a");
    Node b = node("b");
    get(a.state().open("s", user("ann"), "hash"));
    assertEquals(user("ann"), get(b.state().find("s", "hash")));
    assertNull(get(b.state().find("s", "other")));
    assertNull(get(b.state().find("s", "")));
    assertNull(get(b.state().find("unknown", "hash")));
  }

  @Test
  public void aTakeOverBringsTheRoomsAndChangesTheSecret() {
    Node a = node("a");
    Node b = node("b");
    get(a.state().open("s", user("ann"), "hash"));
    get(a.state().entered("s", "one"));
    get(a.state().entered("s", "{two}:"));
    get(a.state().entered("s", "three"));
    get(a.state().exited("s", "three"));
    assertNull(get(b.state().takeOver("s", "wrong", "new")));
    assertEquals(
        new StateStore.SessionRecord("s", user("ann"), "a", Set.of("one", "{two}:")),
        get(b.state().takeOver("s", "hash", "new")));
    assertNull(get(a.state().find("s", "hash")));
    assertEquals(user("ann"), get(a.state().find("s", "new")));
    StateStore.SessionRecord again = get(b.state().takeOver("s", "new", "newer"));
    assertEquals("b", Objects.requireNonNull(again).node());
  }

  @Test
  public void aNodeCannotStoreASessionThatMovedAway() {
    Node a = node("a");
    Node b = node("b");
    assertTrue(get(a.state().open("s", user("ann"), "h1")));
    assertTrue(get(a.state().open("s", user("ann"), "h1")), "again");
    get(b.state().takeOver("s", "h1", "h2"));
    get(b.state().entered("s", "room"));
    assertFalse(get(a.state().open("s", user("ann"), "h1")));
    assertNull(get(b.state().find("s", "h1")));
    assertEquals(Set.of("room"), get(b.state().takeOver("s", "h2", "h3")).rooms());
  }

  @Test
  public void ofManyTakeOversWithOneSecretOneSucceeds() {
    List<Node> nodes = List.of(node("a"), node("b"), node("c"));
    get(nodes.get(0).state().open("s", user("ann"), "hash"));
    List<CompletionStage<StateStore.SessionRecord>> attempts = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      attempts.add(nodes.get(i % 3).state().takeOver("s", "hash", "new" + i));
    }
    assertEquals(1, attempts.stream().filter(attempt -> get(attempt) != null).count());
  }

  @Test
  public void aTakeOverWhoseAnswerWasLostCanBeRepeated() {
    Node a = node("a");
    Node b = node("b");
    get(a.state().open("s", user("ann"), "hash"));
    get(a.state().entered("s", "room"));
    StateStore.SessionRecord first = get(b.state().takeOver("s", "hash", "new"));
    assertEquals(first, get(b.state().takeOver("s", "hash", "new")));
    assertEquals("a", Objects.requireNonNull(first).node());
    assertNull(get(a.state().takeOver("s", "hash", "new")));
    assertNull(get(b.state().takeOver("s", "hash", "another")));
  }

  @Test
  public void aNodeCannotStoreWhatAnotherHasByNow() {
    Node a = node("a");
    Node b = node("b");
    assertTrue(get(a.state().open("s", user("ann"), "hash")));
    assertTrue(get(a.state().open("s", user("ann"), "hash")));
    get(b.state().takeOver("s", "hash", "new"));
    get(b.state().entered("s", "room"));
    assertFalse(get(a.state().open("s", user("ann"), "hash")));
    get(a.state().entered("s", "else"));
    get(a.state().exited("s", "room"));
    StateStore.SessionRecord kept = get(b.state().takeOver("s", "new", "newer"));
    assertEquals(Set.of("room"), Objects.requireNonNull(kept).rooms());
  }

  @Test
  public void aLostConnectionsSessionEndsAfterAWhile() {
    Node a = node("a");
    get(a.state().open("s", user("ann"), "hash"));
    get(a.state().entered("s", "room"));
    get(a.state().detached("s", SOON));
    get(a.state().entered("s", "late"));
    assertNotNull(get(a.state().find("s", "hash")));
    until(() -> get(a.state().find("s", "hash")) == null);
    assertNull(get(a.state().takeOver("s", "hash", "new")));
    get(a.state().entered("s", "too late"));
    assertTrue(get(a.state().open("s", user("ann"), "hash")));
    StateStore.SessionRecord taken = get(a.state().takeOver("s", "hash", "new"));
    assertEquals(Set.of(), Objects.requireNonNull(taken).rooms());
  }

  @Test
  public void aSessionThatWasTakenOverDoesNotEnd() {
    Node a = node("a");
    Node b = node("b");
    for (String session : List.of("taken", "left")) {
      get(a.state().open(session, user("ann"), "hash"));
      get(a.state().detached(session, SOON));
    }
    get(b.state().takeOver("taken", "hash", "new"));
    get(a.state().detached("taken", SOON)); // a late word of the old node
    get(a.state().close("taken"));
    until(() -> get(b.state().find("left", "hash")) == null);
    assertNotNull(get(b.state().find("taken", "new")));
    get(b.state().close("taken"));
    assertNull(get(b.state().find("taken", "new")));
  }

  @Test
  public void allNodesTakeFromOneBucketUntilItIsEmpty() {
    Node a = node("a");
    Node b = node("b");
    assertEquals(60, get(a.state().takeTokens("ann", 0, 60, 1, 100)).taken());
    assertEquals(39, get(b.state().takeTokens("ann", 0, 39, 1, 100)).taken());
    StateStore.Tokens last = get(a.state().takeTokens("ann", 0, 60, 1, 100));
    assertEquals(1, last.taken());
    assertEquals(Duration.ZERO, last.retryAfter());
    StateStore.Tokens none = get(b.state().takeTokens("ann", 0, 60, 1, 100));
    assertEquals(0, none.taken());
    assertTrue(
        none.retryAfter().toMillis() > 25_000 && none.retryAfter().toMillis() <= 30_000,
        "until half of 60 is there: " + none.retryAfter());
    assertEquals(60, get(a.state().takeTokens("bob", 0, 60, 1, 100)).taken(), "his own bucket");
  }

  @Test
  public void whatWasUsedAlreadyIsPaidFirstAndMayBeADebt() {
    Node a = node("a");
    assertEquals(10, get(a.state().takeTokens("ann", 90, 60, 1, 100)).taken());
    StateStore.Tokens none = get(a.state().takeTokens("ann", 20, 60, 1, 100));
    assertEquals(0, none.taken());
    assertTrue(
        none.retryAfter().toMillis() > 45_000, "20 to pay and 30 to have: " + none.retryAfter());
    assertTrue(none.retryAfter().toMillis() <= 50_000);
    StateStore.Tokens deep = get(a.state().takeTokens("ann", 1_000_000, 1, 1, 100));
    assertTrue(deep.retryAfter().toMillis() > 95_000, "as deep as the burst: " + deep.retryAfter());
    assertTrue(deep.retryAfter().toMillis() <= 101_000);
  }

  @Test
  public void aBucketFillsByTime() {
    Node a = node("a");
    assertEquals(2, get(a.state().takeTokens("ann", 98, 100, 1_000, 100)).taken());
    until(() -> get(a.state().takeTokens("ann", 0, 5, 1_000, 100)).taken() > 0);
    until(() -> get(a.state().takeTokens("ann", 0, 5, 1_000, 100)).taken() == 5);
  }

  @Test
  public void ofManyQuestionsAtOnceNoTokenIsGivenTwice() {
    List<Node> nodes = List.of(node("a"), node("b"));
    List<CompletionStage<StateStore.Tokens>> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      answers.add(nodes.get(i % 2).state().takeTokens("ann", 1, 2, 1, 60));
    }
    int taken = answers.stream().mapToInt(answer -> get(answer).taken()).sum();
    assertEquals(40, taken, "three each, until they are gone");
  }

  @Test
  public void theSessionsOfAUserAreListedWithTheirNodesUntilTheyEnd() {
    Node a = node("a");
    Node b = node("b");
    User ann = new User("{ann}:?", "Ann");
    assertEquals(List.of(), get(a.state().sessions(ann.id())));
    get(a.state().open("s1", ann, "hash"));
    get(a.state().open("s2", ann, "hash"));
    get(b.state().open("s3", ann, "hash"));
    get(b.state().open("s4", user("bob"), "hash"));
    get(b.state().open("s3", ann, "hash"));
    get(a.state().detached("s2", MINUTE));
    List<StateStore.UserSession> all =
        List.of(
            new StateStore.UserSession("s1", ann, "a", true),
            new StateStore.UserSession("s2", ann, "a", false),
            new StateStore.UserSession("s3", ann, "b", true));
    assertEquals(all, get(a.state().sessions(ann.id())));
    assertEquals(all, get(b.state().sessions(ann.id())));
    get(b.state().takeOver("s2", "hash", "new"));
    get(a.state().detached("s2", SOON)); // a late word of the old node
    get(a.state().close("s3")); // another node's
    assertEquals(List.of("a", "b", "b"), nodesOf(a, ann));
    get(a.state().close("s1"));
    assertEquals(List.of("b", "b"), nodesOf(a, ann));
    get(b.state().detached("s2", SOON));
    until(() -> nodesOf(a, ann).size() == 1);
    get(b.state().detached("s3", SOON));
    until(() -> nodesOf(a, ann).isEmpty());
  }

  private static List<String> nodesOf(Node node, User user) {
    return get(node.state().sessions(user.id())).stream()
        .map(StateStore.UserSession::node)
        .toList();
  }

  @Test
  public void aLeaseTellsWhetherTheNodeIsKnown() {
    Node a = node("a");
    Node b = node("b");
    assertFalse(get(a.state().lease(MINUTE)));
    assertTrue(get(a.state().lease(MINUTE)));
    assertFalse(get(b.state().lease(MINUTE)));
    assertEquals(List.of("a", "b"), get(a.state().liveNodes()));
    assertEquals(List.of(), get(a.state().deadNodes(Duration.ZERO)));
    get(b.state().forget("a"));
    assertEquals(List.of("b"), get(b.state().liveNodes()));
    assertFalse(get(a.state().lease(MINUTE)));
  }

  @Test
  public void aLeaseThatEndedMakesANodeDeadAfterTheGrace() {
    Node a = node("a");
    Node b = node("b");
    get(a.state().lease(MINUTE));
    get(b.state().lease(MINUTE));
    get(a.state().lease(Duration.ZERO));
    until(() -> get(b.state().deadNodes(Duration.ZERO)).equals(List.of("a")));
    assertEquals(List.of("b"), get(b.state().liveNodes()));
    assertEquals(List.of(), get(b.state().deadNodes(MINUTE)));
    get(b.state().forget("a"));
    assertEquals(List.of(), get(b.state().deadNodes(Duration.ZERO)));
  }

  @Test
  public void forgettingANodeEndsTheSessionsItStillHas() {
    Node dead = node("dead");
    Node b = node("b");
    List<CompletionStage<Boolean>> opened = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      opened.add(dead.state().open("s" + i, user("u" + i), "hash"));
    }
    opened.forEach(open -> get(open));
    get(b.state().takeOver("s7", "hash", "new"));
    List<CompletionStage<Void>> forgets =
        List.of(b.state().forget("dead"), b.state().forget("dead"));
    forgets.forEach(forget -> get(forget));
    assertNull(get(b.state().find("s6", "hash")));
    assertNull(get(b.state().find("s199", "hash")));
    assertNotNull(get(b.state().find("s7", "new")));
    assertEquals(List.of(), get(b.state().sessions("u6")));
    assertEquals(List.of("b"), nodesOf(b, user("u7")));
  }

  @Test
  public void aCursorIsOneNodesUntilItsTimeIsOverAndKeepsItsPlace() {
    Node a = node("a");
    Node b = node("b");
    Position place = new Position("k:{3}", 1L << 60);
    assertEquals(Position.NONE, get(a.state().claimCursor("room", "archive", MINUTE)));
    assertNull(get(b.state().claimCursor("room", "archive", MINUTE)));
    assertEquals(Position.NONE, get(b.state().claimCursor("room", "search", MINUTE)));
    assertEquals(Position.NONE, get(b.state().claimCursor("other", "archive", MINUTE)));
    assertFalse(get(b.state().moveCursor("room", "archive", place, MINUTE)));
    assertEquals(Position.NONE, get(a.state().claimCursor("room", "archive", MINUTE)), "again");
    assertTrue(get(a.state().moveCursor("room", "archive", place, SOON)));
    until(() -> get(b.state().claimCursor("room", "archive", MINUTE)) != null);
    assertEquals(place, get(b.state().claimCursor("room", "archive", MINUTE)));
    assertFalse(get(a.state().moveCursor("room", "archive", Position.NONE, MINUTE)));
    assertEquals(place, get(b.state().claimCursor("room", "archive", MINUTE)));
  }

  @Test
  public void aCursorThatIsGivenBackIsAnothersAtOnce() {
    Node a = node("a");
    Node b = node("b");
    Position place = new Position("k", 3);
    get(a.state().claimCursor("room", "archive", MINUTE));
    assertTrue(get(a.state().moveCursor("room", "archive", place, MINUTE)));
    assertNull(get(b.state().claimCursor("room", "archive", Duration.ZERO)), "not b's to give");
    assertEquals(place, get(a.state().claimCursor("room", "archive", Duration.ZERO)));
    assertEquals(place, get(b.state().claimCursor("room", "archive", MINUTE)));
    assertNull(get(a.state().claimCursor("room", "archive", Duration.ZERO)));
    assertNull(get(a.state().claimCursor("room", "archive", MINUTE)));
  }

  @Test
  public void aNameIsRefusedOnAllNodesWhileOneThatLooksTheSameIsThere() {
    Node a = node("a");
    Node b = node("b");
    assertTrue(get(a.state().claimName("{ann}:", "Ann")));
    assertTrue(get(a.state().claimName("{ann}:", "Ann")), "again");
    assertTrue(get(b.state().claimName("{ann}:", "Ann")), "the very same name");
    assertFalse(get(b.state().claimName("{ann}:", "\u0410nn")));
    assertTrue(get(b.state().claimName("bob", "Bob")));
    get(a.state().releaseName("{ann}:"));
    assertFalse(get(node("c").state().claimName("{ann}:", "\u0410nn")), "b has it still");
    get(b.state().releaseName("{ann}:"));
    assertTrue(get(a.state().claimName("{ann}:", "\u0410nn")));
    assertFalse(get(b.state().claimName("{ann}:", "Ann")));
  }

  @Test
  public void theNamesOfADeadNodeAreFree() {
    Node a = node("a");
    Node b = node("b");
    for (int i = 0; i < 100; i++) {
      assertTrue(get(a.state().claimName("s" + i, "a" + i)));
    }
    assertTrue(get(b.state().claimName("s0", "a0")));
    get(b.state().forget("a"));
    for (int i = 1; i < 100; i++) {
      assertTrue(get(b.state().claimName("s" + i, "b" + i)), "s" + i);
    }
    assertFalse(get(a.state().claimName("s0", "c0")), "b's own stays");
  }

  @Test
  public void sanctionsAreSeenOnAllNodesAndEndByThemselvesOrWhenLifted() {
    Node a = node("a");
    Node b = node("b");
    StateStore.Sanction mute = StateStore.Sanction.MUTE;
    StateStore.Sanction ban = StateStore.Sanction.BAN;
    get(a.state().impose(mute, "{r}:", "ann", MINUTE));
    get(a.state().impose(ban, "{r}:", "ann", StateStore.FOREVER));
    StateStore.Sanctions both = get(b.state().sanctions("{r}:", "ann"));
    assertEquals(StateStore.FOREVER, both.banned());
    Duration left = Objects.requireNonNull(both.muted());
    assertTrue(left.compareTo(MINUTE) <= 0 && left.toSeconds() >= 50, left::toString);
    assertEquals(StateStore.Sanctions.NONE, get(b.state().sanctions("{r}:", "bob")));
    assertEquals(StateStore.Sanctions.NONE, get(b.state().sanctions("", "ann")));
    get(b.state().lift(ban, "{r}:", "ann"));
    get(b.state().lift(ban, "{r}:", "ann"));
    assertNull(get(a.state().sanctions("{r}:", "ann")).banned());
    get(b.state().impose(mute, "{r}:", "ann", Duration.ofMillis(50)));
    until(() -> get(a.state().sanctions("{r}:", "ann")).muted() == null);
    get(a.state().impose(ban, "{r}:", "ann", MINUTE));
    get(a.state().impose(ban, "", "ann", MINUTE));
    get(a.state().liftAll("{r}:"));
    assertEquals(StateStore.Sanctions.NONE, get(b.state().sanctions("{r}:", "ann")));
    assertTrue(get(b.state().sanctions("", "ann")).banned() != null);
  }

  @Test
  public void aUserSaysOneThingPerIntervalOnAllNodes() {
    Node a = node("a");
    Node b = node("b");
    assertEquals(Duration.ZERO, get(a.state().pace("r", "ann", "k", MINUTE)));
    assertTrue(get(b.state().pace("r", "ann", "other", MINUTE)).toSeconds() >= 50);
    assertTrue(get(b.state().pace("r", "ann", null, MINUTE)).toSeconds() >= 50);
    assertEquals(Duration.ZERO, get(b.state().pace("r", "ann", "k", MINUTE)), "the same again");
    assertEquals(Duration.ZERO, get(b.state().pace("r", "bob", null, Duration.ofMillis(20))));
    assertEquals(Duration.ZERO, get(b.state().pace("q", "ann", null, MINUTE)));
    until(() -> get(a.state().pace("r", "bob", null, MINUTE)).isZero());
  }

  @Test
  public void noticesAreReadOnceInTheirOrderByEveryNode() {
    Node a = node("a");
    Node b = node("b");
    long start = get(a.state().notices(-1)).last();
    List<Json> posted = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      posted.add(Json.of("n", i, "text", "caf\u00e9"));
      get((i % 2 == 0 ? a : b).state().post(posted.get(i)));
    }
    for (Node node : List.of(a, b)) {
      StateStore.Notices all = get(node.state().notices(start));
      assertEquals(new StateStore.Notices(posted, start + 30, false), all);
      assertEquals(posted.subList(10, 30), get(node.state().notices(start + 10)).notices());
      assertEquals(
          new StateStore.Notices(List.of(), start + 30, false),
          get(node.state().notices(start + 30)));
    }
    assertEquals(List.of(), get(a.state().notices(-1)).notices());
    assertTrue(get(a.state().notices(start + 31)).missed(), "the store came back without them");
  }

  @Test
  public void whoReadsSeldomIsToldThatNoticesWereMissed() {
    Node node = node("a");
    long start = get(node.state().notices(-1)).last();
    List<java.util.concurrent.CompletionStage<Void>> posts = new ArrayList<>();
    for (int i = 0; i < 10_002; i++) {
      posts.add(node.state().post(Json.of("n", i)));
    }
    posts.forEach(post -> get(post));
    StateStore.Notices found = get(node.state().notices(start));
    assertTrue(found.missed());
    assertEquals(10_000, found.notices().size());
    assertEquals(Json.of("n", 2), found.notices().get(0));
    assertEquals(start + 10_002, found.last());
    assertFalse(get(node.state().notices(start + 2)).missed());
  }
}
