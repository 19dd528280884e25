package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rooms whose members are more than one turn reaches; the test gives each next turn. */
class LargeRoomTest {

  private static final int MEMBERS = Turns.WORTH * 2 + 100;

  private static final Limits LIMITS =
      StillNodes.LIMITS.toBuilder()
          .connectionsPerAddress(0)
          .handshakesPerSecondPerAddress(0)
          .presenceList(1)
          .build();

  private final Queue<Runnable> turns = new ArrayDeque<>();
  private final StillNodes nodes = new StillNodes();
  private final ChatNode node =
      nodes.start(LIMITS, backend -> backend, builder -> builder.work(turns::add));

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  /** A member of one room, and what it got. */
  private record Member(ClientSession session, RecordingTransport transport) {

    List<Integer> got() {
      return transport.texts().stream()
          .filter(text -> text.startsWith("{\"type\":\"event\""))
          .map(text -> JsonParser.parseString(text).getAsJsonObject().get("data").getAsInt())
          .toList();
    }

    boolean has(int event) {
      return got().contains(event);
    }
  }

  private Member member(String name, String room) {
    Admission admission =
        node.admit(ConnectRequest.of(Map.of("name", name), null, null, "127.0.0.1"))
            .toCompletableFuture()
            .join();
    RecordingTransport transport = new RecordingTransport();
    ClientSession session = node.connect(admission, transport);
    session.receive("{\"type\":\"join\",\"room\":\"" + room + "\",\"history\":0}");
    return new Member(session, transport);
  }

  private List<Member> room(String room, int members) {
    List<Member> all =
        IntStream.range(0, members).mapToObj(i -> member(room + "-" + i, room)).toList();
    takeAllTurns();
    return all;
  }

  private void takeAllTurns() {
    while (!turns.isEmpty()) {
      turns.remove().run();
    }
  }

  private void publish(String room, int event) {
    node.room(room).publish("e", Json.value(event));
  }

  private static long reached(List<Member> members, int event) {
    return members.stream().filter(member -> member.has(event)).count();
  }

  @Test
  void aSmallRoomDoesNotWaitForALargeOne() {
    List<Member> large = room("large", MEMBERS);
    List<Member> small = room("small", 3);

    publish("large", 1);
    publish("small", 2);

    assertEquals(3, reached(small, 2));
    assertTrue(reached(large, 1) <= Turns.WORTH, "one turn at most");
    turns.remove().run();
    assertTrue(reached(large, 1) <= 2 * Turns.WORTH, "one turn more at most");
    turns.remove().run();
    assertEquals(MEMBERS, reached(large, 1));
    assertTrue(turns.isEmpty());
  }

  @Test
  void largeRoomsTakeTurns() {
    List<Member> one = room("one", MEMBERS);
    List<Member> other = room("other", MEMBERS);

    publish("one", 1);
    publish("other", 2);

    assertEquals(2, turns.size(), "both have gone on to another turn");
    while (!turns.isEmpty()) {
      turns.remove().run();
      long ahead = Math.abs(reached(one, 1) - reached(other, 2));
      assertTrue(ahead <= Turns.WORTH, "one room is ahead by " + ahead);
    }
    assertEquals(MEMBERS, reached(one, 1));
    assertEquals(MEMBERS, reached(other, 2));
  }

  @Test
  void whatGathersDuringASliceReachesEachMemberInOneWrite() {
    List<Member> large = room("large", MEMBERS);
    List<Integer> before = new ArrayList<>();
    large.forEach(member -> before.add(member.transport().writes()));

    for (int event = 1; event <= 5; event++) {
      publish("large", event);
    }
    takeAllTurns();

    for (int i = 0; i < MEMBERS; i++) {
      assertEquals(List.of(1, 2, 3, 4, 5), large.get(i).got());
      assertEquals(2, large.get(i).transport().writes() - before.get(i));
    }
  }

  @Test
  void whoComesOrGoesDuringASliceIsOutOfIt() {
    List<Member> large = room("large", MEMBERS);
    Member first = large.get(0);
    Member last = large.get(MEMBERS - 1);

    publish("large", 1);
    Member late = member("late", "large");
    first.session().receive("{\"type\":\"leave\",\"room\":\"large\"}");
    last.session().receive("{\"type\":\"leave\",\"room\":\"large\"}");
    publish("large", 2);
    takeAllTurns();
    publish("large", 3);
    takeAllTurns();

    assertEquals(2, late.transport().only("joined").get("offset").getAsInt());
    assertEquals(List.of(3), late.got());
    for (Member gone : List.of(first, last)) {
      assertEquals(List.of(1), gone.got());
      assertEquals("left", lastType(gone), "nothing comes after left");
    }
    assertEquals(List.of(1, 2, 3), large.get(MEMBERS / 2).got());
  }

  private static String lastType(Member member) {
    List<String> types =
        member.transport().frames().stream().map(frame -> frame.get("type").getAsString()).toList();
    return types.get(types.size() - 1);
  }

  @Test
  void aMessageThatIsLargerThanAWriteMayBeGoesByItself() {
    Member member = room("room", 1).get(0);
    String half = "x".repeat(FanOut.JOINED_BYTES * 2 / 3);
    List<Publication> publications =
        IntStream.rangeClosed(1, 3)
            .mapToObj(
                offset ->
                    new Publication(
                        "room",
                        new Position("e", offset),
                        0,
                        Json.of("type", "event", "data", half + offset)))
            .toList();
    FanOut fanOut = new FanOut(new LongAdder());
    fanOut.add(member.session());
    int before = member.transport().writes();

    FanOut.encode(publications).forEach(fanOut::send);
    fanOut.proceed(Turns.WORTH);

    assertEquals(3, member.transport().writes() - before);
    assertEquals(3, member.transport().frames("event").size());
  }
}
