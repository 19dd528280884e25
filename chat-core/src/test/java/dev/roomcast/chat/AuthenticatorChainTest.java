package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several authenticators: which of them decides. */
class AuthenticatorChainTest {

  private static final Instant END = Instant.parse("2126-01-01T00:00:00Z");

  private final StillNodes nodes = new StillNodes();
  private final Authenticator chain =
      Authenticator.chain(staff("staff:"), expiring("visitor:"), Authenticator.guests());
  private final ChatNode node =
      nodes.start(StillNodes.LIMITS, backend -> backend, builder -> builder.authenticator(chain));

  /** Tokens are a prefix and a user's id; "bad" is a token of this kind that does not count. */
  private static Authenticator staff(String prefix) {
    return request -> user(prefix, request);
  }

  private static Authenticator.Expiring expiring(String prefix) {
    return request -> new Credential(user(prefix, request), END);
  }

  private static User user(String prefix, ConnectRequest request) {
    String token = request.bearerToken();
    if (token == null || !token.startsWith(prefix)) {
      throw ChatException.unrecognized("token: " + prefix + " expected");
    }
    String id = token.substring(prefix.length());
    if (id.equals("bad")) {
      throw new ChatException(ErrorCode.UNAUTHORIZED, "token: bad " + prefix);
    } else if (id.equals("shut-out")) {
      throw new ChatException(ErrorCode.FORBIDDEN, "you may not connect");
    }
    return new User(id, id);
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  private static ConnectRequest request(Map<String, String> query, @Nullable String token) {
    return ConnectRequest.of(query, token, null, "127.0.0.1");
  }

  private Admission admit(Map<String, String> query, @Nullable String token) {
    return node.admit(request(query, token)).toCompletableFuture().join();
  }

  private ChatException refused(Map<String, String> query, @Nullable String token) {
    return ChatException.of(assertThrows(CompletionException.class, () -> admit(query, token)));
  }

  @Test
  void theFirstThatKnowsTheCredentialLetsIn() {
    assertEquals("ann", admit(Map.of(), "staff:ann").user().id());
    assertEquals("bob", admit(Map.of(), "visitor:bob").user().id());
    assertEquals("Cem", admit(Map.of("name", "Cem"), null).user().name());
  }

  @Test
  void anEndOfACredentialIsKeptAndWhoHasNoneHasNone() {
    assertEquals(END, admit(Map.of(), "visitor:bob").credential().expires());
    assertNull(admit(Map.of(), "staff:ann").credential().expires());
  }

  @Test
  void aBadCredentialIsNotTriedOnTheOthers() {
    ChatException bad = refused(Map.of("name", "Ann"), "staff:bad");
    assertEquals(ErrorCode.UNAUTHORIZED, bad.code());
    assertEquals("token: bad staff:", bad.getMessage());
    assertEquals(ErrorCode.FORBIDDEN, refused(Map.of("name", "Ann"), "visitor:shut-out").code());
  }

  @Test
  void aTokenThatNobodyKnowsMakesNoGuest() {
    ChatException refusal = refused(Map.of("name", "Ann"), "rubbish");
    assertEquals(ErrorCode.UNAUTHORIZED, refusal.code());
    assertEquals("token: staff: expected", refusal.getMessage());
    assertEquals(ErrorCode.UNAUTHORIZED, refused(Map.of(), null).code());
  }

  @Test
  void whatAnAuthenticatorFailsOfIsNotPassedOn() {
    Authenticator broken =
        Authenticator.chain(
            request -> {
              throw new IllegalStateException("the directory is away");
            },
            Authenticator.guests());
    assertThrows(
        IllegalStateException.class,
        () -> broken.authenticate(request(Map.of("name", "Ann"), null)));
  }

  @Test
  void chainsMayBeNestedAndHaveALinkAtLeast() {
    Authenticator nested = Authenticator.chain(Authenticator.chain(staff("a:")), chain);
    assertEquals("ann", nested.authenticate(request(Map.of(), "visitor:ann")).id());
    assertThrows(IllegalArgumentException.class, () -> Authenticator.chain());
  }

  @Test
  void aGuestOfAChainResumesWithTheSecretAloneAndReadsWithoutAName() {
    Client ann = Client.connect(node, "Ann");
    ann.session.closed(1006);
    Client again = Client.resume(node, ann.resumeSecret());
    assertEquals(ann.session.user(), again.session.user());
    assertEquals(
        "guest",
        node.reads().authenticate(request(Map.of(), null)).toCompletableFuture().join().id());
    assertTrue(
        node.reads()
            .authenticate(request(Map.of(), "rubbish"))
            .toCompletableFuture()
            .isCompletedExceptionally());
  }

  @Test
  void theSecretOfAnotherUsersSessionIsRefusedWith403() {
    RecordingTransport transport = new RecordingTransport();
    node.connect(admit(Map.of(), "staff:ann"), transport);
    String resume = transport.only("welcome").get("resume").getAsString();
    ChatException other = refused(Map.of("resume", resume), "staff:bob");
    assertEquals(403, other.code().httpStatus());
    assertTrue(String.valueOf(other.getMessage()).startsWith("resume: "));
    assertEquals(403, refused(Map.of("resume", resume, "name", "Ann"), null).code().httpStatus());
    assertEquals("ann", admit(Map.of("resume", resume), "staff:ann").user().id());
  }
}
