package dev.roomcast.examples.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The measurements run, on a small scale. */
class CostsTest {

  private static final Costs.Scale SMALL =
      new Costs.Scale(Duration.ofMillis(100), 3, 5, 50, 50, 2, 100, 5, 10);

  @TempDir Path folder;

  @Test
  void allThatTheSimulationReckonsWithIsMeasured() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Figures figures = Costs.measure(SMALL, out);
    Path file = folder.resolve("costs.properties");
    figures.write(file, List.of("small"));
    Properties measured = new Properties();
    measured.load(new java.io.StringReader(Files.readString(file)));
    Properties kept = new Properties();
    kept.load(new java.io.StringReader(Files.readString(Path.of("costs.properties"))));
    assertEquals(kept.stringPropertyNames(), measured.stringPropertyNames());
    assertEquals(10, figures.get("node.sockets.many"));
    assertEquals(1, figures.get("redis.message.alone.batch"), 0.01);
    assertTrue(
        figures.get("redis.message.batched.batch") > 20,
        () -> bytes.toString(StandardCharsets.UTF_8));
  }
}
