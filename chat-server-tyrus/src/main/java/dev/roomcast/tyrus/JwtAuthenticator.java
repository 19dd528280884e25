package dev.roomcast.tyrus;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import dev.roomcast.chat.Authenticator;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.Credential;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.User;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in who has a signed JSON Web Token: the user's id is its {@code sub}, the name its {@code
 * name}, else the id; the connection ends with its {@code exp}.
 *
 * <pre>{@code
 * Authenticator tokens =
 *     JwtAuthenticator.jwks(URI.create("https://id.example/.well-known/jwks.json"))
 *         .issuer("https://id.example")
 *         .audience("chat")
 *         .build();
 * }</pre>
 *
 * <p>In a {@linkplain Authenticator#chain chain} it leaves to the others what is no JWT, and when
 * it has an issuer, tokens of another.
 *
 * <p>It needs {@code com.nimbusds:nimbus-jose-jwt}, an optional dependency. The keys decide which
 * algorithms are accepted: a secret HS256, HS384 and HS512 (as long as the secret is long enough
 * for them), public keys RS, PS, ES and EdDSA (Ed25519), so no token can choose a weaker one.
 * Tokens are never logged. Thread-safe.
 */
public final class JwtAuthenticator implements Authenticator.Expiring {

  private static final Logger log = LoggerFactory.getLogger("roomcast.auth");
  private static final int MAX_LENGTH = 8 * 1_024;

  private final JwtKeys keys;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
  private final Duration clockSkew;
  private final @Nullable String issuer;

  private JwtAuthenticator(Builder builder) {
    keys = builder.keys;
    clockSkew = builder.clockSkew;
    issuer = builder.issuer;
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWSKeySelector(new Ed25519.KeySelector(keys.algorithms(), keys.source()));
    processor.setJWSVerifierFactory(new Ed25519.Verifiers());
    processor.setJWTClaimsSetVerifier(new Claims(builder));
  }

  /**
   * Returns a builder for tokens that are signed with a shared secret.
   *
   * @throws IllegalArgumentException when it is shorter than 32 bytes, or a PEM key, which is known
   *     to others
   */
  public static Builder secret(byte[] secret) {
    return new Builder(JwtKeys.secret(secret));
  }

  /**
   * As {@link #secret}, from a file; a line break at its end does not belong to the secret.
   *
   * @throws IOException when it cannot be read
   */
  public static Builder secretFile(Path file) throws IOException {
    return new Builder(JwtKeys.secretFile(file));
  }

  /**
   * Returns a builder for tokens that are signed with the private part of one of these keys.
   *
   * @param file PEM: public keys or certificates, RSA of 2,048 bits or more, P-256, P-384, P-521 or
   *     Ed25519
   * @throws IOException when it cannot be read
   * @throws IllegalArgumentException when it has no such key, or another
   */
  public static Builder publicKeyFile(Path file) throws IOException {
    return new Builder(JwtKeys.publicKeyFile(file));
  }

  /**
   * Returns a builder for tokens that are signed with a key of this JSON Web Key Set. It is kept
   * for five minutes and read again when a token names a key that it has not, but not more than
   * about twice in 30 seconds; when it cannot be read, the last one counts for four hours.
   *
   * @throws IllegalArgumentException when it is not {@code https}, or {@code http} on this machine
   */
  public static Builder jwks(URI url) {
    return new Builder(JwtKeys.jwks(url));
  }

  /** Returns who the request's bearer token was given to, and when that ends. */
  @Override
  public Credential verify(ConnectRequest request) {
    String token = request.bearerToken();
    if (token == null || token.isEmpty()) {
      throw ChatException.unrecognized(
          "token: missing, a JWT expected in Authorization: Bearer, the query's token, or the"
              + " subprotocol bearer.TOKEN");
    } else if (token.length() > MAX_LENGTH) {
      throw unauthorized("over " + MAX_LENGTH + " bytes");
    }
    JWTClaimsSet claims = claims(read(token));
    Date end = claims.getExpirationTime();
    Instant expires = end == null ? null : end.toInstant().plus(clockSkew);
    return new Credential(user(claims), expires);
  }

  /** Tells a token that others may know from one that is for this authenticator to judge. */
  private JWT read(String token) {
    try {
      JWT jwt = JWTParser.parse(token);
      // Nobody has vouched for this yet, but whoever takes the token will check it.
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      if (issuer == null || claims != null && issuer.equals(claims.getIssuer())) {
        return jwt;
      }
    } catch (ParseException e) {
      log.debug("a token was refused, it is no JWT");
    }
    throw ChatException.unrecognized("token: not valid here");
  }

  private JWTClaimsSet claims(JWT token) {
    try {
      return processor.process(token, null);
    } catch (ExpiredJWTException e) {
      throw unauthorized("expired");
    } catch (RateLimitReachedException e) {
      // So many unknown keys were asked for that the set is not read again now.
      throw keys.available() ? refused(e) : unavailable();
    } catch (KeySourceException e) {
      throw unavailable();
    } catch (BadJOSEException | JOSEException e) {
      throw refused(e);
    }
  }

  private static ChatException unavailable() {
    return ChatException.retryLater(
        ErrorCode.UNAVAILABLE, "tokens cannot be checked now", Duration.ofSeconds(2));
  }

  private static ChatException refused(Exception why) {
    // The message may have parts of the token.
    log.debug("a token was refused: {}", why.getClass().getSimpleName());
    return unauthorized("not valid here");
  }

  private static ChatException unauthorized(String problem) {
    return new ChatException(ErrorCode.UNAUTHORIZED, "token: " + problem);
  }

  private static User user(JWTClaimsSet claims) {
    String id = Objects.requireNonNullElse(claims.getSubject(), "");
    User nameless;
    try {
      nameless = new User(id, id);
    } catch (ChatException e) {
      throw unauthorized("sub: 1 to 128 bytes without control characters expected");
    }
    if (claims.getClaim("name") instanceof String name) {
      try {
        return new User(id, name);
      } catch (ChatException e) {
        return nameless;
      }
    }
    return nameless;
  }

  /** What a token must say. */
  private static final class Claims extends DefaultJWTClaimsVerifier<SecurityContext> {
    private final InstantSource clock;

    Claims(Builder builder) {
      super(
          builder.audience,
          builder.issuer == null ? null : new JWTClaimsSet.Builder().issuer(builder.issuer).build(),
          builder.required,
          null);
      clock = builder.clock;
      setMaxClockSkew(Math.toIntExact(builder.clockSkew.toSeconds()));
    }

    @Override
    protected Date currentTime() {
      return Date.from(clock.instant());
    }
  }

  /** Collects what tokens must have. Confined to one thread. */
  public static final class Builder {
    private static final Duration MAX_SKEW = Duration.ofMinutes(10);

    private final JwtKeys keys;
    private Set<String> required = Set.of("sub", "exp");
    private @Nullable Set<String> audience;
    private @Nullable String issuer;
    private Duration clockSkew = Duration.ofSeconds(30);
    private InstantSource clock = InstantSource.system();

    private Builder(JwtKeys keys) {
      this.keys = keys;
    }

    /** Accepts tokens of this {@code iss} only; without it, of any. */
    public Builder issuer(String value) {
      issuer = Objects.requireNonNull(value, "issuer");
      return this;
    }

    /** Accepts tokens that have one of these as {@code aud} only; without it, any. */
    public Builder audience(String... values) {
      audience = Set.of(values);
      return this;
    }

    /**
     * Sets how far clocks may be apart, default 30 s: a token counts so much longer.
     *
     * @throws IllegalArgumentException when it is negative or over ten minutes
     */
    public Builder clockSkew(Duration value) {
      if (value.isNegative() || value.compareTo(MAX_SKEW) > 0) {
        throw new IllegalArgumentException("clockSkew must be 0 to 10 minutes, but is " + value);
      }
      clockSkew = value;
      return this;
    }

    /**
     * Sets the claims that a token must have besides {@code sub}; default {@code exp}. Without
     * {@code exp} there may be tokens that never end.
     */
    public Builder requiredClaims(String... names) {
      Set<String> all = new HashSet<>(List.of(names));
      all.add("sub");
      required = Set.copyOf(all);
      return this;
    }

    /** For tests: time is theirs. */
    Builder clock(InstantSource value) {
      clock = value;
      return this;
    }

    /** Returns the authenticator. */
    public JwtAuthenticator build() {
      return new JwtAuthenticator(this);
    }
  }
}
