package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.sun.net.httpserver.HttpServer;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens made by hand, as an attacker makes them, and tokens signed with Ed25519. */
class JwtRefusalsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String CLAIMS =
      "{'sub':'u42','exp':" + NOW.plusSeconds(3_600).getEpochSecond() + "}";
  private static final KeyPair ED = keyPair("Ed25519");
  private static final KeyPair RSA = keyPair("RSA");

  @TempDir Path folder;

  private static KeyPair keyPair(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encode(String json) {
    return Base64URL.encode(json.replace('\'', '"')).toString();
  }

  private static String token(String header, String claims, byte[] signature) {
    return encode(header) + "." + encode(claims) + "." + Base64URL.encode(signature);
  }

  private static byte[] hmac(String header, String claims, byte[] secret)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return mac.doFinal(signed(header, claims));
  }

  private static byte[] sign(String algorithm, PrivateKey key, String header, String claims)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(signed(header, claims));
    return signature.sign();
  }

  private static byte[] signed(String header, String claims) {
    return (encode(header) + "." + encode(claims)).getBytes(StandardCharsets.US_ASCII);
  }

  private static JwtAuthenticator secret() {
    return JwtAuthenticator.secret(SECRET.getBytes(StandardCharsets.UTF_8))
        .clock(InstantSource.fixed(NOW))
        .build();
  }

  private JwtAuthenticator publicKey(PublicKey key) throws IOException {
    Path file = folder.resolve("key.pem");
    Files.writeString(file, pem(key));
    return JwtAuthenticator.publicKeyFile(file).clock(InstantSource.fixed(NOW)).build();
  }

  private static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static String user(JwtAuthenticator authenticator, String token) {
    return authenticator.verify(ConnectRequest.of(Map.of(), token, null, "127.0.0.1")).user().id();
  }

  private static ChatException refused(JwtAuthenticator authenticator, String token) {
    ChatException refusal = assertThrows(ChatException.class, () -> user(authenticator, token));
    assertEquals(ErrorCode.UNAUTHORIZED, refusal.code());
    return refusal;
  }

  private static String shared(String header) throws GeneralSecurityException {
    return token(header, CLAIMS, hmac(header, CLAIMS, SECRET.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "nOnE"})
  void anAlgorithmOfNoneIsRefusedWithAndWithoutASignature(String none) throws Exception {
    String header = "{'alg':'" + none + "'}";
    for (JwtAuthenticator authenticator : List.of(secret(), publicKey(RSA.getPublic()))) {
      refused(authenticator, token(header, CLAIMS, new byte[0]));
      refused(authenticator, encode(header) + "." + encode(CLAIMS) + ".");
      refused(authenticator, shared(header));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HS256", "HS384", "HS512", "hs256"})
  void thePublicKeyIsNoSecretWhateverItsForm(String algorithm) throws Exception {
    String header = "{'alg':'" + algorithm + "'}";
    JwtAuthenticator authenticator = publicKey(RSA.getPublic());
    String pem = pem(RSA.getPublic());
    for (byte[] known :
        List.of(
            pem.getBytes(StandardCharsets.UTF_8),
            pem.strip().getBytes(StandardCharsets.UTF_8),
            RSA.getPublic().getEncoded())) {
      refused(authenticator, token(header, CLAIMS, hmac(header, CLAIMS, known)));
    }
  }

  @Test
  void aKeyThatTheTokenBringsItselfIsNotUsed() throws Exception {
    KeyPair own = keyPair("Ed25519");
    String jwk =
        "{'kty':'OKP','crv':'Ed25519','x':'" + Base64URL.encode(raw(own.getPublic())) + "'}";
    for (String more :
        List.of("'jwk':" + jwk, "'jku':'http://127.0.0.1:1/keys'", "'x5u':'http://127.0.0.1:1/'")) {
      String header = "{'alg':'EdDSA'," + more + "}";
      refused(
          publicKey(ED.getPublic()),
          token(header, CLAIMS, sign("Ed25519", own.getPrivate(), header, CLAIMS)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"['exp']", "['b64']", "['x']", "[]", "'x'"})
  void aHeaderThatMustBeUnderstoodAndIsNotIsRefused(String critical) throws Exception {
    String more = ",'crit':" + critical + ",'x':1,'exp':1,'b64':false}";
    refused(secret(), shared("{'alg':'HS256'" + more));
    String header = "{'alg':'EdDSA'" + more;
    refused(
        publicKey(ED.getPublic()),
        token(header, CLAIMS, sign("Ed25519", ED.getPrivate(), header, CLAIMS)));
    assertEquals("u42", user(secret(), shared("{'alg':'HS256','x':1}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"EdDSA", "Ed25519"})
  void tokensSignedWithEd25519AreAccepted(String algorithm) throws Exception {
    String header = "{'alg':'" + algorithm + "'}";
    byte[] signature = sign("Ed25519", ED.getPrivate(), header, CLAIMS);
    assertEquals("u42", user(publicKey(ED.getPublic()), token(header, CLAIMS, signature)));
    for (int i : new int[] {0, 31, 32, 63}) {
      byte[] broken = signature.clone();
      broken[i] ^= 1;
      refused(publicKey(ED.getPublic()), token(header, CLAIMS, broken));
    }
    refused(publicKey(ED.getPublic()), token(header, CLAIMS, Arrays.copyOf(signature, 63)));
    refused(publicKey(ED.getPublic()), token(header, CLAIMS, Arrays.copyOf(signature, 65)));
    refused(publicKey(ED.getPublic()), token(header, CLAIMS, new byte[64]));
    refused(publicKey(ED.getPublic()), token(header, CLAIMS.replace("u42", "u43"), signature));
    refused(publicKey(keyPair("Ed25519").getPublic()), token(header, CLAIMS, signature));
    refused(publicKey(RSA.getPublic()), token(header, CLAIMS, signature));
    refused(secret(), token(header, CLAIMS, signature));
  }

  @Test
  void anotherCurveIsRefusedAtTheStart() {
    KeyPair ed448 = keyPair("Ed448");
    assertThrows(IllegalArgumentException.class, () -> publicKey(ed448.getPublic()));
  }

  @Test
  void anEd25519KeyOfAKeySetIsChosenByItsIdAmongOthers() throws Exception {
    OctetKeyPair ed =
        new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw(ED.getPublic())))
            .keyID("ed")
            .build();
    OctetKeyPair broken =
        new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(new byte[5])).keyID("ed").build();
    ECKey ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    byte[] body = new JWKSet(List.of(ec, broken, ed)).toString().getBytes(StandardCharsets.UTF_8);
    HttpServer keys =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    keys.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    keys.start();
    try {
      JwtAuthenticator authenticator =
          JwtAuthenticator.jwks(URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/"))
              .clock(InstantSource.fixed(NOW))
              .build();
      String header = "{'alg':'EdDSA','kid':'ed'}";
      byte[] signature = sign("Ed25519", ED.getPrivate(), header, CLAIMS);
      assertEquals("u42", user(authenticator, token(header, CLAIMS, signature)));
      refused(authenticator, token("{'alg':'ES256','kid':'ed'}", CLAIMS, signature));
      refused(authenticator, token("{'alg':'EdDSA','kid':'ec'}", CLAIMS, signature));
    } finally {
      keys.stop(0);
    }
  }

  @Test
  void aKeySetThatBecomesUnreadableCountsOnAndOneThatNeverWasIsNoRefusal() throws Exception {
    OctetKeyPair ed =
        new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(raw(ED.getPublic()))).build();
    byte[] body = new JWKSet(ed).toString().getBytes(StandardCharsets.UTF_8);
    HttpServer keys =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    keys.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    keys.start();
    URI url = URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/");
    JwtAuthenticator known = JwtAuthenticator.jwks(url).clock(InstantSource.fixed(NOW)).build();
    String header = "{'alg':'EdDSA'}";
    String good = token(header, CLAIMS, sign("Ed25519", ED.getPrivate(), header, CLAIMS));
    assertEquals("u42", user(known, good));
    keys.stop(0);
    JwtAuthenticator never = JwtAuthenticator.jwks(url).clock(InstantSource.fixed(NOW)).build();
    ChatException away = assertThrows(ChatException.class, () -> user(never, good));
    assertEquals(503, away.code().httpStatus());
    assertFalse(away.retryAfter().isZero());
    assertFalse(away.isUnrecognized(), "a chain does not go on to somebody else");
    assertEquals("u42", user(known, good));
    String other = "{'alg':'EdDSA','kid':'fresh'}";
    assertThrows(
        ChatException.class,
        () -> user(known, token(other, CLAIMS, sign("Ed25519", ED.getPrivate(), other, CLAIMS))));
    assertEquals("u42", user(known, good), "known keys count on");
  }

  @Test
  void inAChainOnlyWhatIsForeignIsLeftToTheOthers() throws Exception {
    JwtAuthenticator authenticator =
        JwtAuthenticator.secret(SECRET.getBytes(StandardCharsets.UTF_8))
            .issuer("https://id")
            .clock(InstantSource.fixed(NOW))
            .build();
    String ours = CLAIMS.replace("}", ",'iss':'https://id'}");
    String theirs = CLAIMS.replace("}", ",'iss':'https://other'}");
    String header = "{'alg':'HS256'}";
    byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
    assertEquals("u42", user(authenticator, token(header, ours, hmac(header, ours, secret))));
    assertFalse(refused(authenticator, token(header, ours, new byte[32])).isUnrecognized());
    assertTrue(refused(authenticator, token(header, theirs, new byte[32])).isUnrecognized());
    assertTrue(refused(authenticator, "no-token-of-this-kind").isUnrecognized());
    assertTrue(refused(authenticator, "").isUnrecognized());
    // Encrypted: five parts.
    String header5 = encode("{'alg':'dir','enc':'A256GCM'}") + "..YWJj.YWJj.YWJj";
    assertTrue(refused(authenticator, header5).isUnrecognized());
    refused(secret(), header5);
  }

  private static byte[] raw(PublicKey ed25519) {
    byte[] encoded = ed25519.getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
  }
}
