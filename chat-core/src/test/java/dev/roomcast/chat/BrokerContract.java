package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link Broker} keeps. */
public abstract class BrokerContract extends BackendContract {

  private static final HistoryQuery ALL = new HistoryQuery.Newest(1_000);

  private static List<Ack> publish(Node node, String room, int from, int to) {
    List<CompletionStage<Ack>> stages =
        IntStream.rangeClosed(from, to)
            .mapToObj(i -> node.broker().publish(room, draft("m" + i)))
            .toList();
    return stages.stream().map(stage -> get(stage)).toList();
  }

  private static List<Long> offsets(List<Publication> publications) {
    return publications.stream().map(Publication::offset).toList();
  }

  private static List<Long> range(long from, long to) {
    return java.util.stream.LongStream.rangeClosed(from, to).boxed().toList();
  }

  @Test
  public void publicationsGetOffsetsFromOneInTheOrderOfTheCalls() {
    Node node = node("a");
    List<Ack> acks = publish(node, "room", 1, 50);
    History history = get(node.broker().history("room", ALL));
    assertEquals(range(1, 50), acks.stream().map(ack -> ack.position().offset()).toList());
    assertEquals(acks.get(49).position(), history.top());
    assertEquals(
        IntStream.rangeClosed(1, 50).mapToObj(i -> "m" + i).toList(),
        texts(history.publications()));
    assertFalse(history.more());
    assertFalse(acks.get(0).duplicate());
  }

  @Test
  public void everySubscribedNodeHearsTheSameOrder() {
    Node a = node("a");
    Node b = node("b");
    get(a.broker().subscribe("room", HistoryQuery.position()));
    get(b.broker().subscribe("room", HistoryQuery.position()));
    List<CompletionStage<Ack>> stages = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      stages.add((i % 2 == 0 ? a : b).broker().publish("room", draft("m" + i)));
    }
    stages.forEach(stage -> get(stage));
    until(() -> a.publications.size() == 200 && b.publications.size() == 200);
    assertEquals(range(1, 200), offsets(a.publications));
    assertEquals(a.publications, b.publications);
    for (Node node : List.of(a, b)) {
      String parity = node == a ? "02468" : "13579";
      List<String> mine =
          texts(a.publications).stream()
              .filter(text -> parity.indexOf(text.charAt(text.length() - 1)) >= 0)
              .toList();
      List<String> sorted =
          mine.stream()
              .sorted(java.util.Comparator.comparingInt(t -> Integer.parseInt(t.substring(1))))
              .toList();
      assertEquals(sorted, mine, "the order of the calls of node " + node.id);
    }
  }

  @Test
  public void onlyRoomsThatWereAskedForAreAnnounced() {
    Node node = node("a");
    get(node.broker().subscribe("heard", HistoryQuery.position()));
    get(node.broker().subscribe("left", HistoryQuery.position()));
    get(node.broker().unsubscribe("left"));
    get(node.broker().publish("never", draft("x")));
    get(node.broker().publish("left", draft("x")));
    get(node.broker().publish("heard", draft("x")));
    until(() -> !node.publications.isEmpty());
    assertEquals(List.of("heard"), node.publications.stream().map(Publication::room).toList());
  }

  @Test
  public void aRoomCanBeSubscribedToAgainAfterItWasLeft() {
    Node node = node("a");
    for (int i = 1; i <= 20; i++) {
      History history = get(node.broker().subscribe("room", HistoryQuery.position()));
      assertEquals(i - 1, history.top().offset());
      get(node.broker().publish("room", draft("m" + i)));
      int heard = i;
      until(() -> node.publications.size() == heard);
      node.broker().unsubscribe("room");
    }
    assertEquals(range(1, 20), offsets(node.publications));
  }

  @Test
  public void whatIsLoggedAfterTheFenceIsAnnounced() {
    Node publisher = node("a");
    Node joiner = node("b");
    CompletableFuture<Void> done =
        CompletableFuture.runAsync(() -> publish(publisher, "room", 1, 90));
    until(() -> get(publisher.broker().history("room", ALL)).top().offset() > 0);
    History history = get(joiner.broker().subscribe("room", ALL));
    done.join();
    until(
        () ->
            history.top().offset() == 90
                || joiner.publications.stream().anyMatch(p -> p.offset() == 90));
    List<Long> seen = new ArrayList<>(offsets(history.publications()));
    offsets(joiner.publications).stream()
        .filter(offset -> offset > history.top().offset())
        .forEach(seen::add);
    assertEquals(range(1, 90), seen);
  }

  @Test
  public void aTraceComesWithTheAnnouncementAndIsInTheLog() {
    Node a = node("a");
    Node b = node("b");
    get(b.broker().subscribe("room", HistoryQuery.position()));
    TraceContext trace =
        new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    Json body = draft("traced").body();
    long now = System.currentTimeMillis();
    Ack first = get(a.broker().publish("room", new Draft(body, now, "key").traced(trace)));
    get(a.broker().publish("room", draft("plain")));
    until(() -> b.publications.size() == 2);
    List<Publication> logged = get(a.broker().history("room", ALL)).publications();
    for (List<Publication> both : List.of(b.publications, logged)) {
      assertEquals(new Publication("room", first.position(), now, body, trace), both.get(0));
      assertEquals(null, both.get(1).trace());
    }
    Ack again = get(b.broker().publish("room", new Draft(body, now + 1, "key")));
    assertTrue(again.duplicate());
    assertEquals(first.position(), again.position());
    assertEquals(now, again.ts());
  }

  @Test
  public void theSameKeyIsLoggedOnceOnAnyNode() {
    Node a = node("a");
    Node b = node("b");
    Ack first = get(a.broker().publish("room", draft("one", "ann:1")));
    Ack again = get(b.broker().publish("room", draft("other", "ann:1")));
    Ack other = get(b.broker().publish("room", draft("two", "ann:2")));
    Ack elsewhere = get(b.broker().publish("room2", draft("one", "ann:1")));
    assertEquals(new Ack(first.position(), first.ts(), true), again);
    assertFalse(other.duplicate());
    assertFalse(elsewhere.duplicate());
    assertEquals(List.of("one", "two"), texts(get(a.broker().history("room", ALL)).publications()));
  }

  @Test
  public void twoCopiesInOneBurstAreLoggedOnce() {
    Node node = node("a");
    List<CompletionStage<Ack>> stages = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      stages.add(
          node.broker().publish("room", draft("m" + i / 3, i % 3 == 2 ? null : "k" + i / 3)));
    }
    List<Ack> acks = stages.stream().map(stage -> get(stage)).toList();
    for (int i = 0; i < 60; i += 3) {
      assertFalse(acks.get(i).duplicate());
      assertTrue(acks.get(i + 1).duplicate());
      assertEquals(acks.get(i).position(), acks.get(i + 1).position());
      assertFalse(acks.get(i + 2).duplicate());
      assertEquals(acks.get(i).position().offset() + 1, acks.get(i + 2).position().offset());
    }
    assertEquals(40, get(node.broker().history("room", ALL)).top().offset());
  }

  @Test
  public void historyPagesForwards() {
    Node node = node("a");
    publish(node, "room", 1, 25);
    List<Long> read = new ArrayList<>();
    long after = 0;
    boolean more = true;
    while (more) {
      History page = get(node.broker().history("room", new HistoryQuery.After(after, 10)));
      read.addAll(offsets(page.publications()));
      more = page.more();
      after = read.get(read.size() - 1);
    }
    assertEquals(range(1, 25), read);
    History end = get(node.broker().history("room", new HistoryQuery.After(25, 10)));
    assertEquals(List.of(), end.publications());
    assertFalse(end.more());
  }

  @Test
  public void historyPagesBackwards() {
    Node node = node("a");
    publish(node, "room", 1, 25);
    List<Long> read = new ArrayList<>();
    History page = get(node.broker().history("room", new HistoryQuery.Newest(10)));
    assertEquals(range(16, 25), offsets(page.publications()));
    read.addAll(0, offsets(page.publications()));
    while (page.more()) {
      page = get(node.broker().history("room", new HistoryQuery.Before(read.get(0), 10)));
      read.addAll(0, offsets(page.publications()));
    }
    assertEquals(range(1, 25), read);
    History before = get(node.broker().history("room", new HistoryQuery.Before(1, 10)));
    assertEquals(List.of(), before.publications());
    assertFalse(before.more());
  }

  @Test
  public void thePositionAloneIsReadWithoutPublications() {
    Node node = node("a");
    publish(node, "room", 1, 3);
    History history = get(node.broker().history("room", HistoryQuery.position()));
    assertEquals(3, history.top().offset());
    assertEquals(List.of(), history.publications());
    assertTrue(history.more());
  }

  @Test
  public void whatWasMissedSinceAPositionIsFoundExactly() {
    Node node = node("a");
    Position since = publish(node, "room", 1, 10).get(3).position();
    History history = get(node.broker().history("room", new HistoryQuery.Since(since, 100)));
    assertEquals(range(5, 10), offsets(history.publications()));
    assertEquals(4, history.sure());
    assertTrue(history.recovers(since));
    History part = get(node.broker().history("room", new HistoryQuery.Since(since, 5)));
    assertTrue(part.more());
    assertFalse(part.recovers(since));
    History none = get(node.broker().history("room", new HistoryQuery.Since(history.top(), 100)));
    assertTrue(none.recovers(history.top()));
    assertEquals(List.of(), none.publications());
  }

  @Test
  public void aForeignEpochAndAFutureOffsetAreNotSure() {
    Node node = node("a");
    Position top = publish(node, "room", 1, 10).get(9).position();
    Position foreign = new Position("never", 4);
    History unknown = get(node.broker().history("room", new HistoryQuery.Since(foreign, 100)));
    assertEquals(0, unknown.sure());
    assertEquals(range(1, 10), offsets(unknown.publications()));
    assertFalse(unknown.recovers(foreign));
    Position future = top.at(99);
    History ahead = get(node.broker().history("room", new HistoryQuery.Since(future, 100)));
    assertEquals(10, ahead.sure());
    assertFalse(ahead.recovers(future));
  }

  @Test
  public void whoSawARoomEmptyCanBeToldWhatWasMissed() {
    Node node = node("a");
    assertEquals(Position.NONE, get(node.broker().history("room", ALL)).top());
    Position empty = get(node.broker().subscribe("room", ALL)).top();
    assertEquals(0, empty.offset());
    assertFalse(empty.epoch().isEmpty());
    publish(node, "room", 1, 3);
    History history = get(node.broker().history("room", new HistoryQuery.Since(empty, 100)));
    assertTrue(history.recovers(empty));
    assertEquals(range(1, 3), offsets(history.publications()));
  }

  @Test
  public void onlySoManyPublicationsAreKept() {
    Node node = node("a");
    Position first = publish(node, "room", 1, 300).get(0).position();
    History history = get(node.broker().history("room", ALL));
    int kept = history.publications().size();
    assertTrue(kept >= 100 && kept <= 125, kept + " are kept");
    assertEquals(range(301 - kept, 300), offsets(history.publications()));
    assertFalse(history.more());
    History since = get(node.broker().history("room", new HistoryQuery.Since(first, 1_000)));
    assertEquals(1, since.sure());
    assertFalse(since.recovers(first), "there is a hole before the first one retained");
  }

  @Test
  public void aRoomCanHaveARetentionOfItsOwn() {
    Node node = node("a");
    publish(node, "room", 1, 50);
    get(node.broker().retain("room", new Retention(8, Duration.ofHours(1), 1 << 20)));
    assertEquals(range(43, 50), offsets(get(node.broker().history("room", ALL)).publications()));
    publish(node, "room", 51, 80);
    int kept = get(node.broker().history("room", ALL)).publications().size();
    assertTrue(kept >= 8 && kept <= 10, kept + " are kept");
  }

  @Test
  public void onlySoManyBytesAreKept() {
    Node node = node("a");
    get(node.broker().retain("room", new Retention(1_000, Duration.ofHours(1), 10_000)));
    String text = "x".repeat(989); // a body of 1,000 bytes
    for (int i = 0; i < 50; i++) {
      get(node.broker().publish("room", draft(text)));
    }
    int kept = get(node.broker().history("room", ALL)).publications().size();
    assertTrue(kept >= 10 && kept <= 12, kept + " are kept");
  }

  @Test
  public void whatIsTooOldIsNotKept() {
    Node node = node("a");
    get(node.broker().retain("room", new Retention(100, Duration.ofMinutes(30), 1 << 20)));
    long now = System.currentTimeMillis();
    long old = now - Duration.ofMinutes(31).toMillis();
    get(node.broker().publish("room", new Draft(Json.of("text", "old"), old, null)));
    Ack ack = get(node.broker().publish("room", new Draft(Json.of("text", "new"), now, null)));
    History history = get(node.broker().history("room", ALL));
    assertEquals(List.of("new"), texts(history.publications()));
    assertEquals(2, history.top().offset());
    assertEquals(now, ack.ts());
  }

  private static Revision revision(long offset, String from, String to) {
    return new Revision(offset, Json.of("text", from), Json.of("text", to));
  }

  @Test
  public void whatIsChangedIsReadInItsPlaceAndTheChangeIsAnnounced() {
    Node a = node("a");
    Node b = node("b");
    get(b.broker().subscribe("room", ALL));
    publish(a, "room", 1, 3);
    Ack ack =
        get(
            a.broker()
                .revise(
                    "room",
                    draft("change"),
                    List.of(revision(1, "m1", "changed"), revision(3, "m3", "a longer one"))));
    assertEquals(4, ack.position().offset());
    List<String> expected = List.of("changed", "m2", "a longer one", "change");
    assertEquals(expected, texts(get(b.broker().history("room", ALL)).publications()));
    until(() -> b.publications.size() == 4);
    assertEquals(List.of("m1", "m2", "m3", "change"), texts(b.publications));
    assertEquals(range(1, 4), offsets(get(b.broker().history("room", ALL)).publications()));
  }

  @Test
  public void aChangeOfWhatIsNotThereAnyMoreOrNotAsExpectedDoesNothing() {
    Node node = node("a");
    publish(node, "room", 1, 3);
    List<Revision> good = List.of(revision(2, "m2", "x"));
    for (List<Revision> bad :
        List.of(
            List.of(revision(1, "m2", "x")),
            List.of(revision(2, "m2", "x"), revision(3, "m2", "x")),
            List.of(revision(0, "m1", "x")),
            List.of(revision(-1, "m1", "x")),
            List.of(revision(4, "m4", "x")),
            List.of(revision(Long.MAX_VALUE, "m4", "x")))) {
      assertNull(get(node.broker().revise("room", draft("bad"), bad)));
    }
    assertNull(get(node.broker().revise("empty", draft("bad"), good)));
    assertEquals(
        List.of("m1", "m2", "m3"), texts(get(node.broker().history("room", ALL)).publications()));
    get(node.broker().retain("room", new Retention(1, Duration.ofHours(1), 1 << 20)));
    assertNull(get(node.broker().revise("room", draft("bad"), good)));
  }

  @Test
  public void ofManyChangesOfOneBodyOneSucceeds() {
    List<Node> nodes = List.of(node("a"), node("b"));
    publish(nodes.get(0), "room", 1, 1);
    List<CompletionStage<Ack>> changes = new ArrayList<>();
    List<CompletionStage<Ack>> others = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Broker broker = nodes.get(i % 2).broker();
      changes.add(broker.revise("room", draft("by" + i), List.of(revision(1, "m1", "by" + i))));
      others.add(broker.publish("room", draft("other" + i)));
    }
    others.forEach(other -> assertNotNull(get(other)));
    List<Ack> done = changes.stream().map(BackendContract::get).filter(ack -> ack != null).toList();
    assertEquals(1, done.size());
    List<Publication> log = get(nodes.get(0).broker().history("room", ALL)).publications();
    assertEquals(range(1, 42), offsets(log));
    int change = (int) done.get(0).position().offset();
    assertEquals(texts(log).get(0), texts(log).get(change - 1));
  }

  @Test
  public void aChangeWithAKeyIsMadeOnce() {
    Node node = node("a");
    publish(node, "room", 1, 1);
    List<Revision> change = List.of(revision(1, "m1", "x"));
    Ack first = get(node.broker().revise("room", draft("change", "k"), change));
    Ack again = get(node.broker().revise("room", draft("change", "k"), change));
    assertEquals(first.position(), again.position());
    assertTrue(again.duplicate());
  }

  @Test
  public void whatGrewByChangesCountsInFull() {
    Node node = node("a");
    get(node.broker().retain("room", new Retention(1_000, Duration.ofHours(1), 4_000)));
    publish(node, "room", 1, 10);
    for (int i = 1; i <= 10; i++) {
      String grown = "g".repeat(1_000) + i;
      if (get(node.broker().revise("room", draft("c"), List.of(revision(i, "m" + i, grown))))
          != null) {
        assertTrue(bytes(node) <= 5_000, "a quarter more at most");
      }
    }
    assertTrue(bytes(node) <= 5_000 && bytes(node) > 1_000);
  }

  private static int bytes(Node node) {
    return get(node.broker().history("room", ALL)).publications().stream()
        .mapToInt(p -> p.body().utf8Length())
        .sum();
  }

  @Test
  public void aDestroyedLogBeginsAgainUnderANewEpoch() {
    Node node = node("a");
    Position before = publish(node, "room", 1, 10).get(9).position();
    get(node.broker().publish("room", draft("keyed", "k")));
    get(node.broker().destroy("room"));
    Ack ack = get(node.broker().publish("room", draft("keyed", "k")));
    assertEquals(1, ack.position().offset());
    assertFalse(ack.duplicate());
    assertNotEquals(before.epoch(), ack.position().epoch());
    History history = get(node.broker().history("room", new HistoryQuery.Since(before, 100)));
    assertEquals(0, history.sure());
    assertEquals(List.of("keyed"), texts(history.publications()));
  }

  @Test
  public void anEphemeralFrameIsHeardAndNotLogged() {
    Node a = node("a");
    Node b = node("b");
    get(b.broker().subscribe("room", HistoryQuery.position()));
    Json typing = Json.of("type", "typing", "text", "\u00e9\ud83d\ude00\"\\");
    get(a.broker().announce("room", typing));
    until(() -> !b.ephemerals.isEmpty());
    assertEquals(List.of(typing), b.ephemerals);
    assertEquals(List.of(), a.ephemerals);
    assertEquals(0, get(a.broker().history("room", ALL)).top().offset());
  }

  @Test
  public void aControlMessageReachesAllNodesAndTheSenderToo() {
    Node a = node("a");
    Node b = node("b");
    Json control = Json.of("type", "hello");
    get(a.broker().signal(control));
    until(() -> a.controls.size() == 1 && b.controls.size() == 1);
    assertEquals(List.of(control), b.controls);
  }

  @Test
  public void bodiesArriveUnchanged() {
    Node node = node("a");
    get(node.broker().subscribe("room", HistoryQuery.position()));
    List<String> texts =
        List.of(
            "", "\n\r\0\u2028", "<b>\"'\\</b>", "\u05d0\u202e", "\ud83d\ude00", "y".repeat(30_000));
    texts.forEach(text -> get(node.broker().publish("room", draft(text))));
    until(() -> node.publications.size() == texts.size());
    assertEquals(texts, texts(node.publications));
    assertEquals(node.publications, get(node.broker().history("room", ALL)).publications());
  }

  @Test
  public void namesThatLookAlikeAreDifferentRooms() {
    Node node = node("a");
    List<String> rooms =
        List.of("a", "a:b", "a%3Ab", "{a}", "a}", "{a", "%7Ba%7D", "*", "a b", "A", "\ud83d\ude00");
    for (String room : rooms) {
      get(node.broker().subscribe(room, HistoryQuery.position()));
    }
    for (String room : rooms) {
      assertEquals(1, get(node.broker().publish(room, draft(room))).position().offset());
    }
    until(() -> node.publications.size() == rooms.size());
    for (Publication publication : node.publications) {
      assertEquals(publication.room(), text(publication.body()));
    }
  }

  @Test
  public void manyPublishersMakeOneLogWithoutHolesOrDoubles() {
    List<Node> nodes = List.of(node("a"), node("b"), node("c"));
    get(nodes.get(0).broker().retain("room", new Retention(10_000, Duration.ofHours(1), 1 << 24)));
    List<CompletionStage<Ack>> stages = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      stages.add(nodes.get(i % 3).broker().publish("room", draft("m" + i)));
    }
    Set<Long> acked = new HashSet<>();
    stages.forEach(stage -> acked.add(get(stage).position().offset()));
    assertEquals(3_000, acked.size());
    List<Publication> log =
        get(nodes.get(1).broker().history("room", new HistoryQuery.Newest(10_000))).publications();
    assertEquals(range(1, 3_000), offsets(log));
    assertEquals(3_000, new HashSet<>(texts(log)).size());
  }
}
