package dev.roomcast.tyrus;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for tests, and clients who trust them. Stateless. */
final class TestTls {

  private TestTls() {}

  /** A file of the test's resources. */
  static Path file(String name) {
    return Path.of("src/test/resources/dev/roomcast/tyrus/tls", name);
  }

  /** What the servers of tests use. */
  static TlsFiles files() throws IOException {
    return TlsFiles.read(file("one.pem"), file("one.key"));
  }

  /** A client that trusts both certificates, and remembers no session. */
  static SSLContext client() {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (String name : new String[] {"one", "two"}) {
        try (InputStream in =
            Objects.requireNonNull(TestTls.class.getResourceAsStream("tls/" + name + ".pem"))) {
          trusted.setCertificateEntry(
              name, CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Speaks TLS on a socket that is connected. */
  static SSLSocket over(Socket socket) throws IOException {
    return (SSLSocket)
        client().getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true);
  }

  /** The name in the certificate that a server shows to a new client. */
  static String nameShown(String host, int port) throws IOException {
    try (SSLSocket socket = over(new Socket(host, port))) {
      socket.startHandshake();
      return socket.getSession().getPeerPrincipal().getName();
    }
  }
}
