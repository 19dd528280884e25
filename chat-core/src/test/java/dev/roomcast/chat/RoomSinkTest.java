package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sink gets of a room's log, whatever happens to nodes and to itself. */
class RoomSinkTest {

  private static final Duration LEASE = StillNodes.LIMITS.nodeLease();

  private final StillNodes nodes = new StillNodes();

  @AfterEach
  void close() {
    nodes.close();
  }

  /** Remembers what it got; it can refuse. Confined to the test's thread. */
  private static final class Archive implements PublicationSink {
    final List<Long> offsets = new ArrayList<>();
    final List<String> gaps = new ArrayList<>();
    boolean refuses;

    @Override
    public void onPublications(List<Publication> publications) {
      if (refuses) {
        throw new IllegalStateException("the database is away");
      }
      publications.forEach(publication -> offsets.add(publication.offset()));
    }

    @Override
    public void onGap(String room, long from, Position at) {
      gaps.add(from + " to " + at.offset());
    }
  }

  private static void publish(ChatNode node, int count) {
    for (int i = 0; i < count; i++) {
      node.room("orders").publish("order", Json.value(i)).toCompletableFuture().join();
    }
  }

  private static List<Long> offsets(int to) {
    return LongStream.rangeClosed(1, to).boxed().toList();
  }

  private void later(Duration time) {
    nodes.clock.advance(time);
  }

  @Test
  void aSinkGetsWhatIsThereAndWhatComesInOrder() {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    publish(node, 700); // more than one page
    Archive archive = new Archive();
    node.room("orders").sink("archive", archive);
    assertEquals(offsets(700), archive.offsets);
    publish(node, 5);
    later(RoomSink.POLL);
    assertEquals(offsets(705), archive.offsets);
    assertEquals(List.of(), archive.gaps);
  }

  @Test
  void whatASinkRefusesComesAgain() {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    Archive archive = new Archive();
    archive.refuses = true;
    node.room("orders").sink("archive", archive);
    publish(node, 3);
    later(Duration.ofSeconds(5));
    assertEquals(List.of(), archive.offsets);
    archive.refuses = false;
    later(Duration.ofSeconds(2));
    assertEquals(offsets(3), archive.offsets);
  }

  @Test
  void oneNodeRunsASinkAndAnotherGoesOnWhereItDied() {
    ChatNode first = nodes.start(StillNodes.LIMITS);
    ChatNode second = nodes.start(StillNodes.LIMITS);
    Archive one = new Archive();
    Archive other = new Archive();
    first.room("orders").sink("archive", one);
    second.room("orders").sink("archive", other);
    publish(first, 3);
    later(LEASE.multipliedBy(3));
    assertEquals(offsets(3), one.offsets);
    assertEquals(List.of(), other.offsets);
    nodes.kill(first);
    publish(second, 2);
    later(LEASE.multipliedBy(2));
    assertEquals(List.of(4L, 5L), other.offsets);
    assertEquals(List.of(), other.gaps);
  }

  @Test
  void aClosedSinkGetsNothingMoreAndKeepsItsPlace() throws Exception {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    Archive archive = new Archive();
    AutoCloseable running = node.room("orders").sink("archive", archive);
    publish(node, 1);
    later(RoomSink.POLL);
    running.close();
    publish(node, 1);
    later(LEASE);
    assertEquals(offsets(1), archive.offsets);
    Archive next = new Archive();
    node.room("orders").sink("archive", next);
    assertEquals(List.of(2L), next.offsets);
  }

  @Test
  void aSinkIsToldWhatTheRetentionTookAndWhatALossMadeUnsure() {
    ChatNode node = nodes.start(StillNodes.LIMITS.toBuilder().historyCount(2).build());
    publish(node, 5);
    Archive archive = new Archive();
    node.room("orders").sink("archive", archive);
    assertEquals(List.of("1 to 3"), archive.gaps);
    assertEquals(List.of(4L, 5L), archive.offsets);
    node.room("orders").destroy().toCompletableFuture().join();
    publish(node, 1);
    later(RoomSink.POLL);
    assertEquals(2, archive.gaps.size());
    assertTrue(archive.gaps.get(1).endsWith(" to 0"), archive.gaps.get(1));
    assertEquals(List.of(4L, 5L, 1L), archive.offsets);
  }

  @Test
  void twoSinksOfARoomDoNotDisturbEachOther() {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    List<Archive> archives = List.of(new Archive(), new Archive());
    IntStream.range(0, 2).forEach(i -> node.room("orders").sink("s" + i, archives.get(i)));
    archives.get(0).refuses = true;
    publish(node, 2);
    later(Duration.ofSeconds(3));
    assertEquals(List.of(), archives.get(0).offsets);
    assertEquals(offsets(2), archives.get(1).offsets);
  }

  @Test
  void anotherNodeGoesOnAtOnceWhenASinkOrItsNodeIsClosed() throws Exception {
    ChatNode here = nodes.start(StillNodes.LIMITS);
    ChatNode there = nodes.start(StillNodes.LIMITS);
    publish(here, 2);
    Archive first = new Archive();
    AutoCloseable sink = here.room("orders").sink("archive", first);
    assertEquals(offsets(2), first.offsets);
    sink.close();
    publish(here, 1);
    Archive second = new Archive();
    there.room("orders").sink("archive", second);
    assertEquals(List.of(3L), second.offsets);
    publish(here, 1);
    there.stop();
    Archive third = new Archive();
    here.room("orders").sink("archive", third);
    assertEquals(List.of(4L), third.offsets);
    later(LEASE);
    assertEquals(offsets(2), first.offsets);
    assertEquals(List.of(3L), second.offsets);
  }

  @Test
  void whatASinkTookWhileTheStoreWasAwayDoesNotComeAgain() {
    HeldWay way = new HeldWay();
    ChatNode node = nodes.start(StillNodes.LIMITS, backend -> new FarBackend(backend, way));
    Archive archive = new Archive();
    node.room("orders").sink("archive", archive);
    publish(node, 2);
    later(RoomSink.POLL);
    way.refuse("moveCursor");
    publish(node, 3);
    later(RoomSink.POLL);
    nodes.store.loseTail("orders", 0); // a new epoch, as after a restart
    way.goOn();
    publish(node, 1);
    later(Duration.ofSeconds(2));
    assertEquals(offsets(6), archive.offsets);
  }
}
