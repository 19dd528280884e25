package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.roomcast.chat.PrometheusText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as those who operate it see it: configuration, log, secrets, the end. */
class OperationTest {

  private static final String KEY = "an-api-key-that-nobody-may-see";
  private static final String SECRET = "a-jwt-secret-that-nobody-may-see";

  @TempDir Path folder;

  private DemoProcess start(Map<String, String> variables, String... options) throws IOException {
    return DemoProcess.start(
        folder.resolve("redis"),
        ProcessBuilder.Redirect.to(folder.resolve("log").toFile()),
        variables,
        options);
  }

  private List<JsonObject> log() throws IOException {
    List<JsonObject> events = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("log"))) {
      events.add(JsonParser.parseString(line).getAsJsonObject());
    }
    return events;
  }

  private static HttpResponse<String> post(String url, String key)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url + "/api/rooms/r/events"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"n\",\"data\":1}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theLogIsJsonAndTheOutputHasTheListeningLineOnly() throws Exception {
    try (DemoProcess demo = start(Map.of(), "--log", "json", "--host", "0.0.0.0")) {
      assertEquals(1, demo.lines().size());
      demo.terminate();
      assertEquals(List.of(), demo.restOfOutput());
      assertEquals(0, demo.awaitEnd());
    }
    List<JsonObject> events = log();
    List<String> warnings =
        events.stream()
            .filter(event -> event.get("level").getAsString().equals("WARN"))
            .map(event -> event.get("formattedMessage").getAsString())
            .filter(message -> message.contains("other machines"))
            .toList();
    assertEquals(1, warnings.size(), events::toString);
  }

  @Test
  void workersHaveTheSettingsOfTheirParentAndNobodySeesASecret() throws Exception {
    Path keys = Files.writeString(folder.resolve("keys"), KEY);
    Path secret = Files.writeString(folder.resolve("secret"), SECRET);
    Path config =
        Files.write(
            folder.resolve("demo.properties"),
            List.of("api-key-file=" + keys, "jwt-secret-file=" + secret, "log=json", "workers=2"));
    try (DemoProcess demo =
        start(Map.of("ROOMCAST_LIMITS_FRAME_BYTES", "256"), "--config", config.toString())) {
      assertEquals(200, post(demo.url(), KEY).statusCode());
      assertEquals(401, post(demo.url(), KEY + "x").statusCode());
      // Without a token nobody connects: guests are no more.
      assertEquals(
          401,
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(demo.url() + "/api/rooms?name=Ann")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .statusCode());
      assertEquals(2, demo.workers().size());
      for (ProcessHandle process : demo.workers()) {
        String line = DemoProcess.line(process);
        assertFalse(line.contains(KEY) || line.contains(SECRET), line);
        assertFalse(line.contains("redis://"), line);
      }
      assertEquals(0, demo.end());
    }
    String text = Files.readString(folder.resolve("log"));
    assertFalse(text.contains(KEY) || text.contains(SECRET), text);
    assertFalse(text.contains("redis://:"), "the password of Redis was logged");
    assertTrue(
        log().stream()
            .anyMatch(
                event -> event.get("formattedMessage").getAsString().contains("data is kept in")));
  }

  @Test
  void aSecondSigtermEndsTheWorkersAtOnceAndTheirRedis() throws Exception {
    try (DemoProcess demo =
        start(Map.of("ROOMCAST_LIMITS_DRAIN", "1h"), "--log", "json", "--workers", "2")) {
      List<ProcessHandle> all = new ArrayList<>(demo.workers());
      for (ProcessHandle worker : demo.workers()) {
        // It cannot drain: the parent would wait for it for an hour.
        new ProcessBuilder("kill", "-STOP", Long.toString(worker.pid())).start().waitFor();
      }
      all.add(demo.redis());
      demo.terminate();
      Awaitility.await()
          .until(() -> Files.readString(folder.resolve("log")).contains("told to end:"));
      demo.terminate();
      assertEquals(143, demo.awaitEnd());
      Awaitility.await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    }
  }

  private static HttpResponse<String> figures(DemoProcess demo)
      throws IOException, InterruptedException {
    String url = demo.url().replace("0.0.0.0", "127.0.0.1") + "/metrics";
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void figuresAreForThisMachineUnlessAskedFor() throws Exception {
    try (DemoProcess demo = start(Map.of())) {
      PrometheusText scrape = new PrometheusText(figures(demo).body());
      assertEquals(0, scrape.value("roomcast_connections"));
      assertTrue(scrape.names().contains("jvm_memory_used_bytes"));
    }
    try (DemoProcess demo = start(Map.of(), "--host", "0.0.0.0")) {
      assertEquals(404, figures(demo).statusCode());
    }
    try (DemoProcess demo = start(Map.of("ROOMCAST_METRICS", "on"), "--host", "0.0.0.0")) {
      assertEquals(200, figures(demo).statusCode());
    }
    try (DemoProcess demo = start(Map.of(), "--metrics", "off")) {
      assertEquals(404, figures(demo).statusCode());
    }
  }
}
