package dev.roomcast.tyrus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server proves who it is with: certificates and a key in two PEM files, which are read
 * again when they change. Connections that are there go on with what they began with.
 *
 * <pre>{@code
 * ChatServer.builder(chat).tls(TlsFiles.read(Path.of("chain.pem"), Path.of("key.pem")));
 * }</pre>
 *
 * <p>TLS 1.2 and 1.3. {@code seen} is what was read last, whether it was any good or not. Guarded
 * by "this"; thread-safe.
 */
public final class TlsFiles {

  private static final Logger log = LoggerFactory.getLogger(TlsFiles.class);
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final char[] NO_PASSWORD = new char[0];

  private final Path certificates;
  private final Path key;
  private final InstantSource clock;
  private @Nullable Contents seen;
  private volatile SSLContext context;

  /** What is in the files. Immutable, as nobody writes to it. */
  private record Contents(ByteBuffer certificates, ByteBuffer key) {}

  private TlsFiles(Path certificates, Path key, InstantSource clock) throws IOException {
    this.certificates = certificates;
    this.key = key;
    this.clock = clock;
    Contents contents = contents();
    context = context(contents);
    seen = contents;
  }

  /**
   * Reads the certificates, the server's own first and those between it and the root after it, and
   * the private key of the first: PKCS#8, PKCS#1 or SEC 1, without a password.
   *
   * @throws IOException when a file cannot be read
   * @throws IllegalArgumentException when they are not what is expected, have expired or do not
   *     belong together; the message names the file
   */
  public static TlsFiles read(Path certificates, Path key) throws IOException {
    return read(certificates, key, InstantSource.system());
  }

  /** For tests: time is theirs. */
  static TlsFiles read(Path certificates, Path key, InstantSource clock) throws IOException {
    return new TlsFiles(certificates, key, clock);
  }

  /** Makes what speaks TLS on a new connection. */
  SSLEngine engine() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setUseCipherSuitesOrder(true);
    engine.setSSLParameters(parameters);
    return engine;
  }

  /**
   * Takes what is in the files, if that has changed. When it is no good the old goes on: the other
   * file may be about to change too.
   */
  synchronized void look() {
    try {
      Contents contents = contents();
      if (!contents.equals(seen)) {
        seen = contents;
        context = context(contents);
        log.info("the certificate has been read again from {}", certificates);
      }
    } catch (IOException | IllegalArgumentException e) {
      log.warn(
          "the certificate stays as it was, for its files cannot be read: {}. Mend them before it"
              + " expires; they are read again when they change",
          e.getMessage());
    }
  }

  private Contents contents() throws IOException {
    return new Contents(
        ByteBuffer.wrap(Files.readAllBytes(certificates)),
        ByteBuffer.wrap(Files.readAllBytes(key)));
  }

  private SSLContext context(Contents contents) {
    X509Certificate[] chain =
        PemFiles.certificates(certificates, contents.certificates().array(), clock);
    PrivateKey secret = PemFiles.key(key, contents.key().array(), chain[0]);
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry("roomcast", secret, NO_PASSWORD, chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext made = SSLContext.getInstance("TLS");
      made.init(keys.getKeyManagers(), null, null);
      return made;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(certificates + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "TlsFiles[" + certificates + "]";
  }
}
