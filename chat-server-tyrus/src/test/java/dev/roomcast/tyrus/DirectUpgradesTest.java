package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Fuzz;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both ways of an upgrade request: the short one, which is that of a connection's first bytes, and
 * the one through Grizzly, which a second request on a connection always goes.
 */
@Timeout(120)
class DirectUpgradesTest {

  private static final String UPGRADE =
      """
      GET /chat?name=Ann HTTP/1.1\r
      Host: localhost\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r
      \r
      """;
  private static final String LIVE = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final byte[] PING = {(byte) 0x89, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch decided = new CountDownLatch(1);
  private final Backend backend = Backend.inMemory();
  private @Nullable ChatNode chat;
  private @Nullable ChatServer server;

  private ChatServer start(ChatNode.Builder node, boolean tls) throws IOException {
    ChatNode started =
        node.limits(
                Limits.DEFAULTS.toBuilder()
                    .handshakesPerSecondPerAddress(0)
                    .connectionsPerAddress(0)
                    .sessionsPerUser(0)
                    .drain(Duration.ZERO)
                    .build())
            .start();
    chat = started;
    ChatServer.Builder builder =
        ChatServer.builder(started)
            .port(0)
            .compression(true)
            .trustedProxies(List.of("127.0.0.1"))
            .allowOrigin("https://shop.example");
    server = (tls ? builder.tls(TestTls.files()) : builder).start();
    return server;
  }

  /** A node whose guests are let in at once, or one that asks the application. */
  private ChatNode.Builder node(boolean asks) {
    ChatNode.Builder node = ChatNode.builder(backend);
    return asks ? node.authenticator(this::authenticate) : node;
  }

  private User authenticate(ConnectRequest request) {
    String token = Objects.requireNonNullElse(request.bearerToken(), "");
    switch (token) {
      case "bad" -> throw new ChatException(ErrorCode.UNAUTHORIZED, "token: not valid");
      case "shut-out" -> throw new ChatException(ErrorCode.FORBIDDEN, "you may not connect");
      case "too-many" ->
          throw ChatException.retryLater(
              ErrorCode.RATE_LIMITED, "too many connections", Duration.ofSeconds(7));
      case "away" -> throw new ChatException(ErrorCode.UNAVAILABLE, "nobody to ask");
      case "late" -> {
        asked.countDown();
        try {
          decided.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      default -> {}
    }
    String seen = request.remoteAddress() + " in " + request.room();
    return new User(Objects.requireNonNullElse(request.parameter("name"), "nobody"), seen);
  }

  @AfterEach
  void close() {
    decided.countDown();
    Objects.requireNonNull(chat).close();
    Objects.requireNonNull(server).close();
    backend.close();
  }

  private Socket open() throws IOException {
    ChatServer to = Objects.requireNonNull(server);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port());
    socket.setSoTimeout(30_000);
    return to.url().startsWith("https") ? TestTls.over(socket) : socket;
  }

  /** A connection on which everything goes through Grizzly from now on. */
  private Socket used() throws IOException {
    Socket socket = open();
    socket.getOutputStream().write(LIVE.getBytes(StandardCharsets.US_ASCII));
    String head = head(socket.getInputStream());
    assertTrue(head.startsWith("HTTP/1.1 200"), head);
    int length = Integer.parseInt(head.replaceFirst("(?is).*content-length: (\\d+).*", "$1"));
    socket.getInputStream().readNBytes(length);
    return socket;
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int c = in.read();
      if (c < 0) {
        break;
      }
      head.write(c);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** All of a refusal, or the head of an answer that upgrades and the first frame. */
  private static String answer(Socket to, byte[] request) throws IOException {
    try (to) {
      to.getOutputStream().write(request);
      String head = head(to.getInputStream());
      if (head.startsWith("HTTP/1.1 101 ")) {
        return head + welcome(to.getInputStream());
      }
      return head + new String(to.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Who is welcomed: the rest of the frame is another each time. */
  private static String welcome(InputStream in) throws IOException {
    int first = in.read();
    int length = in.read();
    byte[] payload = in.readNBytes(length == 126 ? in.read() << 8 | in.read() : length);
    String text =
        (first & 0x40) == 0 ? new String(payload, StandardCharsets.UTF_8) : "{compressed}";
    return text.replaceFirst(".*\"user\":(\\{[^}]*}).*", "$1");
  }

  private static byte[] bytes(String request) {
    return request.getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "101 /chat?name=Ann Origin: http://localhost",
        "101 /chat/?name=Ann Origin: https://shop.example",
        "101 /chat/a%2Fb?name=Ann X-Forwarded-For: 6.6.6.6, 198.51.100.7",
        "101 /chat?name=Ann Forwarded: for=198.51.100.8;host=shop.example",
        "101 /chat?name=Ann Sec-WebSocket-Protocol: bearer.x, roomcast.v1.json",
        "101 /chat?name=Ann Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "101 /chat;v=1?name=Ann X-None: none",
        "401 /chat?token=bad X-None: none",
        "401 /chat Authorization: Bearer bad",
        "403 /chat?token=shut-out X-None: none",
        "403 /chat?name=Ann Origin: https://evil.example",
        "400 /chat?name=%zz X-None: none",
        "400 /chat/a|b?name=Ann X-None: none",
        "400 /chat/%C2%85?name=Ann X-None: none",
        "404 /chat/a/b?name=Ann X-None: none",
        "404 /chatx?name=Ann X-None: none",
        "429 /chat?token=too-many X-None: none",
        "503 /chat?token=away X-None: none",
      })
  void bothWaysAnswerTheSame(String asked) throws IOException {
    ChatServer started = start(node(true), false);
    String[] parts = asked.split(" ", 3);
    byte[] request =
        bytes(
            UPGRADE
                .replace("/chat?name=Ann", parts[1])
                .replace("Host: localhost\r\n", "Host: localhost\r\n" + parts[2] + "\r\n"));
    String direct = answer(open(), request);
    assertEquals(1, started.direct());
    assertEquals(answer(used(), request), direct);
    assertEquals(1, started.direct());
    assertTrue(direct.startsWith("HTTP/1.1 " + parts[0] + " "), direct);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Version: 8", "Key: short"})
  void bothWaysRefuseTheSame(String by) throws IOException {
    ChatServer started = start(node(true), false);
    byte[] request = bytes(UPGRADE.replaceFirst(by.replaceFirst(": .*", ": [^\r]*"), by));
    String direct = answer(open(), request);
    assertEquals(1, started.direct());
    assertEquals(answer(used(), request), direct);
    assertTrue(direct.startsWith(by.startsWith("Key") ? "HTTP/1.1 400 " : "HTTP/1.1 426 "), direct);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void framesBehindTheRequestAreTaken(boolean asks) throws IOException {
    start(node(asks), false);
    byte[] all = joined(bytes(UPGRADE), PING);
    for (Socket way : List.of(open(), used())) {
      try (way) {
        way.getOutputStream().write(all);
        assertTrue(head(way.getInputStream()).startsWith("HTTP/1.1 101 "));
        awaitPong(way.getInputStream());
      }
      await().until(() -> Objects.requireNonNull(chat).stats().connections() == 0);
    }
  }

  private static void awaitPong(InputStream in) throws IOException {
    while (true) {
      int first = in.read();
      assertTrue(first >= 0, "it was closed");
      int length = in.read();
      byte[] payload = in.readNBytes(length == 126 ? in.read() << 8 | in.read() : length);
      if ((first & 0x0f) == RawClient.PONG) {
        assertEquals("hi", new String(payload, StandardCharsets.US_ASCII));
        return;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theFirstRequestIsShortAndASecondIsNot(boolean tls) throws IOException {
    ChatServer started = start(node(false), tls);
    try (Socket first = open()) {
      assertTrue(answer(first, bytes(UPGRADE)).startsWith("HTTP/1.1 101 "));
    }
    assertEquals(1, started.direct());
    try (Socket second = used()) {
      assertTrue(answer(second, bytes(UPGRADE.replace("Ann", "Bob"))).startsWith("HTTP/1.1 101 "));
    }
    assertEquals(1, started.direct());
  }

  @Test
  void aRequestInPartsIsPutTogether() throws IOException {
    start(node(false), false);
    try (Socket socket = open()) {
      socket.setTcpNoDelay(true);
      for (byte one : bytes(UPGRADE)) {
        socket.getOutputStream().write(one);
      }
      assertTrue(head(socket.getInputStream()).startsWith("HTTP/1.1 101 "));
    }
  }

  /** What looks like an upgrade may be the body of a request that went before. */
  @Test
  void aBodyIsNoRequest() throws IOException {
    ChatServer started = start(node(false), false);
    try (Socket socket = open()) {
      String post = "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
      socket.getOutputStream().write(bytes(post + UPGRADE.length() + "\r\n\r\n"));
      await().until(() -> started.unfinished() == 1);
      socket.getOutputStream().write(bytes(UPGRADE));
      String head = head(socket.getInputStream());
      assertTrue(!head.startsWith("HTTP/1.1 101 ") && head.startsWith("HTTP/1.1 "), head);
    }
    assertEquals(0, started.direct());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoGoesWhileItIsDecidedOnLeavesNothing(boolean tls) throws Exception {
    ChatServer started = start(node(true), tls);
    Socket socket = open();
    socket.getOutputStream().write(bytes(UPGRADE.replace("name=Ann", "token=late")));
    asked.await();
    assertEquals(1, started.direct());
    assertEquals(1, started.unfinished());
    socket.close();
    decided.countDown();
    ChatNode of = Objects.requireNonNull(chat);
    await().until(() -> started.unfinished() == 0 && of.stats().connections() == 0);
  }

  @Test
  void whateverGoesTheShortWayIsAnsweredAsByTheLongOne() throws IOException {
    start(node(true), false);
    List<String> corpus =
        Fuzz.corpus("requests.txt").stream()
            .map(line -> line.replace("|", "\r\n").replace("{host}", "localhost"))
            .toList();
    int[] compared = {0};
    new Fuzz(400)
        .play(
            random -> mutated(random, corpus),
            request -> {
              UpgradeHead head = UpgradeHead.read(ByteBuffer.wrap(request), "127.0.0.1");
              if (head != null) {
                compared[0]++;
                assertEquals(answer(used(), request), answer(open(), request));
              }
            });
    assertTrue(compared[0] > 20 || System.getProperty("roomcast.seed") != null, "compared few");
    assertNotNull(server);
  }

  private static byte[] mutated(Random random, List<String> corpus) {
    String head = UPGRADE;
    int space = head.indexOf(" HTTP");
    String part = random.nextBoolean() ? head.substring(0, space) : head;
    return bytes(Fuzz.mutated(random, part, corpus) + head.substring(part.length()));
  }

  private static byte[] joined(byte[] first, byte[] second) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    all.writeBytes(second);
    return all.toByteArray();
  }
}
