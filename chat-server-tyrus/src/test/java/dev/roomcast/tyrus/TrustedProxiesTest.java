package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.ChatException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose word counts for where a client is. */
class TrustedProxiesTest {

  private static final TrustedProxies PROXIES =
      TrustedProxies.of(List.of("10.0.0.0/8", "192.0.2.7", "2001:db8::/33"));

  /** A request as it arrives. */
  private record Request(String remoteAddress, Map<String, String> headers) implements RequestView {
    static Request of(String peer, String... headers) {
      Map<String, String> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (int i = 0; i < headers.length; i += 2) {
        map.put(headers[i], headers[i + 1]);
      }
      return new Request(peer, map);
    }

    @Override
    public @Nullable String header(String name) {
      return headers.get(name);
    }

    @Override
    public @Nullable String query() {
      return null;
    }

    @Override
    public @Nullable String room() {
      return null;
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.9 | 198.51.100.1 | 203.0.113.9", // nobody trusted
        "10.1.2.3 | 198.51.100.1 | 198.51.100.1",
        "10.1.2.3 | 1.1.1.1, 198.51.100.1 | 198.51.100.1", // the left one may be made up
        "10.1.2.3 | 198.51.100.1, 10.9.9.9,192.0.2.7 | 198.51.100.1",
        "10.1.2.3 | 198.51.100.1, 192.0.2.8 | 192.0.2.8",
        "10.1.2.3 | 10.0.0.1, 10.0.0.2 | 10.0.0.1",
        "10.1.2.3 | 198.51.100.1, unknown | 10.1.2.3",
        "10.1.2.3 | 198.51.100.1, evil, 10.0.0.2 | 10.0.0.2",
        "10.1.2.3 | 198.51.100.1:4711 | 198.51.100.1",
        "10.1.2.3 | [2001:db9::1]:4711 | 2001:db9::1",
        "10.1.2.3 | 2001:db9::1 | 2001:db9::1",
        "2001:db8:0:1::1 | 198.51.100.1 | 198.51.100.1",
        "2001:db8:8000::1 | 198.51.100.1 | 2001:db8:8000::1",
        "11.0.0.1 | 198.51.100.1 | 11.0.0.1",
        "unknown | 198.51.100.1 | unknown",
      })
  void theFirstFromTheRightThatIsNotTrustedIsTheClient(String peer, String header, String client) {
    assertEquals(client, PROXIES.seen(Request.of(peer, "X-Forwarded-For", header)).remoteAddress());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "for=198.51.100.1 | 198.51.100.1",
        "For=\"198.51.100.1:4711\";proto=https, for=10.0.0.9 | 198.51.100.1",
        "for=1.1.1.1, for=\"[2001:db9::1]:4711\";by=10.0.0.1 | 2001:db9::1",
        "for=198.51.100.1, for=_hidden | 10.1.2.3",
        "for=198.51.100.1, for=unknown, for=10.0.0.3 | 10.0.0.3",
        "proto=https | 10.1.2.3",
      })
  void theStandardHeaderIsReadToo(String header, String client) {
    RequestView seen =
        PROXIES.seen(
            Request.of("10.1.2.3", "Forwarded", header, "X-Forwarded-For", "198.51.100.99"));
    assertEquals(client, seen.remoteAddress());
  }

  @Test
  void manyHopsAreNotFollowed() {
    String hops = "198.51.100.1" + ", 10.0.0.1".repeat(10_000);
    assertEquals(
        "10.0.0.1", PROXIES.seen(Request.of("10.1.2.3", "X-Forwarded-For", hops)).remoteAddress());
  }

  @Test
  void theHostThatTheClientUsedIsKnownFromTrustedProxiesOnly() {
    HttpRequests requests = new HttpRequests(Set.of(), Hosts.ANY, PROXIES);
    String[] page = {
      "Origin", "https://chat.example", "Host", "inner:5000", "X-Forwarded-Host", "chat.example"
    };
    assertDoesNotThrow(() -> requests.checkOrigin(Request.of("10.1.2.3", page)));
    assertThrows(ChatException.class, () -> requests.checkOrigin(Request.of("203.0.113.9", page)));
    Request standard =
        Request.of(
            "10.1.2.3",
            "Origin",
            "https://chat.example",
            "Host",
            "inner:5000",
            "Forwarded",
            "for=198.51.100.1;host=evil.example, for=10.0.0.9;host=chat.example");
    assertDoesNotThrow(() -> requests.checkOrigin(standard));
    assertEquals("198.51.100.1", requests.connectRequest(standard).remoteAddress());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "proxy.example",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "::/129",
        "10.0.0/8",
        "/8",
        "10.0.0.0/8/8",
        "1.2.3.400"
      })
  void whatIsNoNetworkIsRefusedByName(String bad) {
    IllegalArgumentException problem =
        assertThrows(IllegalArgumentException.class, () -> TrustedProxies.of(List.of(bad)));
    assertTrue(String.valueOf(problem.getMessage()).endsWith("but is " + bad));
  }
}
