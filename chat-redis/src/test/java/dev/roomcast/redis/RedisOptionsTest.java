package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisOptionsTest {

  @Test
  void theUrlSaysEverything() throws IOException {
    RedisOptions options = RedisOptions.of("rediss://us%40er:p%3Aa+ss@cache.example:7000/3");
    assertEquals(List.of(Address.of("cache.example", 7000)), options.hosts());
    assertEquals(3, options.database());
    assertEquals("us@er", options.user());
    assertEquals("p:a+ss", options.password());
    assertTrue(options.tls());
    assertEquals("rediss://cache.example:7000/3", options.toString());
  }

  @Test
  void whatIsMissingHasDefaults() throws IOException {
    RedisOptions options = RedisOptions.of("redis://localhost");
    assertEquals(List.of(Address.of("localhost", 6379)), options.hosts());
    assertEquals(0, options.database());
    assertNull(options.user());
    assertNull(options.password());
    assertFalse(options.tls());
    assertEquals("dev:roomcast", options.namespace());
    assertEquals("secret", RedisOptions.of("redis://:secret@[::1]:1/").password());
    assertEquals("redis://[::1]:1", RedisOptions.of("redis://:secret@[::1]:1/").toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:6379",
        "http://localhost",
        "redis://",
        "redis://:secret@",
        "redis://us er:secret@host",
        "redis://secret@host",
        "redis://:secret@host/x",
        "redis://:secret@host:port",
        "redis://:secret@host:1?db=1",
        "redis://:secret@a:1,b:2/3",
        "redis://:secret@host:70000",
        "redis://:sec/ret@host:1",
        "redis://:secret%zz@host:1",
        "redis://:secret@host:1#x",
        "redis://:secret@host:1?wrong=secret",
        "redis://:secret@host:1?ca=/secret",
        "rediss://:secret@host:1?cert=/secret",
        "redis://:secret@host:1?database=1",
        "unix://:secret@relative.sock",
        "redis-cluster://:secret@a:1/3",
        "redis-sentinel://:secret@a:1"
      })
  void aWrongUrlIsRefusedWithoutTellingItsPassword(String url) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> RedisOptions.of(url));
    assertFalse(String.valueOf(e.getMessage()).contains("secret"), e.getMessage());
    assertNull(e.getCause());
  }

  @Test
  void severalHostsAreMembersOfACluster() throws IOException {
    RedisOptions several = RedisOptions.of("redis://u:p@a,b:7001");
    assertTrue(several.isCluster());
    assertEquals(List.of(Address.of("a", 6379), Address.of("b", 7001)), several.hosts());
    assertEquals("p", several.password());
    assertEquals("redis://a:6379,b:7001", several.toString());
    RedisOptions one = RedisOptions.of("rediss-cluster://a");
    assertTrue(one.isCluster());
    assertEquals("rediss-cluster://a:6379", one.toString());
    assertFalse(RedisOptions.of("redis://a").isCluster());
  }

  @Test
  void sentinelsHaveTheirOwnPortAndTheNameOfTheMaster() throws IOException {
    RedisOptions options = RedisOptions.of("redis-sentinel://u:p@a,b:27000,[::1]/my%2Fmaster/2");
    assertEquals(RedisUrl.Kind.SENTINEL, options.kind());
    assertEquals(
        List.of(Address.of("a", 26379), Address.of("b", 27000), Address.of("::1", 26379)),
        options.hosts());
    assertEquals("my/master", options.master());
    assertEquals(2, options.database());
    assertEquals("p", options.password());
    assertEquals("redis-sentinel://a:26379,b:27000,[::1]:26379/my/master/2", options.toString());
  }

  @Test
  void aUnixSocketHasAPath() {
    RedisOptions options = RedisOptions.of("unix:///run/redis%20a.sock?database=3");
    assertEquals(Path.of("/run/redis a.sock"), options.hosts().get(0).socket());
    assertEquals(3, options.database());
    assertEquals("unix:///run/redis a.sock?database=3", options.toString());
  }

  @Test
  void whatFollowsTheQuestionMarkIsSetAsByTheMethods(@TempDir Path folder) throws IOException {
    Path password = Files.writeString(folder.resolve("password"), "p w\r\n");
    RedisOptions options =
        RedisOptions.of(
            "rediss://:x@h?ca=/ca&cert=/c&key=/k&application=shop&password-file=" + password);
    assertEquals(Path.of("/ca"), options.authority());
    assertEquals(Path.of("/c"), options.certificate());
    assertEquals(Path.of("/k"), options.key());
    assertEquals("shop", options.application());
    assertEquals("p w", options.password());
    Files.writeString(password, "next");
    assertEquals("next", options.password(), "it is read each time");
    assertEquals("rediss://h:6379", options.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ca=/ca&cert=/c&key=/k",
        "cert=/c&ca=/ca&key=/k",
        "key=/k&ca=/ca&cert=/c",
        "key=/k&cert=/c&ca=/ca"
      })
  void certificatesAreGivenInAnyOrder(String parameters) {
    RedisOptions options = RedisOptions.of("rediss://h?" + parameters);
    assertEquals(Path.of("/ca"), options.authority());
    assertEquals(Path.of("/c"), options.certificate());
    assertEquals(Path.of("/k"), options.key());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "prod", "prod:", ":shop", "a:b:c:d", "prod:sh{o}p", "prod:shop\n"})
  void aNamespaceHasTwoOrThreePlainParts(String namespace) {
    RedisOptions options = RedisOptions.of("redis://localhost");
    assertThrows(IllegalArgumentException.class, () -> options.namespace(namespace));
    assertEquals("prod:shop:tenant-1", options.namespace("prod:shop:tenant-1").namespace());
  }

  @Test
  void soManyReplicasAreWaitedForAsIsSaid() {
    assertEquals(0, RedisOptions.of("redis://h").waitReplicas());
    RedisOptions options = RedisOptions.of("redis://h?wait-replicas=2").namespace("a:b");
    assertEquals(2, options.timeout(Duration.ofSeconds(1)).application("x").waitReplicas());
    assertEquals(Duration.ofMillis(1_500), options.replicasTimeout());
    assertEquals(0, options.waitReplicas(0).waitReplicas());
    for (String wrong : List.of("-1", "10", "x", "1e0", "99999999999")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> RedisOptions.of("redis://h?wait-replicas=" + wrong));
    }
  }

  @Test
  void aTimeoutHasARange() {
    RedisOptions options = RedisOptions.of("redis://localhost");
    assertThrows(IllegalArgumentException.class, () -> options.timeout(Duration.ofMillis(99)));
    assertThrows(IllegalArgumentException.class, () -> options.timeout(Duration.ofHours(1)));
  }
}
