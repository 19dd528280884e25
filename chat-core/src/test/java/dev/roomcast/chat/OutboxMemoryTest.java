package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The memory of all outboxes together, and why connections are closed for it. */
class OutboxMemoryTest {

  private static final int MIB = 1 << 20;

  private final StillNodes nodes = new StillNodes();

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  private static Client stalled(ChatNode node, String name) {
    Client client = Client.connect(node, name);
    client.transport.stall();
    client.session.send(Frame.single("in flight"));
    return client;
  }

  private static void fill(Client client, int bytes) {
    for (int left = bytes; left > 0; left -= 1_000) {
      client.session.send(Frame.single("x".repeat(Math.min(left, 1_000) - 4)));
    }
  }

  private static long hits(ChatNode node, LimitHit limit) {
    return Objects.requireNonNull(node.stats().limitHits().get(limit));
  }

  @Test
  void aboveTheBoundTheLargestGoFirstAndTheOthersStay() {
    ChatNode node = nodes.start(StillNodes.LIMITS.toBuilder().outboxTotalBytes(MIB).build());
    Client large = stalled(node, "Large");
    List<Client> small = IntStream.range(0, 10).mapToObj(i -> stalled(node, "Small " + i)).toList();
    fill(large, 600_000);
    small.forEach(client -> fill(client, 40_000));
    assertEquals(0, large.transport.closeCode(), "1,000,000 bytes are fine");
    fill(small.get(0), 90_000);
    assertEquals(4013, large.transport.closeCode());
    small.forEach(client -> assertEquals(0, client.transport.closeCode()));
    assertEquals(1, hits(node, LimitHit.OUTBOX_TOTAL_BYTES));
    assertEquals(0, hits(node, LimitHit.OUTBOX_BYTES));
    assertEquals(1, node.stats().tooSlow());
    fill(small.get(1), 500_000);
    assertEquals(0, small.get(1).transport.closeCode(), "what the large one had is free");
  }

  @Test
  void manySmallOnesAreFoundByTheSweep() {
    int each = 3_000; // less than what an outbox tells of by itself
    ChatNode node = nodes.start(StillNodes.LIMITS.toBuilder().outboxTotalBytes(100_000).build());
    List<Client> clients =
        IntStream.range(0, 40).mapToObj(i -> stalled(node, "User " + i)).toList();
    clients.forEach(client -> fill(client, each));
    assertEquals(0, node.stats().tooSlow());
    nodes.clock.advanceSeconds(1);
    long left = clients.stream().filter(c -> c.transport.closeCode() == 0).count();
    assertTrue(left * each <= 87_500 && (left + 1) * each > 87_500 - each, "left: " + left);
  }

  @Test
  void whatIsWrittenDoesNotCount() {
    ChatNode node = nodes.start(StillNodes.LIMITS.toBuilder().outboxTotalBytes(MIB).build());
    Client ann = stalled(node, "Ann");
    for (int i = 0; i < 20; i++) {
      fill(ann, 500_000);
      ann.transport.writeOne();
      ann.transport.writeOne();
      fill(ann, 1_000);
    }
    assertEquals(0, ann.transport.closeCode());
  }

  @Test
  void whyAConnectionWasTooSlowIsCounted() {
    ChatNode node = nodes.start(StillNodes.LIMITS);
    Client full = stalled(node, "Full");
    fill(full, 2 * MIB);
    assertEquals(4013, full.transport.closeCode());
    assertEquals(1, hits(node, LimitHit.OUTBOX_BYTES));
    Client late = stalled(node, "Late");
    nodes.clock.advanceSeconds(12);
    assertEquals(4013, late.transport.closeCode());
    assertEquals(1, hits(node, LimitHit.WRITE_TIMEOUT));
    assertEquals(2, node.stats().tooSlow());
  }

  @Test
  void withoutABoundNobodyIsClosedForTheOthers() {
    ChatNode node = nodes.start(StillNodes.LIMITS.toBuilder().outboxTotalBytes(0).build());
    List<Client> clients = IntStream.range(0, 5).mapToObj(i -> stalled(node, "User " + i)).toList();
    clients.forEach(client -> fill(client, 1_000_000));
    nodes.clock.advanceSeconds(2);
    clients.forEach(client -> assertEquals(0, client.transport.closeCode()));
  }
}
