package dev.roomcast.tyrus;

import javax.net.ssl.SSLEngine;
import org.glassfish.grizzly.ssl.SSLEngineConfigurator;

/**
 * Gives Grizzly an engine for each handshake, with the certificate that is in force at that moment.
 * Thread-safe.
 */
final class TlsEngines extends SSLEngineConfigurator {

  private final TlsFiles files;

  TlsEngines(TlsFiles files) {
    this.files = files;
    setClientMode(false);
  }

  @Override
  public SSLEngine createSSLEngine() {
    return files.engine();
  }

  @Override
  public SSLEngine createSSLEngine(String peerHost, int peerPort) {
    return files.engine();
  }

  @Override
  public SSLEngineConfigurator copy() {
    return new TlsEngines(files);
  }
}
