package dev.roomcast.examples.load;

import java.io.IOException;
import java.util.List;

/** The Redis of a chaos, and what can be done to it. Thread-safe. */
interface Store extends AutoCloseable {

  /** For {@code REDIS_URL}. */
  String url();

  /** Does what a fault of Redis is; when this returns it is over. */
  void suffer(Fault fault) throws IOException, InterruptedException;

  /** Cuts links that nodes have to it. */
  void killLinks(int count) throws IOException;

  /** The most bytes that one link had to wait for its reader, lately; 0 when it cannot be told. */
  long longestQueue() throws IOException;

  /** All keys. */
  List<String> keys() throws IOException;

  /** Whether a key would stay for ever. */
  boolean lasts(String key) throws IOException;

  /** Ends it at once. */
  @Override
  void close();
}
