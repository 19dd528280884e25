package dev.roomcast.tyrus;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a server's certificates and key out of PEM, and says what is wrong with them. Stateless.
 */
final class PemFiles {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1");
  private static final byte[] PROBE = "roomcast".getBytes(StandardCharsets.US_ASCII);
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final byte[] VERSION = {0x02, 0x01, 0x00};

  private PemFiles() {}

  /**
   * The certificates of a chain, the server's own first.
   *
   * @throws IllegalArgumentException when there is none, or it is not valid now
   */
  static X509Certificate[] certificates(Path file, byte[] pem, InstantSource clock) {
    X509Certificate[] chain;
    try {
      chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .toArray(new X509Certificate[0]);
    } catch (CertificateException e) {
      throw new IllegalArgumentException(file + ": certificates in PEM expected", e);
    }
    if (chain.length == 0) {
      throw new IllegalArgumentException(file + ": certificates in PEM expected");
    }
    Instant now = clock.instant();
    Instant from = chain[0].getNotBefore().toInstant();
    Instant until = chain[0].getNotAfter().toInstant();
    if (now.isAfter(until)) {
      throw new IllegalArgumentException(file + ": the certificate expired at " + until);
    } else if (now.isBefore(from)) {
      throw new IllegalArgumentException(file + ": the certificate is not valid before " + from);
    }
    return chain;
  }

  /**
   * The private key that belongs to a certificate.
   *
   * @throws IllegalArgumentException when there is none, or another's
   */
  static PrivateKey key(Path file, byte[] pem, Certificate certificate) {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    if (text.contains("ENCRYPTED")) {
      throw new IllegalArgumentException(
          file + ": the key is encrypted; \"openssl pkey\" writes it without a password");
    }
    Matcher found = KEY.matcher(text);
    if (!found.find()) {
      throw new IllegalArgumentException(file + ": a private key in PEM expected");
    }
    PublicKey other = certificate.getPublicKey();
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(found.group(2));
      if (!found.group(1).equals("PRIVATE KEY")) {
        bytes = pkcs8(bytes, other);
      }
      PrivateKey key =
          KeyFactory.getInstance(other.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(bytes));
      if (belong(key, other)) {
        return key;
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + ": no " + other.getAlgorithm() + " key, as the certificate has", e);
    }
    throw new IllegalArgumentException(file + ": the key of another certificate");
  }

  private static boolean belong(PrivateKey key, PublicKey other) throws GeneralSecurityException {
    String name =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm(); // Ed25519 and its like have one way to sign
        };
    Signature signature = Signature.getInstance(name);
    signature.initSign(key);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(other);
    signature.update(PROBE);
    return signature.verify(signed);
  }

  /**
   * Wraps a key as OpenSSL wrote it for long (PKCS#1, SEC 1) in the form that Java reads: the
   * algorithm with its parameters is the same as in the certificate's public key.
   */
  private static byte[] pkcs8(byte[] key, PublicKey other) {
    byte[] info = other.getEncoded(); // SEQUENCE { algorithm SEQUENCE, BIT STRING }
    int algorithm = contentAt(info, 0);
    int end = contentAt(info, algorithm) + length(info, algorithm);
    return element(
        SEQUENCE, VERSION, Arrays.copyOfRange(info, algorithm, end), element(OCTETS, key));
  }

  /** Where the content of the DER element at an index begins. */
  private static int contentAt(byte[] der, int at) {
    return at + 2 + (der[at + 1] < 0 ? der[at + 1] & 0x7f : 0);
  }

  private static int length(byte[] der, int at) {
    int length = der[at + 1];
    if (length < 0) {
      int bytes = length & 0x7f;
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = length << 8 | der[at + 2 + i] & 0xff;
      }
    }
    return length;
  }

  private static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    int length = content.size();
    if (length < 0x80) {
      element.write(length);
    } else if (length < 0x100) {
      element.write(0x81);
      element.write(length);
    } else {
      element.write(0x82);
      element.write(length >> 8);
      element.write(length);
    }
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }
}
