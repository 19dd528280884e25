package dev.roomcast.redis;

import java.io.IOException;
import java.util.function.Consumer;

/** Knows where the server is that a link is to connect to. Thread-safe. */
interface Endpoint extends AutoCloseable {

  /** Where it is now. May block for the timeout. */
  Address find() throws IOException;

  /**
   * Tells from now on where the server is whenever that is another place, though nobody asked.
   *
   * @param name of the thread that watches
   */
  default void watch(String name, Consumer<Address> moved) {}

  @Override
  default void close() {}

  /** What the options name, one server or what Sentinels know. */
  static Endpoint of(RedisOptions options) {
    if (options.kind() == RedisUrl.Kind.SENTINEL) {
      return new Sentinels(options);
    }
    Address only = options.hosts().get(0);
    return () -> only;
  }
}
