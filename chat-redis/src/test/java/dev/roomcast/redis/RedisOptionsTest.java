package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisOptionsTest {

  @Test
  void theUrlSaysEverything() {
    RedisOptions options = RedisOptions.of("rediss://us%40er:p%3Aa+ss@cache.example:7000/3");
    assertEquals("cache.example", options.host());
    assertEquals(7000, options.port());
    assertEquals(3, options.database());
    assertEquals("us@er", options.user());
    assertEquals("p:a+ss", options.password());
    assertTrue(options.tls());
    assertEquals("rediss://cache.example:7000/3", options.toString());
  }

  @Test
  void whatIsMissingHasDefaults() {
    RedisOptions options = RedisOptions.of("redis://localhost");
    assertEquals(6379, options.port());
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
        "redis://:secret@a:1,b:2",
        "redis-sentinel://:secret@a:1"
      })
  void aWrongUrlIsRefusedWithoutTellingItsPassword(String url) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> RedisOptions.of(url));
    assertFalse(String.valueOf(e.getMessage()).contains("secret"), e.getMessage());
    assertNull(e.getCause());
  }

  @Test
  void severalHostsAreRefusedClearly() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> RedisOptions.of("redis://a:1,b:2"));
    assertTrue(String.valueOf(e.getMessage()).contains("several hosts"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "prod", "prod:", ":shop", "a:b:c:d", "prod:sh{o}p", "prod:shop\n"})
  void aNamespaceHasTwoOrThreePlainParts(String namespace) {
    RedisOptions options = RedisOptions.of("redis://localhost");
    assertThrows(IllegalArgumentException.class, () -> options.namespace(namespace));
    assertEquals("prod:shop:tenant-1", options.namespace("prod:shop:tenant-1").namespace());
  }

  @Test
  void aTimeoutHasARange() {
    RedisOptions options = RedisOptions.of("redis://localhost");
    assertThrows(IllegalArgumentException.class, () -> options.timeout(Duration.ofMillis(99)));
    assertThrows(IllegalArgumentException.class, () -> options.timeout(Duration.ofHours(1)));
  }
}
