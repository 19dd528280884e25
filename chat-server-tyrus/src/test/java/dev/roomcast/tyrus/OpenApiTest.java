package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The API's description says what the server does, all of it and nothing else. */
@Timeout(120)
class OpenApiTest {

  private static final String KEY = "open-sesame-open-sesame";
  private static final Limits LIMITS =
      Limits.DEFAULTS.toBuilder().frameBytes(2_048).drain(Duration.ZERO).build();

  @TempDir Path folder;

  private final Backend backend = Backend.inMemory();
  private final Backend second = Backend.inMemory();
  private final Backend third = Backend.inMemory();
  private final HttpClient client = HttpClient.newHttpClient();
  private final ChatNode chat =
      ChatNode.builder(backend)
          .limits(LIMITS)
          .authenticator(Authenticator.chain(OpenApiTest::user, Authenticator.guests()))
          .authorizer((user, action, room) -> !room.equals("secret"))
          .start();
  private final ChatNode drained = ChatNode.builder(second).limits(LIMITS).start();
  private final ChatNode slow =
      ChatNode.builder(third)
          .limits(LIMITS.toBuilder().requestsPerSecondPerAddress(1).build())
          .start();
  private static final String MEMBER = "member";
  private ChatServer server;
  private ChatServer bare;
  private ChatServer busy;
  private OpenApiSchema schema;
  private JsonObject document;

  private static User user(dev.roomcast.chat.ConnectRequest request) {
    String token = request.bearerToken();
    if (token == null) {
      throw ChatException.unrecognized("token: missing");
    } else if (token.equals("bad")) {
      throw new ChatException(ErrorCode.UNAUTHORIZED, "token: not valid");
    }
    return new User(token, token);
  }

  /** A request, and the place in the document that describes its answer. */
  private record Case(
      String method, String path, int status, String uri, String headers, @Nullable String body) {
    String place() {
      return method + " " + path + " " + status;
    }
  }

  @BeforeEach
  void start() throws Exception {
    ApiKeys keys = ApiKeys.read(Files.write(folder.resolve("keys"), List.of(KEY)));
    server = ChatServer.builder(chat).port(0).apiKeys(keys).metrics(() -> "up 1\n").start();
    bare = ChatServer.builder(drained).port(0).start();
    busy = ChatServer.builder(slow).port(0).start();
    drained.drain(Duration.ZERO);
    document =
        JsonParser.parseString(
                send(server, new Case("GET", "", 200, "/api/openapi.json", "", null)).body())
            .getAsJsonObject();
    schema = new OpenApiSchema(document);
    Awaitility.await().until(chat::ready);
    new WebSocketClient(server.url() + "/chat/general?token=" + MEMBER)
        .await("\"type\":\"joined\"");
  }

  @AfterEach
  void close() {
    chat.close();
    drained.close();
    slow.close();
    server.close();
    bare.close();
    busy.close();
    backend.close();
    second.close();
    third.close();
  }

  private HttpResponse<String> send(ChatServer to, Case one) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(to.url() + one.uri()))
            .method(
                one.method(),
                one.body() == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(one.body().replace('\'', '"')));
    one.headers()
        .lines()
        .map(line -> line.split(": ", 2))
        .forEach(header -> request.header(header[0], header[1]));
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Case> reads() {
    List<Case> cases = new ArrayList<>();
    get(cases, "/api/rooms", 200, "/api/rooms");
    get(cases, "/api/rooms", 400, "/api/rooms?limit=x");
    get(cases, "/api/rooms", 401, "/api/rooms?token=bad");
    get(cases, "/api/rooms", 429, "/api/rooms?prefix=gen");
    for (String part : List.of("", "/history", "/members", "/export")) {
      String path = "/api/rooms/{room}" + part;
      get(cases, path, 200, "/api/rooms/general" + part);
      get(cases, path, 400, "/api/rooms/%00" + part);
      get(cases, path, 401, "/api/rooms/general" + part + "?token=bad");
      get(cases, path, 403, "/api/rooms/secret" + part);
      get(cases, path, 404, "/api/rooms/nowhere" + part);
      get(cases, path, 429, "/api/rooms/nowhere" + part);
    }
    for (String path :
        List.of("/api/stats", "/api/openapi.json", "/health/live", "/health/ready", "/metrics")) {
      get(cases, path, 200, path);
    }
    get(cases, "/health/ready", 503, "/health/ready");
    get(cases, "/metrics", 404, "/metrics");
    return cases;
  }

  private static void get(List<Case> cases, String path, int status, String uri) {
    cases.add(new Case("GET", path, status, uri, "", null));
  }

  private static List<Case> writes() {
    List<Case> cases = new ArrayList<>();
    String message = "{'user':{'id':'u1','name':'Ann'},'text':'hello'}";
    body(cases, "/api/rooms/{room}/messages", "/api/rooms/general/messages", message);
    String event = "{'name':'order','data':{'state':'paid'}}";
    body(cases, "/api/rooms/{room}/events", "/api/rooms/general/events", event);
    String soon = "{'name':'order','data':1,'ephemeral':true}";
    String path = "/api/rooms/{room}/events";
    cases.add(new Case("POST", path, 200, "/api/rooms/general/events", json(KEY), soon));
    rooms(cases);
    users(cases);
    bare(cases, "POST", "/api/users/{id}/disconnect", "/api/users/u1/disconnect");
    cases.add(
        new Case(
            "POST",
            "/api/users/{id}/disconnect",
            400,
            "/api/users/%00/disconnect",
            json(KEY),
            null));
    return cases;
  }

  private static void rooms(List<Case> cases) {
    body(cases, "/api/rooms", "/api/rooms", "{'room':'plans','private':true,'title':'Plans'}");
    cases.add(
        new Case("POST", "/api/rooms", 403, "/api/rooms", json(KEY), "{'room':'mod:general'}"));
    cases.add(new Case("POST", "/api/rooms", 409, "/api/rooms", json(KEY), "{'room':'plans'}"));
    bare(cases, "DELETE", "/api/rooms/{room}", "/api/rooms/plans");
    cases.add(new Case("DELETE", "/api/rooms/{room}", 400, "/api/rooms/%00", json(KEY), null));
    for (String verb : List.of("mute", "unmute", "kick", "ban", "unban")) {
      String user = verb.equals("kick") ? MEMBER : "u9";
      body(
          cases,
          "/api/rooms/{room}/" + verb,
          "/api/rooms/general/" + verb,
          "{'user':'" + user + "'}");
    }
  }

  private static void users(List<Case> cases) {
    String direct = "{'user':{'id':'u1','name':'Ann'},'text':'hello'}";
    body(cases, "/api/users/{id}/direct", "/api/users/" + MEMBER + "/direct", direct);
    for (String verb : List.of("mute", "unmute", "ban", "unban")) {
      body(cases, "/api/users/{id}/" + verb, "/api/users/u9/" + verb, "{}", "{");
    }
  }

  private static String json(String key) {
    return "Authorization: Bearer " + key + "\nContent-Type: application/json";
  }

  /** What may happen to a request with a body. */
  private static void body(List<Case> cases, String path, String uri, String good) {
    body(cases, path, uri, good, "{'user':7,'name':7,'text':7}");
  }

  private static void body(List<Case> cases, String path, String uri, String good, String bad) {
    cases.add(new Case("POST", path, 200, uri, json(KEY), good));
    cases.add(new Case("POST", path, 400, uri, json(KEY), bad));
    cases.add(new Case("POST", path, 401, uri, json("another-key-of-nobody"), good));
    cases.add(new Case("POST", path, 404, uri, json(KEY), good));
    cases.add(new Case("POST", path, 413, uri, json(KEY), " ".repeat(2_049)));
    String text = json(KEY).replace("application/json", "text/plain");
    cases.add(new Case("POST", path, 415, uri, text, good));
  }

  /** What may happen to a request without one. */
  private static void bare(List<Case> cases, String method, String path, String uri) {
    cases.add(new Case(method, path, 200, uri, json(KEY), null));
    cases.add(new Case(method, path, 401, uri, json("another-key-of-nobody"), null));
    cases.add(new Case(method, path, 404, uri, json(KEY), null));
  }

  private static List<Case> cases() {
    return Stream.of(writes(), reads()).flatMap(List::stream).toList();
  }

  @Test
  void everyAnswerThatIsDescribedIsGivenAndIsAsDescribed() {
    Set<String> described = new TreeSet<>();
    JsonObject paths = document.getAsJsonObject("paths");
    for (String path : paths.keySet()) {
      for (String method : paths.getAsJsonObject(path).keySet()) {
        operation(method, path)
            .getAsJsonObject("responses")
            .keySet()
            .forEach(
                status ->
                    described.add(method.toUpperCase(Locale.ROOT) + " " + path + " " + status));
      }
    }
    Set<String> given = new TreeSet<>();
    for (Case one : cases()) {
      given.add(one.place());
      HttpResponse<String> answer = one.status() == 429 ? tooOften(one) : send(where(one), one);
      assertEquals(one.status(), answer.statusCode(), one + "\n" + answer.body());
      assertEquals(List.of(), problems(one, answer), one::place);
    }
    assertEquals(described, given);
  }

  /** Some answers are of a server without a key file and metrics, whose node is draining. */
  private ChatServer where(Case one) {
    return one.status() == 503
            || one.status() == 404 && (!one.method().equals("GET") || one.path().equals("/metrics"))
        ? bare
        : server;
  }

  /** Asks until it is too often for an address that may ask once a second. */
  private HttpResponse<String> tooOften(Case one) {
    return Awaitility.await().until(() -> send(busy, one), answer -> answer.statusCode() == 429);
  }

  private JsonObject operation(String method, String path) {
    return document
        .getAsJsonObject("paths")
        .getAsJsonObject(path)
        .getAsJsonObject(method.toLowerCase(Locale.ROOT));
  }

  private List<String> problems(Case one, HttpResponse<String> answer) {
    JsonObject operation = operation(one.method(), one.path());
    List<String> problems = new ArrayList<>();
    if (one.status() == 200 && operation.has("requestBody") && one.body() != null) {
      JsonObject content = operation.getAsJsonObject("requestBody").getAsJsonObject("content");
      JsonElement sent = JsonParser.parseString(one.body().replace('\'', '"'));
      problems.addAll(schema.problems(sent, schemaOf(content, "application/json"), "request"));
    }
    JsonObject content =
        operation
            .getAsJsonObject("responses")
            .getAsJsonObject(Integer.toString(one.status()))
            .getAsJsonObject("content");
    String type = answer.headers().firstValue("Content-Type").orElse("").split(";", 2)[0];
    if (!content.has(type)) {
      return List.of(one.place() + ": not described as " + type);
    }
    JsonElement body =
        type.endsWith("json") && !type.endsWith("ndjson")
            ? JsonParser.parseString(answer.body())
            : new JsonPrimitive(answer.body());
    problems.addAll(schema.problems(body, schemaOf(content, type), "answer"));
    return problems;
  }

  private static JsonObject schemaOf(JsonObject content, String type) {
    return content.getAsJsonObject(type).getAsJsonObject("schema");
  }

  @Test
  void everyAddressThatAnswersIsDescribed() throws IOException {
    Set<String> words = words();
    assertTrue(words.containsAll(Set.of("history", "messages", "disconnect", "stats")), "" + words);
    List<String> patterns =
        List.of(
            "/%s",
            "/api/%s",
            "/health/%s",
            "/api/%s/general",
            "/api/rooms/general/%s",
            "/api/users/u1/%s");
    Set<String> undescribed = new TreeSet<>();
    for (String word : words) {
      for (String pattern : patterns) {
        for (String method : List.of("GET", "POST", "DELETE")) {
          String uri = pattern.formatted(word);
          HttpResponse<String> answer = send(server, new Case(method, "", 0, uri, json(KEY), null));
          boolean there = answer.statusCode() != 404 && answer.statusCode() != 405;
          if (there && !isDescribed(method, uri) && !uri.equals("/roomcast.js")) {
            undescribed.add(method + " " + uri + " " + answer.statusCode());
          }
        }
      }
    }
    assertEquals(Set.of(), undescribed);
  }

  private boolean isDescribed(String method, String uri) {
    JsonObject paths = document.getAsJsonObject("paths");
    return paths.keySet().stream()
        .filter(path -> paths.getAsJsonObject(path).has(method.toLowerCase(Locale.ROOT)))
        .anyMatch(path -> uri.matches(path.replaceAll("\\{[a-z]+}", "[^/]+")));
  }

  /** All words in the sources of the handlers that may be a part of a path. */
  private static Set<String> words() throws IOException {
    Set<String> words = new TreeSet<>();
    Pattern literal = Pattern.compile("\"(/?[a-z][a-z./-]{2,40})\"");
    try (Stream<Path> files = Files.list(Path.of("src/main/java/dev/roomcast/tyrus"))) {
      for (Path file : files.filter(OpenApiTest::isHandler).toList()) {
        Matcher found = literal.matcher(Files.readString(file, StandardCharsets.UTF_8));
        while (found.find()) {
          Stream.of(found.group(1).split("/")).filter(word -> !word.isEmpty()).forEach(words::add);
        }
      }
    }
    return words;
  }

  private static boolean isHandler(Path file) {
    return file.getFileName().toString().startsWith("Http");
  }
}
