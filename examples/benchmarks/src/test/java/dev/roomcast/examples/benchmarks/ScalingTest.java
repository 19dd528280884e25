package dev.roomcast.examples.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** The simulation, and that SCALING.md says what it prints. */
class ScalingTest {

  private static final Path DOCUMENT = Path.of("../../chat-redis/SCALING.md");
  private static final Path COSTS = Path.of("costs.properties");

  private final CostModel costs = read();
  private final Scaling scaling = new Scaling(costs);

  private static CostModel read() {
    try {
      return CostModel.read(COSTS);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theTablesOfTheDocumentAreThoseOfTheSimulation() throws IOException {
    String document = Files.readString(DOCUMENT);
    assertTrue(document.contains("\n\n" + scaling.needs() + "\n"), scaling::needs);
    assertTrue(document.contains("\n\n" + scaling.master() + "\n"), scaling::master);
  }

  @Test
  void theCurvesOfTheDocumentAreThoseOfTheSimulation() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (Map.Entry<String, String> curve : scaling.curves().entrySet()) {
      assertTrue(document.contains("](" + curve.getKey() + ")"), curve.getKey());
      Path file = DOCUMENT.resolveSibling(curve.getKey());
      assertEquals(Files.readString(file), curve.getValue(), curve.getKey());
    }
  }

  @Test
  void everyFigureOfTheDocumentIsOneThatWasMeasured() throws IOException {
    String document = Files.readString(DOCUMENT);
    for (String name : figures().stringPropertyNames()) {
      String row = "| `" + name + "` | " + figure(name) + " |";
      assertTrue(document.contains(row), row);
    }
  }

  private static Properties figures() {
    Properties figures = new Properties();
    try (var in = Files.newBufferedReader(COSTS)) {
      figures.load(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return figures;
  }

  private static String figure(String name) {
    return figures().getProperty(name);
  }

  @Test
  void aScriptAndAMessageCostWhatWasMeasured() {
    double alone = costs.script() + costs.message() + costs.subscriber();
    assertEquals(Double.parseDouble(figure("redis.message.rooms.cpu-us")), alone, 1e-9);
    double batch = Double.parseDouble(figure("redis.message.batched.batch"));
    double batched = (costs.script() + costs.subscriber()) / batch + costs.message();
    assertEquals(Double.parseDouble(figure("redis.message.batched.cpu-us")), batched, 1e-9);
  }

  @Test
  void whatIsNeededIsEnoughAndOneLessIsNot() {
    CostModel simple = new CostModel(40, 10, 5, 300, 0, 0, 0, 0, 0, 50, 0, 5, 200, 0, 0);
    Sizing.Need need = new Sizing(simple, Shape.HUGE_ROOMS, 1_000_000).need();
    // 20 rooms with 5 messages a second, each to 50,000: 5,000,000 deliveries of 5 µs.
    assertEquals(100, need.messages(), 1e-9);
    assertEquals(5_000_000, need.deliveries(), 1e-6);
    double cores = 25 + 100 * 50e-6;
    assertEquals((int) Math.ceil(cores / 4 / Sizing.USED), need.nodes());
    assertEquals("CPU of nodes: writing to members", need.nodesFor());
    assertEquals(1, need.masters());
  }

  @Test
  void aMessageIsHeardByTheNodesThatHaveAMember() {
    Sizing small = new Sizing(costs, Shape.SMALL_ROOMS, 1_000_000);
    assertEquals(1, small.subscriptions(1), 1e-9);
    assertEquals(2 - 2 * Math.pow(0.5, 10), small.subscriptions(2), 1e-9);
    assertTrue(small.subscriptions(1_000) < 10);
    assertTrue(small.subscriptions(1_000) > 9.9);
  }

  @Test
  void moreNodesThanMastersCanHearOfIsToldAsImpossible() {
    CostModel idle = new CostModel(40, 10, 5, 300, 0, 1e6, 0, 0, 0, 50, 0, 5, 200, 0, 0);
    Sizing.Need need = new Sizing(idle, Shape.SMALL_ROOMS, 1e6).need();
    assertEquals(Sizing.NONE, need.masters());
    assertEquals("CPU of masters: leases", need.mastersFor());
  }
}
