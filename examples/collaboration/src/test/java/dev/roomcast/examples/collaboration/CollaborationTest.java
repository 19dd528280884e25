package dev.roomcast.examples.collaboration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.roomcast.redis.RedisOptions;
import dev.roomcast.redis.TestRedis;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two instances on one Redis, and the users of a workspace on both. */
class CollaborationTest {

  private static final byte[] SECRET =
      "a secret for tests, 32 bytes or more".getBytes(StandardCharsets.UTF_8);
  private static final Map<String, Set<String>> MEMBERS = Map.of("shop", Set.of("ann", "bob"));

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

  private static String address(Collaboration instance) {
    return "127.0.0.1:" + instance.port();
  }

  private static Watcher watcher(String user, Collaboration instance) throws Exception {
    return new Watcher(user, "shop", SECRET, address(instance));
  }

  private static String token(String user) throws Exception {
    return Watcher.token(user, SECRET);
  }

  private static HttpResponse<String> put(
      Collaboration instance, String user, String path, String body, String session)
      throws Exception {
    return Watcher.put(address(instance), token(user), path, body, session);
  }

  @Test
  void anUpdateOnOneInstanceReachesWhoWatchesOnBoth() throws Exception {
    Watcher ann = watcher("ann", first);
    Watcher bob = watcher("bob", second);
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
    Watcher bob = watcher("bob", second);
    bob.subscribe("till");
    bob.awaitFrame("\"data\":{\"name\":\"Till 3\"}");
  }

  @Test
  void whoUnsubscribedHearsNothingMore() throws Exception {
    Watcher ann = watcher("ann", first);
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
    Watcher ann = watcher("ann", first);
    ann.command("subscribe", "till", "none of ours");
    ann.awaitFrame("\"code\":\"unauthorized\"");
    ann.command("subscribe", "till", token("bob"));
    ann.awaitFrame("token: not of the user who is connected");
    ann.command("dance", "till", token("ann"));
    ann.awaitFrame("\"code\":\"unknown_type\"");
    Watcher eve = watcher("eve", second);
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

  /** As the README has it: two processes, one of them killed by the script's end. */
  @Test
  void theScriptDrivesTwoProcesses() throws Exception {
    ProcessBuilder script =
        new ProcessBuilder("sh", "drive.sh", redis.url()).redirectErrorStream(true);
    script.environment().put("COLLABORATION_CLASSPATH", System.getProperty("java.class.path"));
    Process running = script.start();
    String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, running.waitFor(), said);
    assertEquals(5, said.lines().filter(line -> line.startsWith("ok: ")).count(), said);
  }
}
