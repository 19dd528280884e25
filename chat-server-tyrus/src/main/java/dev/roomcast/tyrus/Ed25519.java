package dev.roomcast.tyrus;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jca.JCAContext;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Signatures with Ed25519 (RFC 8037) by the JDK's own means: the library would want another one for
 * them, and does not turn their keys into Java's. Stateless.
 */
final class Ed25519 {

  static final String NAME = "Ed25519";

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

  /** What comes before the 32 bytes of a public key in its X.509 form. */
  private static final byte[] PREFIX = {
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00
  };

  private static final int KEY_BYTES = 32;
  private static final int SIGNATURE_BYTES = 64;

  private Ed25519() {}

  static JWK jwk(EdECPublicKey key) {
    byte[] encoded = key.getEncoded();
    byte[] bytes = Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
    return new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(bytes)).build();
  }

  private static @Nullable PublicKey key(JWK jwk) {
    if (!(jwk instanceof OctetKeyPair pair) || !pair.getCurve().equals(Curve.Ed25519)) {
      return null;
    }
    byte[] bytes = pair.getDecodedX();
    byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + bytes.length);
    System.arraycopy(bytes, 0, encoded, PREFIX.length, bytes.length);
    try {
      return KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  /** Chooses keys as the library does, and those of this curve too. Thread-safe. */
  static final class KeySelector extends JWSVerificationKeySelector<SecurityContext> {
    KeySelector(Set<JWSAlgorithm> algorithms, JWKSource<SecurityContext> source) {
      super(algorithms, source);
    }

    @Override
    public List<Key> selectJWSKeys(JWSHeader header, @Nullable SecurityContext context)
        throws KeySourceException {
      if (!ALGORITHMS.contains(header.getAlgorithm()) || !isAllowed(header.getAlgorithm())) {
        return super.selectJWSKeys(header, context);
      }
      List<Key> keys = new ArrayList<>();
      JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
      for (JWK jwk : getJWKSource().get(new JWKSelector(matcher), context)) {
        PublicKey key = key(jwk);
        if (key != null) {
          keys.add(key);
        }
      }
      return keys;
    }
  }

  /** Makes the library's verifiers, and that of this curve. Thread-safe. */
  static final class Verifiers implements JWSVerifierFactory {
    private final DefaultJWSVerifierFactory others = new DefaultJWSVerifierFactory();

    @Override
    public JWSVerifier createJWSVerifier(JWSHeader header, Key key) throws JOSEException {
      return key instanceof EdECPublicKey ed
          ? new Verifier(ed)
          : others.createJWSVerifier(header, key);
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
      return others.supportedJWSAlgorithms();
    }

    @Override
    public JCAContext getJCAContext() {
      return others.getJCAContext();
    }
  }

  /** Checks signatures with one key. Immutable. */
  private record Verifier(EdECPublicKey key) implements JWSVerifier {
    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature)
        throws JOSEException {
      Set<String> critical = header.getCriticalParams();
      if (critical != null && !critical.isEmpty()) {
        return false; // nothing that must be understood is understood here
      }
      byte[] bytes = signature.decode();
      if (bytes.length != SIGNATURE_BYTES) {
        return false; // the JDK takes one that is followed by zeros
      }
      try {
        Signature check = Signature.getInstance(NAME);
        check.initVerify(key);
        check.update(signed);
        return check.verify(bytes);
      } catch (SignatureException e) {
        return false; // not even of the right form
      } catch (GeneralSecurityException e) {
        throw new JOSEException("this JVM has no " + NAME, e);
      }
    }

    @Override
    public Set<JWSAlgorithm> supportedJWSAlgorithms() {
      return ALGORITHMS;
    }

    @Override
    public JCAContext getJCAContext() {
      return new JCAContext();
    }
  }
}
