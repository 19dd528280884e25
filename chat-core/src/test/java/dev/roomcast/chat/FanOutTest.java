package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent to members whose turns are cut, and what is looked at before. */
@Timeout(60)
class FanOutTest {

  private static final int MEMBERS = 3 * FanOut.AHEAD + 5;

  private final StillNodes nodes = new StillNodes();
  private final ChatNode node = nodes.start(StillNodes.LIMITS);
  private final FanOut fanOut = new FanOut(new LongAdder());
  private final List<Watched> members = new ArrayList<>();
  private boolean watching;
  private int lookedAt;
  private int written;
  private int mostAhead;

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  /** A transport that counts what it is asked. */
  private final class Watched implements QuietTransport {
    private final RecordingTransport to = new RecordingTransport();
    private final boolean faulty;
    private int looks;
    private int writes;

    Watched(boolean faulty) {
      this.faulty = faulty;
    }

    @Override
    public int lookAhead() {
      looks++;
      lookedAt++;
      mostAhead = Math.max(mostAhead, lookedAt - written);
      if (faulty) {
        throw new IllegalStateException("for the test");
      }
      return 1;
    }

    @Override
    public boolean write(Frame frame, WriteListener done) {
      if (watching) {
        writes++;
        written++;
        assertEquals(writes, looks, "looks before a write");
      }
      return to.write(frame, done);
    }
  }

  private void members(int count, int faulty) {
    for (int i = 0; i < count; i++) {
      Watched transport = new Watched(i == faulty);
      Admission admission =
          node.admit(ConnectRequest.of(Map.of("name", "m" + i), null, null, "127.0.0.1"))
              .toCompletableFuture()
              .join();
      fanOut.add(node.connect(admission, transport));
      members.add(transport);
    }
    watching = true; // the welcome was not of the room
  }

  private static Frame frame(int number) {
    return Frame.shared(("{\"type\":\"n" + number + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  private void assertAllGot(int frames) {
    List<String> expected =
        IntStream.range(0, frames).mapToObj(i -> "{\"type\":\"n" + i + "\"}").toList();
    for (Watched member : members) {
      List<String> texts = member.to.texts();
      assertEquals(expected, texts.subList(1, texts.size()));
      assertEquals(frames, member.looks);
    }
  }

  @Test
  void eachMemberIsLookedAtOnceBeforeEachOfItsWritesHoweverTurnsCutTheMembers() {
    members(MEMBERS, -1);
    IntStream.range(0, 20).forEach(i -> fanOut.send(frame(i)));

    int[] turns = {1, 5, FanOut.AHEAD, 2, FanOut.AHEAD + 1, 3 * FanOut.AHEAD, 7};
    for (int i = 0; fanOut.isSending(); i++) {
      int before = written;
      int most = turns[i % turns.length];
      fanOut.proceed(most);
      assertEquals(Math.min(most, 20 * MEMBERS - before), written - before, "of one turn");
      assertEquals(written, lookedAt, "what a turn does not reach it does not look at");
    }

    assertAllGot(20);
    assertEquals(FanOut.AHEAD, mostAhead);
  }

  @Test
  void whoIsNotToGetAFrameIsNoReasonToLookAtOthersTwice() {
    members(MEMBERS, -1);
    fanOut.send(frame(0), "nobody");
    fanOut.proceed(FanOut.AHEAD / 2);
    fanOut.proceed(MEMBERS);

    assertAllGot(1);
  }

  @Test
  void whatIsNoWriteLooksAtNobody() {
    members(MEMBERS, -1);
    int[] reached = {0};
    fanOut.each(member -> reached[0]++);
    fanOut.proceed(MEMBERS + 1);

    assertEquals(MEMBERS, reached[0]);
    assertEquals(0, lookedAt);
  }

  @Test
  void aLookThatFailsKeepsNoFrameFromAnybody() {
    Queue<Runnable> work = new ArrayDeque<>();
    Turns turns = new Turns("room", fanOut, work::add);
    members(MEMBERS, 3);

    turns.execute(() -> fanOut.send(frame(0)));
    turns.execute(() -> fanOut.send(frame(1)));
    while (!work.isEmpty()) {
      work.remove().run();
    }

    assertTrue(members.get(3).faulty);
    assertAllGot(2);
  }
}
