package dev.roomcast.tyrus;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.health.HealthReport;
import com.nimbusds.jose.util.health.HealthStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that tokens are checked with, and the algorithms that go with them: never both those of
 * a secret and those of public keys.
 *
 * <p>Immutable, but for what its source remembers; thread-safe.
 */
final class JwtKeys {

  private static final Logger log = LoggerFactory.getLogger("roomcast.auth");
  private static final int MIN_SECRET = 32;
  private static final int MIN_RSA_BITS = 2_048;
  private static final int HTTP_MILLIS = 2_000;
  private static final int MAX_KEY_SET = 1 << 20;
  private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
  private static final Set<JWSAlgorithm> SHARED =
      Set.of(JWSAlgorithm.HS256, JWSAlgorithm.HS384, JWSAlgorithm.HS512);
  private static final Set<JWSAlgorithm> PUBLIC =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.EdDSA,
          JWSAlgorithm.Ed25519);

  private final Set<JWSAlgorithm> algorithms;
  private final JWKSource<SecurityContext> source;
  private final BooleanSupplier available;

  private JwtKeys(
      Set<JWSAlgorithm> algorithms, JWKSource<SecurityContext> source, BooleanSupplier available) {
    this.algorithms = algorithms;
    this.source = source;
    this.available = available;
  }

  static JwtKeys secret(byte[] secret) {
    if (secret.length < MIN_SECRET) {
      throw new IllegalArgumentException(
          "a secret of at least " + MIN_SECRET + " bytes expected, got " + secret.length);
    }
    if (PEM.matcher(new String(secret, StandardCharsets.ISO_8859_1)).find()) {
      throw new IllegalArgumentException("a secret expected, got a key or certificate in PEM");
    }
    return local(SHARED, List.of(new OctetSequenceKey.Builder(secret).build()));
  }

  static JwtKeys secretFile(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r')) {
      end--;
    }
    return secret(Arrays.copyOf(bytes, end));
  }

  static JwtKeys publicKeyFile(Path file) throws IOException {
    Matcher blocks = PEM.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    List<JWK> keys = new ArrayList<>();
    while (blocks.find()) {
      byte[] bytes = Base64.getMimeDecoder().decode(blocks.group(2));
      try {
        keys.add(jwk(publicKey(blocks.group(1), bytes)));
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("a " + blocks.group(1) + " that cannot be read", e);
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("a PUBLIC KEY or CERTIFICATE in PEM expected");
    }
    return local(PUBLIC, keys);
  }

  private static PublicKey publicKey(String kind, byte[] bytes) throws GeneralSecurityException {
    if (kind.equals("CERTIFICATE")) {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(bytes))
          .getPublicKey();
    } else if (!kind.equals("PUBLIC KEY")) {
      throw new IllegalArgumentException(
          "a PUBLIC KEY or CERTIFICATE in PEM expected, got a " + kind);
    }
    InvalidKeySpecException problem = new InvalidKeySpecException("a kind that is not known");
    for (String algorithm : List.of("RSA", "EC", Ed25519.NAME)) {
      try {
        return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(bytes));
      } catch (InvalidKeySpecException e) {
        problem = e;
      }
    }
    throw problem;
  }

  private static JWK jwk(PublicKey key) {
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= MIN_RSA_BITS) {
      return new RSAKey.Builder(rsa).build();
    } else if (key instanceof ECPublicKey ec) {
      Curve curve = Curve.forECParameterSpec(ec.getParams());
      if (curve != null) {
        return new ECKey.Builder(curve, ec).build();
      }
    } else if (key instanceof EdECPublicKey ed && ed.getParams().getName().equals(Ed25519.NAME)) {
      return Ed25519.jwk(ed);
    }
    throw new IllegalArgumentException(
        "a key of RSA with 2,048 bits or more, or of P-256, P-384, P-521 or Ed25519 expected");
  }

  private static JwtKeys local(Set<JWSAlgorithm> algorithms, List<JWK> keys) {
    return new JwtKeys(algorithms, new ImmutableJWKSet<>(new JWKSet(keys)), () -> true);
  }

  static JwtKeys jwks(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
    boolean safe = scheme.equals("https") || scheme.equals("http") && THIS_MACHINE.contains(host);
    if (!safe || host.isEmpty()) {
      // Who can change the answer on its way can sign tokens.
      throw new IllegalArgumentException("a URL with https expected; http on this machine only");
    }
    AtomicBoolean healthy = new AtomicBoolean(true);
    try {
      JWKSource<SecurityContext> source =
          JWKSourceBuilder.<SecurityContext>create(
                  url.toURL(), new DefaultResourceRetriever(HTTP_MILLIS, HTTP_MILLIS, MAX_KEY_SET))
              .retrying(true)
              .healthReporting(report -> tell(report, healthy))
              .outageTolerant(TimeUnit.HOURS.toMillis(4))
              .build();
      return new JwtKeys(PUBLIC, source, healthy::get);
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("a URL with https expected", e);
    }
  }

  private static void tell(HealthReport<?, ?> report, AtomicBoolean healthy) {
    boolean now = report.getHealthStatus() == HealthStatus.HEALTHY;
    if (healthy.getAndSet(now) == now) {
      return;
    } else if (now) {
      log.info("the keys that tokens are checked with can be read again");
    } else {
      log.warn(
          "the keys that tokens are checked with cannot be read: those known count for 4 hours, "
              + "without any nobody can connect; look at their server: {}",
          String.valueOf(report.getException().getMessage()));
    }
  }

  Set<JWSAlgorithm> algorithms() {
    return algorithms;
  }

  JWKSource<SecurityContext> source() {
    return source;
  }

  /** Whether the keys could be read the last time. */
  boolean available() {
    return available.getAsBoolean();
  }
}
