package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.examples.redis.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** TLS to Redis, and what the log says of certificates that do not do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {

  private TestCertificates certificates;
  private TestRedis redis;
  private int port;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    certificates = new TestCertificates(folder);
    certificates.issue("good", "localhost", Duration.ofDays(1));
    certificates.issue("client", "client", Duration.ofDays(1));
    port = Ports.free();
    redis = serves("good", port, "no");
  }

  private TestRedis serves(String name, int tlsPort, String clients)
      throws IOException, InterruptedException {
    TestRedis server =
        TestRedis.down(
            "--tls-port",
            Integer.toString(tlsPort),
            "--tls-cert-file",
            certificates.file(name + ".crt").toString(),
            "--tls-key-file",
            certificates.file(name + ".key").toString(),
            "--tls-ca-cert-file",
            certificates.file("ca.crt").toString(),
            "--tls-auth-clients",
            clients);
    try {
      server.start();
      return server;
    } catch (IOException e) {
      if (Files.readString(server.folder().resolve("redis.log")).contains("tls-port")) {
        server.close();
        Assumptions.abort("skipped: this redis-server has no TLS");
      }
      throw e;
    }
  }

  @AfterAll
  void stop() throws IOException {
    if (redis != null) {
      redis.close();
    }
  }

  private RedisOptions secure(int tlsPort) {
    return RedisOptions.of("rediss://localhost:" + tlsPort)
        .namespace(redis.options().namespace())
        .certificateAuthority(certificates.file("ca.crt"));
  }

  @Test
  void aServerWhoseCertificateIsRightIsUsed() throws Exception {
    try (Heard node = Heard.start("a", secure(port))) {
      String big = "x".repeat(1_000_000);
      assertEquals(1, get(node.backend.broker().publish("r", draft(big))).position().offset());
      assertEquals(big.length(), Heard.texts(node.log("r")).get(0).length());
      redis.pause();
      Heard.until(() -> !node.connected.get());
      redis.resume();
      node.untilReady();
    }
  }

  @Test
  void aCertificateForAnotherHostIsToldAndTheRightOneIsTakenWithoutARestart() throws Exception {
    int other = Ports.free();
    certificates.issue("changing", "redis.example", Duration.ofDays(1));
    try (TestRedis server = serves("changing", other, "no");
        Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", secure(other))) {
      log.until("The server's certificate is for another host name");
      certificates.issue("changing", "localhost", Duration.ofDays(-1));
      reload(server);
      log.until("The server's certificate has expired");
      for (String kind : new String[] {".crt", ".key"}) {
        Files.copy(
            certificates.file("good" + kind),
            certificates.file("changing" + kind),
            StandardCopyOption.REPLACE_EXISTING);
      }
      reload(server);
      node.untilReady();
    }
  }

  private void reload(TestRedis server) throws IOException {
    server.cli("CONFIG", "SET", "tls-cert-file", certificates.file("changing.crt").toString());
  }

  @Test
  void anAuthorityThatIsNotKnownIsTold() throws Exception {
    try (Logged log = Logged.now();
        Heard node = Heard.startAnyway("a", RedisOptions.of("rediss://localhost:" + port))) {
      log.until("is from an authority that is not known here");
      assertEquals(0, node.publications.size());
    }
  }

  @Test
  void aServerThatWantsACertificateGetsOurs() throws Exception {
    int other = Ports.free();
    try (TestRedis server = serves("good", other, "yes")) {
      assertEquals("PONG", server.cli("PING"));
      try (Logged log = Logged.now();
          Heard node = Heard.startAnyway("a", secure(other))) {
        log.until("give cert=FILE and key=FILE");
        assertEquals(0, node.publications.size());
      }
      RedisOptions ours =
          secure(other)
              .clientCertificate(certificates.file("client.crt"), certificates.file("client.key"));
      try (Heard node = Heard.start("a", ours)) {
        assertEquals(1, get(node.backend.broker().publish("r", draft("x"))).position().offset());
      }
    }
  }

  @Test
  void aPortWithTheOtherWayOfTalkingIsTold() throws Exception {
    try (Logged log = Logged.now();
        Heard plain = Heard.startAnyway("a", RedisOptions.of("redis://localhost:" + port));
        Heard tls =
            Heard.startAnyway("b", RedisOptions.of(redis.url().replace("redis:", "rediss:")))) {
      log.until("it may want TLS: rediss://");
      log.until("There is no TLS on this port");
      assertEquals(0, plain.publications.size() + tls.publications.size());
    }
  }
}
