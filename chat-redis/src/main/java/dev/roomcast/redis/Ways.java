package dev.roomcast.redis;

import java.util.function.IntSupplier;

/** The connections of a node, to one server or to the masters of a cluster. Thread-safe. */
interface Ways extends AutoCloseable {

  Commands commands();

  /** Logs messages; answers when as many replicas have them as the options say. */
  Commands logging();

  Listening listening();

  RoomIndex index();

  Telling telling();

  Sessions sessions();

  /** How often a part of what is stored may have been lost, though the rest is there. */
  IntSupplier losses();

  /** Connects; what waits for a connection is told when there is one. */
  void start(Runnable onUp);

  /** Makes sure that silent servers are told from dead ones. */
  void ping();

  /** Does what has to be done every ten seconds. */
  void tidy();

  @Override
  void close();
}
