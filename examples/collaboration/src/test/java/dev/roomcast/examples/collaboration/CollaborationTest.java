package dev.roomcast.examples.collaboration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.roomcast.redis.RedisOptions;
import dev.roomcast.redis.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two instances on one Redis, and the users of a workspace on both. */
class CollaborationTest {

  private static final byte[] SECRET =
      "a secret for tests, 32 bytes or more".getBytes(StandardCharsets.UTF_8);
  private static final Map<String, Set<String>> MEMBERS = Map.of("shop", Set.of("ann", "bob"));
  private static final Pattern SESSION = Pattern.compile("\"session\":\"([^\"]+)\"");

  private final HttpClient http = HttpClient.newHttpClient();
  private TestRedis redis;
  private Collaboration first;
  private Collaboration second;

  @BeforeEach
  void start() throws Exception {
    redis = TestRedis.any();
    RedisOptions options = redis.options();
    first = Collaboration.start(options, SECRET, MEMBERS, 0);
    second = Collaboration.start(options, SECRET, MEMBERS, 0);
    for (Collaboration instance : List.of(first, second)) {
      await().until(instance::ready);
    }
  }

  @AfterEach
  void close() throws Exception {
    first.close();
    second.close();
    redis.close();
  }

  private static String token(String user) throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.HS256),
            new JWTClaimsSet.Builder()
                .subject(user)
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build());
    token.sign(new MACSigner(SECRET));
    return token.serialize();
  }

  private static URI uri(String scheme, Collaboration instance, String path) {
    return URI.create(scheme + "://127.0.0.1:" + instance.port() + path);
  }

  /** A user's connection, and all it received. */
  private final class Watcher implements WebSocket.Listener {
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final String user;
    private final WebSocket socket;

    Watcher(String user, Collaboration instance) throws Exception {
      this.user = user;
      socket =
          http.newWebSocketBuilder()
              .header("Authorization", "Bearer " + token(user))
              .buildAsync(uri("ws", instance, "/chat"), this)
              .join();
      awaitFrame("\"type\":\"welcome\"");
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      received.add(text.toString());
      from.request(1);
      return null;
    }

    void command(String type, String application, String token) {
      socket
          .sendText(
              "{'type':'%s','id':1,'workspace':'shop','application':'%s','token':'%s'}"
                  .formatted(type, application, token)
                  .replace('\'', '"'),
              true)
          .join();
    }

    void subscribe(String application) throws Exception {
      command("subscribe", application, token(user));
      awaitFrame("\"type\":\"application_response\",\"data\":{\"status\":\"subscribed\"");
    }

    boolean has(String part) {
      return received.stream().anyMatch(frame -> frame.contains(part));
    }

    void awaitFrame(String part) {
      await("a frame with " + part + " among " + received).until(() -> has(part));
    }

    String session() {
      Matcher matcher = SESSION.matcher(received.get(0));
      assertTrue(matcher.find());
      return matcher.group(1);
    }
  }

  private HttpResponse<String> put(
      Collaboration instance, String user, String path, String body, String session)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri("http", instance, path))
            .header("Authorization", "Bearer " + token(user))
            .PUT(HttpRequest.BodyPublishers.ofString(body));
    if (!session.isEmpty()) {
      request.header("X-Session", session);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void anUpdateOnOneInstanceReachesWhoWatchesOnBoth() throws Exception {
    Watcher ann = new Watcher("ann", first);
    Watcher bob = new Watcher("bob", second);
    ann.subscribe("till");
    bob.subscribe("till");
    String path = "/workspaces/shop/applications/till";
    HttpResponse<String> answer = put(second, "bob", path, "{\"name\":\"Till 2\"}", bob.session());
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals("{\"version\":1}", answer.body());
    String update = "\"name\":\"application_updated\",\"data\":{\"name\":\"Till 2\"}";
    ann.awaitFrame(update);
    bob.awaitFrame(update);
    ann.awaitFrame("\"name\":\"editing\"");
    assertFalse(bob.has("\"name\":\"editing\""), "who edits knows that");
  }

  @Test
  void whoSubscribesLaterGetsTheNewestState() throws Exception {
    put(first, "ann", "/workspaces/shop/applications/till", "{\"name\":\"Till 3\"}", "");
    Watcher bob = new Watcher("bob", second);
    bob.subscribe("till");
    bob.awaitFrame("\"data\":{\"name\":\"Till 3\"}");
  }

  @Test
  void whoUnsubscribedHearsNothingMore() throws Exception {
    Watcher ann = new Watcher("ann", first);
    ann.subscribe("till");
    ann.command("unsubscribe", "till", token("ann"));
    ann.awaitFrame("\"status\":\"unsubscribed\"");
    ann.subscribe("stock");
    put(first, "ann", "/workspaces/shop/applications/till", "{}", "");
    put(first, "ann", "/workspaces/shop/applications/stock", "{}", "");
    ann.awaitFrame("\"room\":\"shop/stock\",\"ts\"");
    assertFalse(ann.has("\"room\":\"shop/till\",\"ts\""));
  }

  @Test
  void everyCommandNeedsATokenOfItsUser() throws Exception {
    Watcher ann = new Watcher("ann", first);
    ann.command("subscribe", "till", "none of ours");
    ann.awaitFrame("\"code\":\"unauthorized\"");
    ann.command("subscribe", "till", token("bob"));
    ann.awaitFrame("token: not of the user who is connected");
    ann.command("dance", "till", token("ann"));
    ann.awaitFrame("\"code\":\"unknown_type\"");
    Watcher eve = new Watcher("eve", second);
    eve.command("subscribe", "till", token("eve"));
    eve.awaitFrame("workspace: you are no member of it");
    assertFalse(ann.has("\"type\":\"joined\"") || eve.has("\"type\":\"joined\""));
  }

  @Test
  void badUpdatesAreRefused() throws Exception {
    String path = "/workspaces/shop/applications/till";
    assertEquals(403, put(first, "eve", path, "{}", "").statusCode());
    assertEquals(400, put(first, "ann", path, "{", "").statusCode());
    assertEquals(400, put(first, "ann", path, "{}", "no session").statusCode());
    assertEquals(413, put(first, "ann", path, "\"" + "x".repeat(32 << 10) + "\"", "").statusCode());
    assertEquals(404, put(first, "ann", "/workspaces/shop", "{}", "").statusCode());
  }
}
