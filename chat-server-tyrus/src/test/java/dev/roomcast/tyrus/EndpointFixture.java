package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.Authorizer;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatListener;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A node in a container to be tested, and clients of it. Confined to the test's thread. */
@Timeout(60)
abstract class EndpointFixture {

  static final int FRAME_BYTES = 32 << 10;

  private final Backend backend = Backend.inMemory();
  final CountDownLatch decided = new CountDownLatch(1);
  final CountDownLatch asked = new CountDownLatch(1);
  final List<String> addresses = new CopyOnWriteArrayList<>();
  final List<Integer> disconnects = new CopyOnWriteArrayList<>();
  final Map<String, ClientSession> sessions = new ConcurrentHashMap<>();
  final ChatNode chat =
      ChatNode.builder(backend)
          .limits(
              Limits.DEFAULTS.toBuilder()
                  .frameBytes(FRAME_BYTES)
                  .commandsPerSecond(0)
                  .bytesPerSecond(0)
                  .userCommandsPerSecond(0)
                  .handshakesPerSecondPerAddress(0)
                  .drain(Duration.ofSeconds(2))
                  .build())
          .authenticator(this::authenticate)
          .authorizer(this::allows)
          .listener(new Listener())
          .start();
  String url = "";

  /** Starts a container with the endpoint of this node, and returns where it is. */
  abstract String start(ChatNode node) throws Exception;

  /** Stops the container. */
  abstract void stop() throws Exception;

  /** Whether a refused client gets an HTTP status, and not just no WebSocket. */
  boolean refusesWithStatus() {
    return true;
  }

  /** Whether a client's address is known. */
  boolean knowsAddresses() {
    return true;
  }

  /** Whether it can stop reading from a client. */
  boolean stopsReading() {
    return false;
  }

  /** Whether frames without a mask are refused. */
  boolean refusesUnmasked() {
    return true;
  }

  /** Whether a connection is cut while a write to it is stuck, and not when that ends. */
  boolean cutsStuckWrites() {
    return true;
  }

  /** What is answered to an offer of compression. */
  String compression() {
    return "";
  }

  private User authenticate(ConnectRequest request) {
    addresses.add(request.remoteAddress());
    String token = Objects.requireNonNullElse(request.bearerToken(), "");
    switch (token) {
      case "bad" -> throw new ChatException(ErrorCode.UNAUTHORIZED, "token: not valid");
      case "shut-out" -> throw new ChatException(ErrorCode.FORBIDDEN, "you may not connect");
      case "too-many" ->
          throw ChatException.retryLater(
              ErrorCode.RATE_LIMITED, "too many connections", Duration.ofSeconds(7));
      case "late" -> {
        asked.countDown();
        waitForDecision();
      }
      default -> {}
    }
    String name = token.isEmpty() ? request.parameter("name") : token;
    if (name == null) {
      throw new ChatException(ErrorCode.UNAUTHORIZED, "no credentials");
    }
    return new User(name, name);
  }

  private boolean allows(User user, Authorizer.Action action, String room) {
    if (room.equals("undecided")) {
      waitForDecision();
    }
    return !room.equals("secret");
  }

  private void waitForDecision() {
    try {
      decided.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Listener implements ChatListener {
    @Override
    public void onConnect(ClientSession session) {
      sessions.put(session.user().id(), session);
    }

    @Override
    public void onDisconnect(ClientSession session, int code) {
      disconnects.add(code);
    }
  }

  @BeforeEach
  void startContainer() throws Exception {
    url = start(chat);
  }

  @AfterEach
  void closeAll() throws Exception {
    decided.countDown();
    chat.close();
    stop();
    backend.close();
  }

  WebSocketClient connect(String pathAndQuery, String... headers) {
    return new WebSocketClient(url + pathAndQuery, headers);
  }

  RawClient raw(String pathAndQuery, String... headers) throws IOException {
    return new RawClient(url, pathAndQuery, headers);
  }

  /** A raw client after its welcome. */
  RawClient welcomed(String name) throws IOException {
    RawClient client = raw("/chat?name=" + name);
    assertEquals(101, client.status);
    client.await("\"type\":\"welcome\"");
    return client;
  }
}
