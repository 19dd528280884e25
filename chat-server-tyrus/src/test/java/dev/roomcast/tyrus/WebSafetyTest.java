package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the embedded server tells browsers, and which pages and names it answers to. */
@Timeout(60)
class WebSafetyTest {

  private static final String SHOP = "https://shop.example";

  private final Backend backend = Backend.inMemory();
  private final ChatNode chat =
      ChatNode.builder(backend)
          .limits(Limits.DEFAULTS.toBuilder().drain(Duration.ZERO).build())
          .authenticator(
              Authenticator.chain(
                  request -> {
                    throw ChatException.unrecognized("token: none of ours");
                  },
                  Authenticator.guests()))
          .start();
  private ChatServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        ChatServer.builder(chat)
            .port(0)
            .allowOrigin(SHOP)
            .files(
                path -> path.equals("/index.html") ? "page".getBytes(StandardCharsets.UTF_8) : null)
            .start();
  }

  @AfterEach
  void close() {
    chat.close();
    server.close();
    backend.close();
  }

  /** Sends a request as it is, and returns the whole answer. */
  private String ask(String method, String path, String host, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\nHost: ").append(host);
    boolean upgrade = List.of(headers).contains("Upgrade");
    head.append("\r\nConnection: ").append(upgrade ? "Upgrade" : "close").append("\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        InputStream in = socket.getInputStream()) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void assertHas(String answer, String... parts) {
    for (String part : parts) {
      assertTrue(answer.contains(part), () -> part + " expected in\n" + answer);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/",
    "GET,/roomcast.js",
    "GET,/missing",
    "GET,/health/live",
    "GET,/api/rooms",
    "GET,/api/rooms/nowhere",
    "POST,/api/rooms/general/messages",
    "POST,/api/rooms/general/history",
    "OPTIONS,/api/rooms"
  })
  void everyAnswerKeepsThePageToItself(String method, String path) throws IOException {
    assertHas(
        ask(method, path, "localhost", "Content-Length", "0"),
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; script-src 'self'",
        "frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy: same-origin",
        "Cross-Origin-Resource-Policy: same-origin",
        "Vary: Origin");
  }

  @Test
  void pagesOfAllowedOriginsReadTheApiAndWithoutCredentials() throws IOException {
    String answer = ask("GET", "/api/rooms", "localhost", "Origin", SHOP);
    assertHas(answer, "HTTP/1.1 200", "Access-Control-Allow-Origin: " + SHOP, "Vary: Origin");
    assertFalse(answer.contains("Access-Control-Allow-Credentials"));
    assertFalse(answer.contains("Access-Control-Allow-Origin: *"));
    String none = ask("GET", "/api/rooms", "localhost");
    assertHas(none, "HTTP/1.1 200");
    assertFalse(none.contains("Access-Control"));
    String same = "http://localhost:" + server.port();
    assertHas(
        ask("GET", "/api/rooms", "localhost:" + server.port(), "Origin", same), "HTTP/1.1 200");
  }

  @Test
  void aBrowsersQuestionIsAnsweredForAllowedOriginsOnly() throws IOException {
    String[] question = {
      "Origin", SHOP,
      "Access-Control-Request-Method", "POST",
      "Access-Control-Request-Headers", "authorization,idempotency-key"
    };
    String yes = ask("OPTIONS", "/api/rooms/general/messages", "localhost", question);
    assertHas(
        yes,
        "HTTP/1.1 204",
        "Access-Control-Allow-Origin: " + SHOP,
        "Access-Control-Allow-Methods: GET, HEAD, POST",
        "Access-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, Traceparent",
        "Access-Control-Max-Age: 600",
        "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
    question[1] = "https://evil.example";
    String no = ask("OPTIONS", "/api/rooms/general/messages", "localhost", question);
    assertHas(no, "HTTP/1.1 403");
    assertFalse(no.contains("Access-Control-Allow"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "null",
        "https://shop.example.evil.example",
        "https://shop.example:444",
        "http://shop.example",
        "::"
      })
  void pagesOfOtherOriginsAreRefused(String origin) throws IOException {
    String answer = ask("GET", "/api/rooms", "localhost", "Origin", origin);
    assertHas(answer, "HTTP/1.1 403", "application/problem+json", "Origin: not allowed");
    assertFalse(answer.contains("Access-Control-Allow"));
    assertFalse(
        ask("GET", "/roomcast.js", "localhost", "Origin", origin).contains("Access-Control-Allow"));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,200",
    "localhost:5000,200",
    "LOCALHOST.,200",
    "demo.localhost:80,200",
    "127.0.0.1,200",
    "127.1.2.3:5000,200",
    "[::1]:5000,200",
    "evil.example,400",
    "127.0.0.1.evil.example,400",
    "localhost.evil.example:5000,400",
    "192.0.2.1,400"
  })
  void aServerOfThisMachineAnswersToTheNamesOfThisMachineOnly(String host, int status)
      throws IOException {
    for (String path : new String[] {"/api/rooms", "/"}) {
      assertHas(ask("GET", path, host), "HTTP/1.1 " + status);
    }
    assertHas(ask("GET", "/health/live", host), "HTTP/1.1 200");
    String upgrade =
        ask(
            "GET",
            "/chat",
            host,
            "Upgrade",
            "websocket",
            "Sec-WebSocket-Version",
            "13",
            "Sec-WebSocket-Key",
            "AQIDBAUGBwgJCgsMDQ4PEA==",
            "Origin",
            "http://" + host);
    // Without a name a guest is refused, but only when the host is right.
    assertHas(upgrade, "HTTP/1.1 " + (status == 200 ? 401 : 400));
    if (status == 400) {
      assertHas(upgrade, "Host: not a name of this server", "application/problem+json");
    } else {
      assertHas(upgrade, "WWW-Authenticate: Bearer", "X-Content-Type-Options: nosniff");
    }
  }

  @Test
  void namesThatAreGivenCountAndElsewhereAnyDoesWithoutThem() {
    Hosts given = Hosts.of("127.0.0.1", Set.of("Chat.Shop.example"));
    assertTrue(given.allows("chat.shop.example:443"));
    assertTrue(given.allows("localhost"));
    assertFalse(given.allows("shop.example"));
    assertFalse(given.allows(null));
    Hosts world = Hosts.of("0.0.0.0", Set.of("chat.shop.example"));
    assertTrue(world.allows("chat.shop.example"));
    assertFalse(world.allows("localhost"));
    assertTrue(Hosts.of("0.0.0.0", Set.of()).allows("anything.example"));
    assertTrue(Hosts.of("0.0.0.0", Set.of()).allows(null));
    assertFalse(Hosts.of("::1", Set.of()).allows("anything.example"));
  }

  @Test
  void aReaderWithoutAGoodCredentialIsToldWhichKindIsWanted() throws IOException {
    assertHas(
        ask("GET", "/api/rooms", "localhost", "Authorization", "Bearer rubbish"),
        "HTTP/1.1 401",
        "WWW-Authenticate: Bearer",
        "\"code\":\"unauthorized\"");
  }

  @Test
  void emptyFragmentsWithoutEndCloseTheConnection() throws IOException {
    RawClient ann = new RawClient(server.url(), "/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    ann.send(false, RawClient.TEXT, new byte[0]);
    for (int i = 0; i < 1_024 && ann.connected(); i++) {
      ann.send(false, RawClient.CONTINUATION, new byte[0]);
    }
    assertEquals(1008, ann.closeCode());
  }

  @ParameterizedTest
  @CsvSource({"true,0,1002", "false,1,1002", "false,2,1002"})
  void continuationsAndBeginningsInTheWrongPlaceCloseWith1002(boolean first, int opcode, int code)
      throws IOException {
    RawClient ann = new RawClient(server.url(), "/chat?name=Ann");
    ann.await("\"type\":\"welcome\"");
    if (!first) {
      ann.send(false, RawClient.TEXT, new byte[] {'{'});
    }
    ann.send(true, opcode, new byte[] {'}'});
    assertEquals(code, ann.closeCode());
  }
}
