package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as several processes on one port. */
class WorkersTest {

  @TempDir Path data;

  private static String get(DemoProcess demo, String path)
      throws IOException, InterruptedException {
    // A client of its own is a connection of its own: the system chooses a worker for each.
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(demo.url() + path))
                .timeout(Duration.ofSeconds(5))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static String node(DemoProcess demo) throws IOException, InterruptedException {
    return get(demo, "/api/stats").replaceAll("(?s).*\"node\":\"([^\"]+)\".*", "$1");
  }

  private static void awaitTwoNodes(DemoProcess demo) {
    Set<String> seen = new HashSet<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () -> {
              seen.add(node(demo));
              return seen.size() == 2;
            });
  }

  @Test
  void connectionsAreSpreadAndADeadWorkerIsReplaced() throws Exception {
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2")) {
      assertTrue(demo.lines().get(0).contains("(2 workers, redis://"), demo.lines()::toString);
      awaitTwoNodes(demo);
      List<ProcessHandle> before = demo.workers();
      assertEquals(2, before.size());
      before.get(0).destroyForcibly();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  demo.workers().size() == 2
                      && demo.workers().stream()
                          .noneMatch(worker -> worker.pid() == before.get(0).pid()));
      awaitTwoNodes(demo);
      List<ProcessHandle> all =
          Stream.concat(demo.workers().stream(), Stream.of(demo.redis())).toList();
      assertEquals(0, demo.end());
      assertTrue(all.stream().noneMatch(ProcessHandle::isAlive), "something was left behind");
    }
  }

  @Test
  void aRedisThatDiesIsStartedAgainWithWhatItHad() throws Exception {
    Path keys = Files.writeString(data.resolve("keys"), "a-key-of-an-application");
    try (DemoProcess demo =
        DemoProcess.start(data, "--workers", "2", "--api-key-file", keys.toString())) {
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> post(demo) == 200);
      ProcessHandle before = demo.redis();
      before.destroy();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> demo.redis().pid() != before.pid() && post(demo) == 200);
      // Reading takes the other connection to Redis, which comes back by itself.
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> get(demo, "/api/rooms/r/history").contains("\"offset\":1,"));
      ProcessHandle after = demo.redis();
      assertEquals(0, demo.end());
      assertTrue(!after.isAlive());
    }
  }

  private static int post(DemoProcess demo) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(demo.url() + "/api/rooms/r/events"))
                .timeout(Duration.ofSeconds(5))
                .header("Authorization", "Bearer a-key-of-an-application")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"n\",\"data\":1}"))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void aKilledParentTakesItsWorkersAlongAndTheNextOneItsRedis() throws Exception {
    ProcessHandle orphan;
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2")) {
      orphan = demo.redis();
      List<ProcessHandle> workers = demo.workers();
      demo.kill();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> workers.stream().noneMatch(ProcessHandle::isAlive));
    }
    try (DemoProcess demo = DemoProcess.start(data, "--workers", "2")) {
      assertTrue(!orphan.isAlive());
      assertEquals(0, demo.end());
    }
  }

  @Test
  void eachWorkerRehearsesBeforeItListensAndLogsNoClientOfThat() throws Exception {
    Path log = data.resolve("log");
    try (DemoProcess demo =
        DemoProcess.start(
            data,
            ProcessBuilder.Redirect.to(log.toFile()),
            Map.of("ROOMCAST_REHEARSE", "300ms"),
            "--workers",
            "2")) {
      awaitTwoNodes(demo);
      assertEquals(0, demo.end());
    }
    List<String> lines = Files.readAllLines(log);
    int processors = Runtime.getRuntime().availableProcessors();
    assertEquals(
        Workers.mayRehearse(2, processors) ? 2 : 0,
        lines.stream().filter(line -> line.contains("rehearsed with ")).count(),
        lines::toString);
    assertTrue(
        lines.stream().noneMatch(line -> line.matches(".* roomcast[.](client|quiet) .*")),
        lines::toString);
  }

  @Test
  void whereThereAreMoreWorkersThanProcessorsNoneRehearses() {
    assertTrue(Workers.mayRehearse(4, 4));
    assertFalse(Workers.mayRehearse(5, 4));
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES) // instead of the drain's hour, should it not end
  void aWorkerThatIsToldToEndMoreThanOnceDrainsAllTheSame() throws Exception {
    Assumptions.assumeTrue(Workers.sharesPort(), "SO_REUSEPORT");
    try (SocketChannel reserved = Workers.reserve("127.0.0.1", 0);
        Program program = Program.now(System.getProperty("java.class.path"))) {
      int port = ((InetSocketAddress) reserved.getLocalAddress()).getPort();
      WorkerProcess worker =
          WorkerProcess.start(
              program,
              List.of("--host", "127.0.0.1", "--port", Integer.toString(port), "--rehearse", "0"),
              Map.of("ROOMCAST_LIMITS_DRAIN", "1h"));
      try {
        worker.ready().get(60, TimeUnit.SECONDS);
        String url = "http://127.0.0.1:" + port;
        // One may be on the way still when the drain begins: it is told all the same.
        try (Publisher ann = new Publisher(url, "Ann");
            Publisher bob = new Publisher(url, "Bob")) {
          worker.terminate();
          ann.await("\"type\":\"closing\"");
          bob.await("\"type\":\"closing\"");
          worker.terminate();
        }
        assertEquals(0, worker.await());
      } finally {
        worker.kill();
      }
    }
  }
}
