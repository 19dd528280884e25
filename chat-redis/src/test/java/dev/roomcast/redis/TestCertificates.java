package dev.roomcast.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;

/**
 * An authority that issues certificates for tests, as PEM files in a folder: {@code ca.crt}, and
 * {@code NAME.crt} and {@code NAME.key}. Confined to the test's thread.
 */
final class TestCertificates {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final byte[] ECDSA_SHA256 = oid(0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02);
  private static final byte[] COMMON_NAME = oid(0x55, 0x04, 0x03);
  private static final byte[] SUBJECT_ALT_NAME = oid(0x55, 0x1D, 0x11);
  private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1D, 0x13);

  private final Path folder;
  private final KeyPair authority;
  private long serial;

  TestCertificates(Path folder) throws GeneralSecurityException, IOException {
    this.folder = folder;
    this.authority = keys();
    byte[] isAuthority = extension(BASIC_CONSTRAINTS, der(0x30, der(0x01, new byte[] {-1})));
    byte[] certificate = certificate("ca", "ca", authority, Duration.ofDays(1), isAuthority);
    Files.writeString(file("ca.crt"), pem("CERTIFICATE", certificate));
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /** Issues a certificate for a host; one that ends in the past has expired. */
  void issue(String name, String host, Duration lasts)
      throws GeneralSecurityException, IOException {
    KeyPair keys = keys();
    byte[] names = der(0x30, der(0x82, host.getBytes(StandardCharsets.US_ASCII)));
    byte[] certificate = certificate(name, "ca", keys, lasts, extension(SUBJECT_ALT_NAME, names));
    Files.writeString(file(name + ".crt"), pem("CERTIFICATE", certificate));
    Files.writeString(file(name + ".key"), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
  }

  private static KeyPair keys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private byte[] certificate(
      String subject, String issuer, KeyPair keys, Duration lasts, byte[] extension)
      throws GeneralSecurityException {
    Instant from = Instant.now().minus(Duration.ofDays(10));
    byte[] algorithm = der(0x30, ECDSA_SHA256);
    byte[] body =
        der(
            0x30,
            der(0xA0, der(0x02, new byte[] {2})),
            der(0x02, BigInteger.valueOf(++serial).toByteArray()),
            algorithm,
            name(issuer),
            der(0x30, time(from), time(Instant.now().plus(lasts))),
            name(subject),
            keys.getPublic().getEncoded(),
            der(0xA3, der(0x30, extension)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(authority.getPrivate());
    signature.update(body);
    return der(0x30, body, algorithm, der(0x03, new byte[] {0}, signature.sign()));
  }

  private static byte[] extension(byte[] id, byte[] value) {
    return der(0x30, id, der(0x04, value));
  }

  private static byte[] name(String name) {
    byte[] text = der(0x0C, name.getBytes(StandardCharsets.UTF_8));
    return der(0x30, der(0x31, der(0x30, COMMON_NAME, text)));
  }

  private static byte[] time(Instant time) {
    return der(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] oid(int... bytes) {
    byte[] value = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      value[i] = (byte) bytes[i];
    }
    return der(0x06, value);
  }

  private static byte[] der(int tag, byte[]... contents) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : contents) {
      content.writeBytes(part);
    }
    int length = content.size();
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.write(tag);
    if (length > 255) {
      value.write(0x82);
      value.write(length >> 8);
    } else if (length > 127) {
      value.write(0x81);
    }
    value.write(length & 0xFF);
    value.writeBytes(content.toByteArray());
    return value.toByteArray();
  }

  private static String pem(String kind, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(bytes), kind);
  }
}
