package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.examples.redis.Ports;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as its user sees it, with real servers. */
class LoadTest {

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String line) {
    return Load.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        line.split(" "));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everythingIsKeptOverTwoWorkers() throws Exception {
    Path page = folder.resolve("page.html");
    int code = run("run --workers 2 --clients 20 --rooms 5 --messages 500 --report " + page);
    assertEquals(Load.KEPT, code, this::printed);
    assertTrue(printed().contains("acknowledged  500 in"), this::printed);
    assertTrue(printed().contains("delivered     8,000,"), this::printed);
    assertTrue(printed().contains("kept          no loss, no duplicate"), this::printed);
    assertTrue(printed().contains("report        " + page), this::printed);
    String html = Files.readString(page);
    assertTrue(html.contains("<strong>500</strong><p>of 500,"), html);
    assertTrue(html.contains("<strong>8,000</strong><p>of 8,000,"), html);
  }

  @Test
  void everyPromiseIsKeptWhileNodesLinksAndRedisAreKilled() {
    Path report = folder.resolve("report.json");
    int code =
        run(
            "chaos --seed 3 --seconds 10 --workers 2 --clients 20 --rooms 5 --lease 2000"
                + " --resume-ttl 4000 --faults node-kill,node-drain,cut,link-kill,redis-kill"
                + " --report "
                + report);
    assertEquals(Load.KEPT, code, this::printed);
    assertTrue(Files.exists(report));
    assertTrue(printed().contains("Timeline"), this::printed);
  }

  @Test
  void theScheduleCanBeReadBefore() {
    assertEquals(Load.KEPT, run("chaos --seed 3 --plan"));
    String first = printed();
    out.reset();
    assertEquals(Load.KEPT, run("chaos --seed 3 --plan"));
    assertEquals(first, printed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "run --url ws://127.0.0.1:1/chat --workers 2",
        "run --url http://127.0.0.1:1/chat",
        "run --url ws://192.0.2.1:5000/chat",
        "run --workers 1 --clients 0",
        "run --workers 1 --clients 10 --rate 1000",
        "run --workers 1 --report nowhere/x.html",
        "run --workers 1 --report .",
        "run --dance",
        "chaos --faults flood",
        "chaos --faults all,cut",
        "chaos --workers 0",
        "chaos --rate 0",
        "chaos --report nowhere/x.json",
        "chaos --seed x",
        "roll --workers 1",
        "roll --clients 2 --rate 41",
        "topology --seconds 1",
        "topology --haproxy none.cfg",
        "hostile --p99 0",
        "hostile --attacks kindness",
        "soak --connects 999",
        "replay none.jsonl --url http://127.0.0.1:1/chat",
        "replay none.jsonl --url ws://192.0.2.1:5000/chat",
        "replay none.jsonl --url ws://127.0.0.1:1/chat --speed -1",
        "dance"
      })
  void badOptionsGiveOneLineAndTwo(String line) {
    assertEquals(Load.BAD_OPTIONS, run(line));
    assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count(), this::printed);
  }

  @Test
  void aServerThatIsNotThereGivesThree() throws Exception {
    String url = "ws://127.0.0.1:" + Ports.free() + "/chat";
    Path page = folder.resolve("page.html");
    int code = run("run --clients 1 --ramp 0 --patience 1 --url " + url + " --report " + page);
    assertEquals(Load.COULD_NOT_RUN, code);
    assertTrue(printed().contains("only 0 of 1 clients"), this::printed);
    assertTrue(Files.readString(page).contains("only 0 of 1 clients"));
  }
}
