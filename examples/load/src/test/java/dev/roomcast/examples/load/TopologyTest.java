package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HAProxy of {@code examples/haproxy.cfg} before three nodes, as the compose file has them. */
class TopologyTest {

  private static final Path CONFIGURATION = Path.of("../haproxy.cfg");

  @TempDir Path folder;

  @BeforeAll
  static void needsHaproxy() {
    if (!Topology.available()) {
      String missing = "skipped: no haproxy on the PATH";
      if (Set.of(System.getProperty("roomcast.require", "").split(",")).contains("haproxy")) {
        fail(missing);
      }
      System.err.println("TopologyTest " + missing);
      Assumptions.abort(missing);
    }
  }

  @Test
  void nobodyNoticesARollingRestartOfTheNodes() {
    String printed = restartUnderLoad("one");
    assertFalse(printed.contains("failed over"), printed);
  }

  @Test
  void inAClusterNobodyNoticesARollingRestartAndAFailoverInItsMiddle() {
    String printed = restartUnderLoad("cluster");
    assertTrue(printed.contains("failed over   a master of the cluster"), printed);
  }

  private static String restartUnderLoad(String redis) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code =
        Load.run(
            out,
            out,
            ("topology --clients 40 --rooms 10 --rate 100 --seconds 10 --drain 500 --haproxy "
                    + CONFIGURATION
                    + " --redis "
                    + redis)
                .split(" "));
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(Load.KEPT, code, printed);
    assertTrue(printed.contains("acknowledged  1,000 in"), printed);
    assertTrue(printed.contains("delivered     16,000,"), printed);
    assertTrue(printed.contains("restarted     3 nodes behind HAProxy"), printed);
    assertTrue(printed.contains("interruptions "), "the nodes had connections: " + printed);
    assertTrue(printed.contains("presence      0 leaves were told"), printed);
    assertTrue(printed.contains("kept          no loss, no duplicate"), printed);
    return printed;
  }

  @Test
  void aKindOfRedisThatThereIsNotIsABadOption() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = Load.run(out, out, "topology", "--redis", "sentinel");
    assertEquals(Load.BAD_OPTIONS, code);
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(printed.contains("--redis: one or cluster expected"), printed);
  }

  @Test
  void thePageIsServedThroughHaproxyAndTheFiguresAreNot() throws Exception {
    OneRedis redis = OneRedis.start(folder.resolve("redis"), false);
    try (Topology topology = Topology.start(folder, redis, CONFIGURATION, Duration.ofMillis(100))) {
      assertEquals(200, topology.ask("/").statusCode());
      assertEquals(200, topology.ask("/health/ready").statusCode());
      assertEquals(404, topology.ask("/metrics").statusCode());
    }
  }

  @Test
  void haproxyTakesTheConfigurationWithoutAWarning() throws Exception {
    assertEquals("Configuration file is valid", check("127.0.0.1:5000"));
  }

  @Test
  void haproxyRefusesAWrongAddress() throws Exception {
    assertTrue(check("127.0.0.1:none").contains("invalid"), "the variables are read");
  }

  private static String check(String node) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("haproxy", "-c", "-f", CONFIGURATION.toString())
            .redirectErrorStream(true);
    for (int i = 1; i <= Topology.NODES; i++) {
      builder.environment().put("ROOMCAST_NODE_" + i, node);
    }
    Process haproxy = builder.start();
    String said = new String(haproxy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    haproxy.waitFor();
    return said.strip();
  }
}
