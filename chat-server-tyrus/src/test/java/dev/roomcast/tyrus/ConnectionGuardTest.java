package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.LimitHit;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections to the embedded server that are no WebSockets, or not yet, or never. */
@Timeout(60)
class ConnectionGuardTest {

  private static final String UPGRADE =
      """
      GET /chat?name=Ann HTTP/1.1\r
      Host: 127.0.0.1\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r
      \r
      """;
  private static final String UPGRADED = "HTTP/1.1 101 Web Socket Protocol Handshake";
  private static final String LIVE = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

  private final AtomicLong now = new AtomicLong(1_000_000);
  private final List<Socket> sockets = new ArrayList<>();
  private Backend backend = Backend.inMemory();
  private ChatNode chat = ChatNode.builder(backend).start();
  private @Nullable ChatServer server;

  private void start(Limits.Builder limits, String... proxies) throws IOException {
    chat.close();
    backend.close();
    backend = Backend.inMemory();
    chat = ChatNode.builder(backend).limits(limits.drain(Duration.ZERO).build()).start();
    server =
        ChatServer.builder(chat)
            .port(0)
            .trustedProxies(List.of(proxies))
            .clock(() -> Instant.ofEpochMilli(now.get()))
            .start();
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    chat.close();
    Objects.requireNonNull(server).close();
    backend.close();
  }

  private Socket open(String... said) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), Objects.requireNonNull(server).port());
    sockets.add(socket);
    socket.setSoTimeout(30_000);
    for (String text : said) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
    return socket;
  }

  /** Reads until the server closes; what it said. */
  private static String rest(Socket socket) throws IOException {
    StringBuilder all = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int c = in.read(); c >= 0; c = in.read()) {
        all.append((char) c);
      }
    } catch (SocketException e) {
      return all.toString(); // cut
    }
    return all.toString();
  }

  private static String line(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = socket.getInputStream().read(); c >= 0 && c != '\n'; ) {
      line.append((char) c);
      c = socket.getInputStream().read();
    }
    return line.toString().strip();
  }

  private long hits(LimitHit limit) {
    return Objects.requireNonNull(chat.stats().limitHits().get(limit));
  }

  @Test
  void whoDoesNotAskInTimeIsCutAndWhoDidStays() throws IOException {
    start(Limits.DEFAULTS.toBuilder());
    assertEquals(UPGRADED, line(open(UPGRADE)));
    Socket answered = open(LIVE);
    assertEquals("HTTP/1.1 200 OK", line(answered));
    List<Socket> halves =
        List.of(open(), open("G"), open(UPGRADE.substring(0, UPGRADE.length() - 2)));
    Socket slow = open("GET /health/live HTTP/1.1\r\n");
    guarded(5);
    now.addAndGet(9_999);
    say(slow, "X-More: 1\r\n");
    Socket later = open();
    guarded(6);
    now.addAndGet(1);
    for (Socket half : halves) {
      assertEquals("", rest(half));
    }
    assertEquals("", rest(slow), "another byte does not bring more time");
    assertEquals(4, hits(LimitHit.HANDSHAKE_TIMEOUT));
    assertEquals(1, chat.stats().connections());
    say(later, LIVE);
    assertEquals("HTTP/1.1 200 OK", line(later));
    now.addAndGet(49_999);
    say(answered, LIVE);
    while (!line(answered).contains("HTTP/1.1 200")) {}
  }

  @Test
  void aConnectionIsIdleForAMinuteAndThenIsCutWithoutBeingCounted() throws IOException {
    start(Limits.DEFAULTS.toBuilder());
    Socket socket = open(LIVE);
    assertEquals("HTTP/1.1 200 OK", line(socket));
    now.addAndGet(60_000);
    rest(socket);
    assertEquals(0, hits(LimitHit.HANDSHAKE_TIMEOUT));
  }

  @Test
  void theSecondRequestOfAConnectionHasTheSameTime() throws IOException {
    start(Limits.DEFAULTS.toBuilder());
    Socket socket = open(LIVE);
    assertEquals("HTTP/1.1 200 OK", line(socket));
    say(socket, "GET /hea");
    // Until the half request was read the connection is idle, and has a minute.
    await()
        .until(
            () -> {
              now.addAndGet(1_000);
              return hits(LimitHit.HANDSHAKE_TIMEOUT) == 1 || now.get() > 1_055_000;
            });
    assertEquals(1, hits(LimitHit.HANDSHAKE_TIMEOUT));
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private int guardedNow() {
    return Objects.requireNonNull(server).unfinished();
  }

  private void guarded(int count) {
    await().until(() -> guardedNow() == count);
  }

  @Test
  void tooManyUnfinishedRequestsPushTheOldestOut() throws IOException {
    start(Limits.DEFAULTS.toBuilder().pendingHandshakes(20));
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      silent.add(open("GET /chat"));
      guarded(i + 1); // in this order, whichever threads accept them
    }
    String full = rest(open());
    assertTrue(full.startsWith("HTTP/1.1 503") && full.contains("Retry-After: 1"), full);
    now.addAndGet(1_001);
    for (int i = 0; i < 10; i++) {
      assertEquals(UPGRADED, line(open(UPGRADE)), "the silent ones had their second");
      assertEquals("", rest(silent.get(i)));
      open("GET /chat"); // takes the place that the WebSocket left
      guarded(20);
    }
    assertEquals(11, hits(LimitHit.PENDING_HANDSHAKES));
  }

  @Test
  void webSocketsDoNotCountAsUnfinished() throws IOException {
    start(Limits.DEFAULTS.toBuilder().pendingHandshakes(5));
    for (int i = 0; i < 20; i++) {
      assertEquals(UPGRADED, line(open(UPGRADE)));
    }
    assertEquals(0, hits(LimitHit.PENDING_HANDSHAKES));
  }

  @Test
  void anUpgradeThatFailsGivesItsPlaceBack() throws IOException {
    start(Limits.DEFAULTS.toBuilder().connections(1));
    String without = UPGRADE.replaceAll("Sec-WebSocket-Key:[^\r]*\r\n", "");
    for (int i = 0; i < 3; i++) {
      String answer = line(open(without));
      assertTrue(!answer.equals(UPGRADED) && !answer.contains("503"), answer);
    }
    assertEquals(UPGRADED, line(open(UPGRADE)));
  }

  @Test
  void limitsOfConnectionsAreToldWithAStatus() throws IOException {
    start(Limits.DEFAULTS.toBuilder().connections(3).connectionsPerAddress(2), "127.0.0.1");
    Socket first = open(from("198.51.100.1"));
    assertEquals(UPGRADED, line(first));
    assertEquals(UPGRADED, line(open(from("198.51.100.1"))));
    Socket third = open(fromInTwoLines("198.51.100.1"));
    assertTrue(line(third).startsWith("HTTP/1.1 429"));
    assertTrue(rest(third).contains("Retry-After: 5"));
    assertEquals(UPGRADED, line(open(from("198.51.100.2"))));
    Socket full = open(from("198.51.100.3"));
    assertTrue(line(full).startsWith("HTTP/1.1 503"));
    assertTrue(rest(full).contains("Retry-After: 5"));
    first.close();
    await().until(() -> chat.stats().connections() == 2);
    assertEquals(UPGRADED, line(open(from("198.51.100.3"))));
  }

  private static String from(String address) {
    return UPGRADE.replace(
        "Host: 127.0.0.1", "Host: 127.0.0.1\r\nX-Forwarded-For: 6.6.6.6, " + address);
  }

  /** As proxies do it that add a line, instead of adding to the client's. */
  private static String fromInTwoLines(String address) {
    return from(address).replace(", ", "\r\nX-Forwarded-For: ");
  }

  @Test
  void anAddressThatConnectsTooOftenIsToldSo() throws IOException {
    start(Limits.DEFAULTS.toBuilder().handshakesPerSecondPerAddress(5));
    int refused = 0;
    for (int i = 0; i < 30; i++) {
      refused += line(open(UPGRADE)).contains("429") ? 1 : 0;
    }
    assertTrue(refused > 0);
    assertEquals(refused, hits(LimitHit.HANDSHAKES_PER_SECOND_PER_ADDRESS));
  }
}
