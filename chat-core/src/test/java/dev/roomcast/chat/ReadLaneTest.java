package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Large answers keep nobody's message waiting. */
class ReadLaneTest {

  private final Queue<Runnable> work = new ArrayDeque<>();
  private final StillNodes nodes = new StillNodes();
  private final List<String> done = new ArrayList<>();

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private void runWork() {
    for (Runnable task = work.poll(); task != null; task = work.poll()) {
      task.run();
    }
  }

  @Test
  void halfOfTheProcessorsAreAtItAndAnswersKeepTheirOrder() {
    ReadLane lane = new ReadLane(work::add, 5);
    for (int i = 0; i < 6; i++) {
      String number = Integer.toString(i);
      lane.execute(() -> done.add(number));
    }
    assertEquals(2, work.size());
    work.add(() -> done.add("a room"));
    runWork();
    assertEquals(List.of("0", "1", "a room", "2", "3", "4", "5"), done);
  }

  @Test
  void oneProcessorIsEnough() {
    ReadLane lane = new ReadLane(work::add, 1);
    lane.execute(() -> done.add("read"));
    runWork();
    lane.execute(() -> done.add("read again"));
    runWork();
    assertEquals(List.of("read", "read again"), done);
  }

  @Test
  void anAnswerThatFailsDoesNotEndTheLane() {
    ReadLane lane = new ReadLane(work::add, 2);
    lane.execute(
        () -> {
          throw new IllegalStateException("fault");
        });
    lane.execute(() -> done.add("next"));
    assertThrows(IllegalStateException.class, this::runWork);
    runWork();
    assertEquals(List.of("next"), done);
  }

  @Test
  void messagesDoNotWaitForLargeAnswers() {
    ChatNode node =
        nodes.start(StillNodes.LIMITS, backend -> backend, builder -> builder.work(work::add));
    Client reader = Client.connect(node, "Reader");
    Client writer = Client.connect(node, "Writer");
    reader.join("room");
    writer.join("room");
    reader.send("{'type':'history','id':1,'room':'room','limit':500}");
    reader.send("{'type':'ping','id':2}");
    writer.say("room", "hello");
    reader.awaitFrames("message", 1);
    assertTrue(reader.transport.frames("history").isEmpty());
    assertTrue(reader.transport.frames("pong").isEmpty(), "answers leave in the order asked");
    runWork();
    reader.awaitFrames("pong", 1);
    assertEquals(1, reader.transport.frames("history").size());
    reader.send("{'type':'history','id':3,'room':'room','limit':50}");
    assertEquals(2, reader.transport.frames("history").size(), "a small one is written at once");
  }
}
