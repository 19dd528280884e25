package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Announcements that are lost, doubled, late and out of order do not reach clients so. */
class LossyBrokerTest {

  private static final int SEEDS = 400;
  private static final int MESSAGES = 40;
  private static final LossyBroker.Chances CHANCES =
      new LossyBroker.Chances(0.15, 0.2, 0.4, Duration.ofMillis(300));

  @Test
  void membersSeeExactlyTheLogInOrderAndOnce() {
    long harmless = IntStream.range(0, SEEDS).filter(seed -> play(seed) == 0).count();
    assertTrue(harmless < SEEDS / 10, "most seeds lose, double and delay: " + harmless);
  }

  /** Returns how often the least frequent kind of harm happened. */
  private static int play(int seed) {
    Random random = new Random(seed);
    List<LossyBroker> brokers = new ArrayList<>();
    try (StillNodes nodes = new StillNodes()) {
      ChatNode here = start(nodes, random, brokers);
      ChatNode there = start(nodes, random, brokers);
      List<Client> members = new ArrayList<>();
      members.add(Client.connect(here, "Ann"));
      members.add(Client.connect(there, "Bob"));
      members.forEach(member -> member.join("general"));
      for (int i = 0; i < MESSAGES; i++) {
        members.get(random.nextInt(2)).say("general", "m" + i);
        nodes.clock.advance(Duration.ofMillis(random.nextInt(60)));
        if (random.nextInt(10) == 0) {
          Client late = Client.connect(random.nextBoolean() ? here : there, "Late" + i);
          late.send("{'type':'join','room':'general','history':100}");
          members.add(late);
        }
      }
      brokers.forEach(LossyBroker::settle);
      nodes.clock.advanceSeconds(3);
      for (Client member : members) {
        String text = "seed " + seed + ", " + member.session.user().name();
        assertEquals(LongStream.rangeClosed(1, MESSAGES).boxed().toList(), seen(member), text);
        assertEquals(0, member.count("gap"), text);
      }
    }
    return brokers.stream().mapToInt(LossyBroker::harm).min().orElseThrow();
  }

  private static ChatNode start(StillNodes nodes, Random random, List<LossyBroker> brokers) {
    return nodes.start(
        StillNodes.LIMITS,
        backend -> {
          LossyBroker broker = new LossyBroker(backend, random, nodes.clock, CHANCES);
          brokers.add(broker);
          return broker;
        });
  }

  private static List<Long> seen(Client client) {
    List<Long> seen = new ArrayList<>();
    for (JsonElement frame : client.last("joined").getAsJsonArray("history")) {
      seen.add(frame.getAsJsonObject().get("offset").getAsLong());
    }
    for (JsonObject frame : client.transport.frames("message")) {
      seen.add(frame.get("offset").getAsLong());
    }
    return seen;
  }
}
