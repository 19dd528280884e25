package dev.roomcast.tyrus;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The page at {@value #PATH}, in Prometheus's text format, for whoever reaches the port: it has no
 * user's data. Immutable.
 */
final class HttpMetrics {

  static final String PATH = "/metrics";
  static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<String> scrape;

  HttpMetrics(Supplier<String> scrape) {
    this.scrape = scrape;
  }

  byte[] page() {
    return scrape.get().getBytes(StandardCharsets.UTF_8);
  }
}
