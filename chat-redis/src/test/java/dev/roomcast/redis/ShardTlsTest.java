package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.texts;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.examples.redis.Ports;
import dev.roomcast.examples.redis.RedisCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** TLS to a Redis Cluster, whose members name each other by host, and what the log says of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShardTlsTest {

  private static final List<String> ROOMS = List.of("one", "two", "three", "four", "five");

  private final List<Integer> ports = new ArrayList<>();
  private TestCertificates certificates;
  private TestRedisCluster redis;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    certificates = new TestCertificates(folder);
    certificates.issue("good", "localhost", Duration.ofDays(1));
    certificates.issue("other", "redis.example", Duration.ofDays(1));
    certificates.issue("expired", "localhost", Duration.ofDays(-1));
    for (int i = 0; i < 4; i++) {
      use("good", i);
    }
    requireTls();
    redis = TestRedisCluster.start(3, 0, this::arguments);
  }

  private static void requireTls() throws Exception {
    try (TestRedis server = TestRedis.down("--tls-port", "0")) {
      try {
        server.start();
      } catch (IOException e) {
        String log = Files.readString(server.folder().resolve("redis.log"));
        Assumptions.assumeFalse(log.contains("tls-port"), "skipped: this redis-server has no TLS");
        throw e;
      }
    }
  }

  private List<String> arguments(int member) {
    try {
      ports.add(Ports.free());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    List<String> line = new ArrayList<>(List.of("--tls-port", "" + ports.get(member)));
    line.addAll(List.of("--tls-cert-file", file(member, ".crt")));
    line.addAll(List.of("--tls-key-file", file(member, ".key")));
    line.addAll(List.of("--tls-ca-cert-file", certificates.file("ca.crt").toString()));
    line.addAll(List.of("--tls-auth-clients", "no", "--tls-cluster", "yes"));
    line.addAll(List.of("--cluster-announce-hostname", "localhost"));
    line.addAll(List.of("--cluster-preferred-endpoint-type", "hostname"));
    return line;
  }

  private String file(int member, String kind) {
    return certificates.file("member-" + member + kind).toString();
  }

  /** Gives a member a certificate, which it reads when it is told to. */
  private void use(String name, int member) throws IOException {
    for (String kind : List.of(".crt", ".key")) {
      Files.copy(
          certificates.file(name + kind),
          Path.of(file(member, kind)),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void useOnAll(String name) throws IOException {
    for (int i = 0; i < 3; i++) {
      use(name, i);
      reload(i);
    }
  }

  private void reload(int member) throws IOException {
    RedisCluster.Member server = redis.cluster().members().get(member);
    assertEquals("OK", server.text("CONFIG", "SET", "tls-cert-file", file(member, ".crt")));
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  private RedisOptions secure() {
    return RedisOptions.of("rediss://localhost:" + ports.get(0) + ",localhost:" + ports.get(1))
        .namespace(redis.options().namespace())
        .timeout(Duration.ofSeconds(1))
        .certificateAuthority(certificates.file("ca.crt"));
  }

  private static void talk(Heard node) {
    for (String room : ROOMS) {
      get(node.backend.broker().subscribe(room, HistoryQuery.position()));
      until(
          () ->
              node.backend
                  .broker()
                  .publish(room, draft(room, "key"))
                  .toCompletableFuture()
                  .handle((ack, failure) -> failure == null)
                  .get());
    }
    until(() -> texts(node.publications).containsAll(ROOMS));
  }

  @Test
  void allMastersAreUsedOverTlsByTheNamesAndPortsThatTheyAnnounce() throws Exception {
    try (Logged log = Logged.now();
        Heard node = Heard.start("tls", secure())) {
      talk(node);
      assertEquals(List.of(), log.with("no connection"));
      for (RedisCluster.Member member : redis.cluster().members()) {
        List<String> plain =
            member
                .text("CLIENT", "LIST")
                .lines()
                .filter(line -> line.contains("name=roomcast"))
                .filter(line -> !ports.contains(port(line)))
                .toList();
        assertEquals(List.of(), plain);
      }
    }
  }

  private static int port(String client) {
    return Integer.parseInt(client.replaceFirst(".* laddr=\\S*:(\\d+) .*", "$1"));
  }

  @Test
  void aCertificateForAnotherHostIsToldAndTheRightOneIsTakenWithoutARestart() throws Exception {
    isToldAndThenTaken("other", "The server's certificate is for another host name");
  }

  @Test
  void anExpiredCertificateIsToldAndTheRightOneIsTakenWithoutARestart() throws Exception {
    isToldAndThenTaken("expired", "The server's certificate has expired");
  }

  private void isToldAndThenTaken(String certificate, String told) throws Exception {
    useOnAll(certificate);
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", secure())) {
      log.until(told);
      assertTrue(log.with(told).get(0).contains("localhost:" + ports.get(0)), "says which member");
      assertTrue(node.publications.isEmpty());
      useOnAll("good");
      node.untilReady();
      talk(node);
    } finally {
      useOnAll("good");
    }
  }

  @Test
  void oneMasterWithAWrongCertificateIsToldAndTheOthersAreUsed() throws Exception {
    RedisCluster.Member last = redis.cluster().members().get(2);
    use("other", 2);
    reload(2);
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", secure())) {
      List<String> served = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        String room = "r" + i;
        if (redis.cluster().ownerOf(new Keys(namespace(node), true).log(room)) != last) {
          served.add(room);
        }
        node.backend.broker().publish(room, draft(room));
      }
      for (String room : served) {
        assertTrue(get(node.backend.broker().publish(room, draft(room))).position().offset() > 0);
      }
      log.until("The server's certificate is for another host name");
    } finally {
      use("good", 2);
      reload(2);
    }
  }

  private static String namespace(Heard node) {
    return node.backend.description().replaceFirst(".*\\((.*)\\)", "$1");
  }

  @Test
  void anAuthorityThatIsNotKnownIsTold() throws Exception {
    try (Logged log = Logged.now();
        Heard node =
            Heard.startAnyway("a", RedisOptions.of("rediss-cluster://localhost:" + ports.get(0)))) {
      log.until("is from an authority that is not known here");
      assertTrue(node.publications.isEmpty());
    }
  }

  /** A cluster whose members have TLS for clients, but tell them the ports without. */
  @Test
  void aClusterThatAnnouncesItsPlainPortsIsTold() throws Exception {
    try (TestRedisCluster half =
            TestRedisCluster.start(
                1,
                0,
                member -> {
                  List<String> line = new ArrayList<>(arguments(ports.size()));
                  line.set(line.indexOf("--tls-cluster") + 1, "no");
                  return line;
                });
        Logged log = Logged.now();
        Heard node =
            Heard.startAnyway(
                "a",
                RedisOptions.of("rediss-cluster://localhost:" + ports.get(ports.size() - 1))
                    .certificateAuthority(certificates.file("ca.crt")))) {
      node.backend.broker().publish("r", draft("x"));
      log.until("There is no TLS on this port");
      assertTrue(log.with("There is no TLS on this port").get(0).contains("tls-cluster yes"));
      assertEquals(1, half.cluster().members().size());
    }
  }
}
