package dev.roomcast.tyrus;

import org.jspecify.annotations.Nullable;

/**
 * What an HTTP request says to Roomcast, whichever container brought it. Implementations are
 * thread-safe.
 */
interface RequestView {

  /** A header's value, several joined by commas; null when there is none. */
  @Nullable String header(String name);

  /** The query string as it came; null or empty when there is none. */
  @Nullable String query();

  /** The room in the path, percent-encoded as it came; null when the path names none. */
  @Nullable String room();

  /**
   * The client's address, for logs and limits; {@code unknown} where the container does not tell.
   */
  String remoteAddress();
}
