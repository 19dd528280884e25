package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Credentials that expire on a live connection, and are renewed there. */
class ExpiryTest {

  /** Tokens are a user's id, a blank, and when they expire; "forever" for never. */
  private static final Authenticator.Expiring TOKENS =
      request -> {
        String[] token = String.valueOf(request.bearerToken()).split(" ", -1);
        if (token.length != 2) {
          throw new ChatException(ErrorCode.UNAUTHORIZED, "token: not one of ours");
        }
        User user = new User(token[0], token[0]);
        return new Credential(
            user,
            token[1].equals("forever") ? null : Instant.ofEpochMilli(Long.parseLong(token[1])));
      };

  private final ShiftedClock clock = new ShiftedClock();
  private final Backend backend = Backend.inMemory();
  private final ChatNode node =
      ChatNode.builder(backend)
          .authenticator(TOKENS)
          .limits(Limits.DEFAULTS.toBuilder().drain(Duration.ofMillis(10)).build())
          .clock(clock)
          .start();

  /** The real clock, moved on by the test. Thread-safe. */
  private static final class ShiftedClock implements ChatClock {
    private final SystemClock real = new SystemClock("test");
    private final AtomicLong ahead = new AtomicLong();

    @Override
    public Instant instant() {
      return real.instant().plusMillis(ahead.get());
    }

    @Override
    public long millis() {
      return real.millis() + ahead.get();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return real.schedule(delay, task);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @AfterEach
  void close() {
    node.close();
    backend.close();
  }

  private long inAnHour() {
    return clock.millis() + 3_600_000;
  }

  private ClientSession connect(String token, RecordingTransport transport) {
    ConnectRequest request = ConnectRequest.of(Map.of(), token, null, "127.0.0.1");
    ClientSession session =
        node.connect(node.admit(request).toCompletableFuture().join(), transport);
    await().until(() -> !transport.frames("welcome").isEmpty());
    return session;
  }

  private static JsonObject answer(RecordingTransport transport, String type) {
    await().until(() -> !transport.frames(type).isEmpty());
    return transport.only(type);
  }

  private static void auth(ClientSession session, String token) {
    session.receive("{\"type\":\"auth\",\"id\":1,\"token\":\"" + token + "\"}");
  }

  @Test
  void welcomeTellsWhenTheCredentialExpires() {
    RecordingTransport ann = new RecordingTransport();
    RecordingTransport bob = new RecordingTransport();
    long end = inAnHour();
    connect("ann " + end, ann);
    connect("bob forever", bob);
    assertEquals(end, ann.only("welcome").get("expires").getAsLong());
    assertFalse(bob.only("welcome").has("expires"));
  }

  @Test
  void anExpiredCredentialIsRefusedBeforeTheUpgrade() {
    ConnectRequest late = ConnectRequest.of(Map.of(), "ann " + clock.millis(), null, "127.0.0.1");
    CompletionException refused =
        assertThrows(
            CompletionException.class, () -> node.admit(late).toCompletableFuture().join());
    assertEquals(ErrorCode.UNAUTHORIZED, ChatException.of(refused).code());
  }

  @Test
  void anExpiredCredentialClosesTheConnectionOfAQuietClient() {
    RecordingTransport ann = new RecordingTransport();
    RecordingTransport bob = new RecordingTransport();
    connect("ann " + (clock.millis() + 10_000), ann);
    connect("bob " + inAnHour(), bob);
    clock.ahead.addAndGet(10_000);
    await().until(() -> ann.closeCode() == 4001);
    assertEquals(0, bob.closeCode());
    await().until(() -> node.stats().connections() == 1);
  }

  @Test
  void nothingIsDoneForAnExpiredCredential() {
    RecordingTransport ann = new RecordingTransport();
    ClientSession session = connect("ann " + (clock.millis() + 60_000), ann);
    clock.ahead.addAndGet(60_000);
    session.receive("{\"type\":\"ping\"}");
    assertEquals(4001, ann.closeCode());
    assertTrue(ann.frames("pong").isEmpty());
  }

  @Test
  void aCredentialRenewedInTimeKeepsTheConnection() {
    RecordingTransport ann = new RecordingTransport();
    long end = inAnHour();
    ClientSession session = connect("ann " + (clock.millis() + 30_000), ann);
    auth(session, "ann " + end);
    JsonObject answer = answer(ann, "authenticated");
    assertEquals(1, answer.get("re").getAsInt());
    assertEquals(end, answer.get("expires").getAsLong());
    clock.ahead.addAndGet(30_000);
    session.check(clock.millis());
    session.receive("{\"type\":\"ping\"}");
    answer(ann, "pong");
    assertEquals(0, ann.closeCode());
  }

  @Test
  void aCredentialWithoutAnEndEndsTheExpiry() {
    RecordingTransport ann = new RecordingTransport();
    ClientSession session = connect("ann " + (clock.millis() + 30_000), ann);
    auth(session, "ann forever");
    assertFalse(answer(ann, "authenticated").has("expires"));
    clock.ahead.addAndGet(30_000);
    session.check(clock.millis());
    assertEquals(0, ann.closeCode());
  }

  @Test
  void aBadCredentialOrAnotherUsersIsRefusedAndTheOldOneStays() {
    RecordingTransport ann = new RecordingTransport();
    ClientSession session = connect("ann " + (clock.millis() + 30_000), ann);
    auth(session, "bob " + inAnHour());
    auth(session, "rubbish");
    session.receive("{\"type\":\"auth\"}");
    auth(session, "ann " + clock.millis());
    await().until(() -> ann.frames("error").size() == 4);
    assertEquals("forbidden", ann.frames("error").get(0).get("code").getAsString());
    assertEquals("unauthorized", ann.frames("error").get(1).get("code").getAsString());
    assertEquals("bad_request", ann.frames("error").get(2).get("code").getAsString());
    assertEquals("unauthorized", ann.frames("error").get(3).get("code").getAsString());
    clock.ahead.addAndGet(30_000);
    session.check(clock.millis());
    assertEquals(4001, ann.closeCode());
  }

  @Test
  void aSessionIsResumedWithAFreshCredentialOfTheSameUserOnly() {
    RecordingTransport ann = new RecordingTransport();
    connect("ann " + (clock.millis() + 1_000), ann).receive("{\"type\":\"join\",\"room\":\"r\"}");
    answer(ann, "joined");
    String resume = ann.only("welcome").get("resume").getAsString();
    clock.ahead.addAndGet(1_000);
    await().until(() -> ann.closeCode() == 4001);
    Map<String, String> query = Map.of("resume", resume);
    CompletionException refused =
        assertThrows(
            CompletionException.class,
            () ->
                node.admit(ConnectRequest.of(query, "bob forever", null, "127.0.0.1"))
                    .toCompletableFuture()
                    .join());
    assertEquals(ErrorCode.FORBIDDEN, ChatException.of(refused).code());
    RecordingTransport again = new RecordingTransport();
    node.connect(
        node.admit(ConnectRequest.of(query, "ann forever", null, "127.0.0.1"))
            .toCompletableFuture()
            .join(),
        again);
    JsonObject welcome = answer(again, "welcome");
    assertTrue(welcome.get("resumed").getAsBoolean());
    assertEquals("[\"r\"]", welcome.get("rooms").toString());
  }

  @Test
  void aTokenIsNotInTheTextOfItsCommand() {
    Command command = node.reader().read("{\"type\":\"auth\",\"token\":\"sesame\"}");
    assertFalse(command.toString().contains("sesame"));
  }
}
