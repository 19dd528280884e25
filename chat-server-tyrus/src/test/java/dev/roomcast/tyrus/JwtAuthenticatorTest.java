package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.Credential;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens let somebody in, and which do not. */
class JwtAuthenticatorTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = NOW.plusSeconds(3_600);
  private static final byte[] SECRET =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          .getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private static JwtAuthenticator.Builder secret() {
    return JwtAuthenticator.secret(SECRET).clock(InstantSource.fixed(NOW));
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("u42")
        .claim("name", "Ann")
        .expirationTime(Date.from(END));
  }

  private static String token(JWSAlgorithm algorithm, JWSSigner signer, JWTClaimsSet claims) {
    return token(new JWSHeader.Builder(algorithm).build(), signer, claims);
  }

  private static String token(JWSHeader header, JWSSigner signer, JWTClaimsSet claims) {
    try {
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(signer);
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String shared(JWTClaimsSet claims) {
    try {
      return token(JWSAlgorithm.HS256, new MACSigner(SECRET), claims);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Credential verify(JwtAuthenticator authenticator, @Nullable String token) {
    return authenticator.verify(ConnectRequest.of(Map.of(), token, null, "127.0.0.1"));
  }

  private static String refused(JwtAuthenticator authenticator, @Nullable String token) {
    ChatException refusal = assertThrows(ChatException.class, () -> verify(authenticator, token));
    assertEquals(ErrorCode.UNAUTHORIZED, refusal.code());
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.startsWith("token: "), message);
    assertFalse(token != null && token.length() > 2 && message.contains(token));
    return message;
  }

  private static String pem(String kind, byte[] encoded) {
    return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(encoded));
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void theUserIsSubAndNameUntilTheEndAndTheClockSkew() {
    Credential credential =
        verify(secret().clockSkew(Duration.ofSeconds(5)).build(), shared(claims().build()));
    assertEquals(new User("u42", "Ann"), credential.user());
    assertEquals(END.plusSeconds(5), credential.expires());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\u0007b"})
  void withoutAUsableNameItIsTheId(String name) {
    assertEquals(
        new User("u42", "u42"),
        verify(secret().build(), shared(claims().claim("name", name).build())).user());
    assertEquals(
        new User("u42", "u42"),
        verify(secret().build(), shared(claims().claim("name", null).build())).user());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HS256", "HS384", "HS512"})
  void allAlgorithmsOfASecretAreAccepted(String algorithm) throws Exception {
    String token = token(JWSAlgorithm.parse(algorithm), new MACSigner(SECRET), claims().build());
    assertEquals("u42", verify(secret().build(), token).user().id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
  void allAlgorithmsOfAnRsaKeyAreAccepted(String algorithm) throws Exception {
    RSAKey key = new RSAKeyGenerator(2_048).generate();
    Path file = file("rsa.pem", pem("PUBLIC KEY", key.toRSAPublicKey().getEncoded()));
    String token = token(JWSAlgorithm.parse(algorithm), new RSASSASigner(key), claims().build());
    assertEquals("u42", verify(publicKey(file), token).user().id());
  }

  private static JwtAuthenticator publicKey(Path file) throws IOException {
    return JwtAuthenticator.publicKeyFile(file).clock(InstantSource.fixed(NOW)).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ES256", "ES384", "ES512"})
  void allCurvesAreAccepted(String algorithm) throws Exception {
    JWSAlgorithm alg = JWSAlgorithm.parse(algorithm);
    ECKey key = new ECKeyGenerator(Curve.forJWSAlgorithm(alg).iterator().next()).generate();
    Path file = file("ec.pem", pem("PUBLIC KEY", key.toECPublicKey().getEncoded()));
    assertEquals(
        "u42",
        verify(publicKey(file), token(alg, new ECDSASigner(key), claims().build())).user().id());
  }

  @Test
  void oneOfSeveralKeysInAFileIsEnough() throws Exception {
    RSAKey old = new RSAKeyGenerator(2_048).generate();
    ECKey fresh = new ECKeyGenerator(Curve.P_256).generate();
    Path file =
        file(
            "keys.pem",
            pem("PUBLIC KEY", old.toRSAPublicKey().getEncoded())
                + pem("PUBLIC KEY", fresh.toECPublicKey().getEncoded()));
    JwtAuthenticator both = publicKey(file);
    verify(both, token(JWSAlgorithm.RS256, new RSASSASigner(old), claims().build()));
    verify(both, token(JWSAlgorithm.ES256, new ECDSASigner(fresh), claims().build()));
  }

  @Test
  void aTokenSignedWithThePublicKeyAsASecretIsRefused() throws Exception {
    RSAKey key = new RSAKeyGenerator(2_048).generate();
    String pem = pem("PUBLIC KEY", key.toRSAPublicKey().getEncoded());
    JwtAuthenticator authenticator = publicKey(file("rsa.pem", pem));
    for (byte[] known :
        new byte[][] {
          pem.getBytes(StandardCharsets.UTF_8), key.toRSAPublicKey().getEncoded(),
        }) {
      refused(authenticator, token(JWSAlgorithm.HS256, new MACSigner(known), claims().build()));
    }
  }

  @Test
  void unsignedMalformedAndForeignTokensAreRefused() throws Exception {
    JwtAuthenticator authenticator = secret().build();
    refused(authenticator, new PlainJWT(claims().build()).serialize());
    String good = shared(claims().build());
    refused(authenticator, good.substring(0, good.lastIndexOf('.') + 1));
    refused(authenticator, good.substring(0, good.length() - 4) + "AAAA");
    refused(authenticator, "rubbish");
    refused(authenticator, "..");
    refused(authenticator, "");
    refused(authenticator, null);
    byte[] other = SECRET.clone();
    other[0]++;
    refused(authenticator, token(JWSAlgorithm.HS256, new MACSigner(other), claims().build()));
    RSAKey key = new RSAKeyGenerator(2_048).generate();
    refused(authenticator, token(JWSAlgorithm.RS256, new RSASSASigner(key), claims().build()));
  }

  @Test
  void tokensOverEightKibibytesAreRefusedUnread() {
    JwtAuthenticator authenticator = secret().build();
    verify(authenticator, shared(claims().claim("x", "x".repeat(5_500)).build()));
    String message = refused(authenticator, shared(claims().claim("x", "x".repeat(8_192)).build()));
    assertEquals("token: over 8192 bytes", message);
  }

  @Test
  void timesAreChecked() {
    JwtAuthenticator authenticator = secret().clockSkew(Duration.ofSeconds(10)).build();
    verify(authenticator, shared(claims().expirationTime(at(-9)).build()));
    assertEquals(
        "token: expired", refused(authenticator, shared(claims().expirationTime(at(-11)).build())));
    verify(authenticator, shared(claims().notBeforeTime(at(9)).build()));
    refused(authenticator, shared(claims().notBeforeTime(at(11)).build()));
    refused(authenticator, shared(claims().expirationTime(null).build()));
    JwtAuthenticator endless = secret().requiredClaims().build();
    assertNull(verify(endless, shared(claims().expirationTime(null).build())).expires());
  }

  private static Date at(long seconds) {
    return Date.from(NOW.plusSeconds(seconds));
  }

  @Test
  void issuerAudienceAndRequiredClaimsAreChecked() {
    JwtAuthenticator authenticator =
        secret()
            .issuer("https://id")
            .audience("chat", "shop")
            .requiredClaims("exp", "tenant")
            .build();
    JWTClaimsSet good = claims().issuer("https://id").audience("shop").claim("tenant", "a").build();
    verify(authenticator, shared(good));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).issuer("https://evil").build()));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).issuer(null).build()));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).audience("other").build()));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).audience((String) null).build()));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).claim("tenant", null).build()));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).subject(null).build()));
    refused(authenticator, shared(new JWTClaimsSet.Builder(good).subject("a\nb").build()));
  }

  @Test
  void tokensOfAnotherTypeAreRefused() throws Exception {
    JWSHeader logout =
        new JWSHeader.Builder(JWSAlgorithm.HS256).type(new JOSEObjectType("logout+jwt")).build();
    refused(secret().build(), token(logout, new MACSigner(SECRET), claims().build()));
  }

  @Test
  void weakAndWrongKeysAreRefusedAtTheStart() throws Exception {
    RSAKey weak = new RSAKeyGenerator(1_024, true).generate();
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
    String pem = pem("PUBLIC KEY", key.toECPublicKey().getEncoded());
    assertThrows(IllegalArgumentException.class, () -> JwtAuthenticator.secret(new byte[31]));
    assertThrows(
        IllegalArgumentException.class,
        () -> JwtAuthenticator.secretFile(file("short", "x".repeat(31) + "\r\n")));
    assertThrows(
        IllegalArgumentException.class, () -> JwtAuthenticator.secretFile(file("pem", pem)));
    for (String bad :
        new String[] {
          "nothing",
          pem("PUBLIC KEY", weak.toRSAPublicKey().getEncoded()),
          pem("PRIVATE KEY", key.toECPrivateKey().getEncoded()),
          pem("PUBLIC KEY", new byte[] {1, 2, 3})
        }) {
      assertThrows(
          IllegalArgumentException.class, () -> JwtAuthenticator.publicKeyFile(file("bad", bad)));
    }
    for (String url :
        new String[] {"http://id.example/keys", "file:///etc/passwd", "keys", "https:x"}) {
      assertThrows(IllegalArgumentException.class, () -> JwtAuthenticator.jwks(URI.create(url)));
    }
  }

  @Test
  void aSecretFileMayEndWithALineBreak() throws Exception {
    String secret = new String(SECRET, StandardCharsets.UTF_8);
    JwtAuthenticator authenticator =
        JwtAuthenticator.secretFile(file("secret", secret + "\n"))
            .clock(InstantSource.fixed(NOW))
            .build();
    verify(authenticator, shared(claims().build()));
  }

  @Test
  void keysOfASetAreCachedRotatedAndMayBeAway() throws Exception {
    ECKey first = new ECKeyGenerator(Curve.P_256).keyID("1").generate();
    ECKey second = new ECKeyGenerator(Curve.P_256).keyID("2").generate();
    AtomicReference<String> answer = new AtomicReference<>("");
    AtomicInteger asked = new AtomicInteger();
    HttpServer keys =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    keys.createContext(
        "/keys",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = String.valueOf(answer.get()).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(
              body.length == 0 ? 500 : 200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    keys.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/keys");
      JwtAuthenticator authenticator =
          JwtAuthenticator.jwks(url).clock(InstantSource.fixed(NOW)).build();
      ChatException away =
          assertThrows(ChatException.class, () -> verify(authenticator, signed(first)));
      assertEquals(ErrorCode.UNAVAILABLE, away.code());

      JwtAuthenticator another = JwtAuthenticator.jwks(url).clock(InstantSource.fixed(NOW)).build();
      answer.set(new JWKSet(first).toString());
      asked.set(0);
      verify(another, signed(first));
      verify(another, signed(first));
      assertEquals(1, asked.get());
      answer.set(new JWKSet(second).toString());
      verify(another, signed(second));
      refused(another, signed(first));
      for (int i = 0; i < 20; i++) {
        refused(another, signed(new ECKeyGenerator(Curve.P_256).keyID("new" + i).generate()));
      }
      assertTrue(asked.get() <= 3, "asked " + asked + " times");
      verify(another, signed(second));
      refused(another, shared(claims().build()));
    } finally {
      keys.stop(0);
    }
  }

  @Test
  void anExpiringTokenIsRenewedOnTheLiveConnectionOrTheConnectionEnds() throws Exception {
    JwtAuthenticator authenticator =
        JwtAuthenticator.secret(SECRET).clockSkew(Duration.ZERO).build();
    Backend backend = Backend.inMemory();
    try (ChatNode chat =
            ChatNode.builder(backend)
                .authenticator(authenticator)
                .limits(Limits.DEFAULTS.toBuilder().drain(Duration.ZERO).build())
                .start();
        ChatServer server = ChatServer.builder(chat).port(0).start()) {
      Instant soon = Instant.now().plusSeconds(8);
      Instant later = Instant.now().plusSeconds(3_600);
      String brief = shared(claims().expirationTime(Date.from(soon)).build());
      String longer = shared(claims().expirationTime(Date.from(later)).build());
      WebSocketClient ann = new WebSocketClient(server.url() + "/chat?token=" + brief);
      WebSocketClient bob =
          new WebSocketClient(server.url() + "/chat", "Authorization", "Bearer " + brief);
      String expires = "\"expires\":" + soon.getEpochSecond();
      ann.await("\"type\":\"welcome\"", "\"id\":\"u42\"", expires);
      bob.await("\"type\":\"welcome\"", expires);
      bob.send("{'type':'auth','id':7,'token':'" + longer + "'}");
      bob.await("\"type\":\"authenticated\"", "\"re\":7", "\"expires\":" + later.getEpochSecond());
      assertEquals(4001, ann.closed.get(30, TimeUnit.SECONDS));
      bob.send("{'type':'ping','id':8}");
      bob.await("\"type\":\"pong\"", "\"re\":8");
      CompletionException refused =
          assertThrows(
              CompletionException.class,
              () -> new WebSocketClient(server.url() + "/chat?token=" + brief));
      assertTrue(
          refused.getCause() instanceof WebSocketHandshakeException handshake
              && handshake.getResponse().statusCode() == 401);
    } finally {
      backend.close();
    }
  }

  private static String signed(ECKey key) throws JOSEException {
    JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build();
    return token(header, new ECDSASigner(key), claims().build());
  }
}
