package dev.roomcast.tyrus;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The application's own files, by path. Implementations are thread-safe. */
@FunctionalInterface
public interface StaticFiles {

  /**
   * Returns a file's bytes, or null when there is none.
   *
   * @param path begins with a slash, and has nothing in it but letters, digits, {@code _}, {@code
   *     -}, dots (never two) and slashes
   */
  byte @Nullable [] read(String path) throws IOException;
}
