package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often an address may do something. */
class AddressRatesTest {

  private final StillNodes nodes = new StillNodes();

  @AfterEach
  void closeNodes() {
    nodes.close();
  }

  @Test
  void asManyAtOnceAsInASecond() {
    AddressRates rates = new AddressRates(3);
    for (int i = 0; i < 3; i++) {
      assertTrue(rates.take("192.0.2.1", 1_000));
    }
    assertFalse(rates.take("192.0.2.1", 1_332));
    assertTrue(rates.take("192.0.2.2", 1_332), "another address");
    assertTrue(rates.take("192.0.2.1", 1_334), "a third of a second later");
    assertFalse(rates.take("192.0.2.1", 1_334));
    assertTrue(rates.take(null, 1_334), "nobody knows whose it is");
    assertTrue(new AddressRates(0).take("192.0.2.1", 1_334));
  }

  @Test
  void whoTakesTurnsWithOthersIsNotForgotten() {
    AddressRates rates = new AddressRates(1);
    assertTrue(rates.take("192.0.2.1", 10_000));
    assertTrue(rates.take("192.0.2.2", 10_900));
    assertFalse(rates.take("192.0.2.2", 11_100), "the maps have changed places since");
  }

  @Test
  void manyAddressesDoNotFillTheMemory() {
    AddressRates rates = new AddressRates(1);
    for (int i = 0; i < 100_000; i++) {
      rates.take("address " + i, 0);
    }
    assertTrue(rates.size() <= 20_000, "" + rates.size());
  }

  @Test
  void readingOverHttpHasALimitForEachAddress() {
    ChatNode node =
        nodes.start(StillNodes.LIMITS.toBuilder().requestsPerSecondPerAddress(2).build());
    ask(node, "192.0.2.1");
    ask(node, "192.0.2.1");
    ChatException refusal =
        ChatException.of(assertThrows(CompletionException.class, () -> ask(node, "192.0.2.1")));
    assertEquals(ErrorCode.RATE_LIMITED, refusal.code());
    assertEquals(Duration.ofSeconds(1), refusal.retryAfter());
    assertEquals(1, node.stats().limitHits().get(LimitHit.REQUESTS_PER_SECOND_PER_ADDRESS));
    ask(node, "192.0.2.2");
    nodes.clock.advance(Duration.ofMillis(500));
    ask(node, "192.0.2.1");
  }

  private static void ask(ChatNode node, String address) {
    node.reads()
        .authenticate(ConnectRequest.of(Map.of(), null, null, address))
        .toCompletableFuture()
        .join();
  }
}
