package dev.roomcast.chat;

/**
 * The three interfaces of one store, bundled: what nodes share.
 *
 * <p>A backend serves one node. Nodes of one process that share an in-memory backend get one each,
 * see {@link InMemoryBackend#join}. Whoever creates a backend closes it, after the node.
 * Thread-safe.
 */
public interface Backend extends AutoCloseable {

  /** Returns a backend that lives in this process, for one node; complete, and lost with it. */
  static InMemoryBackend inMemory() {
    return new InMemoryBackend();
  }

  /**
   * Begins to work for a node. Called once, by {@link ChatNode}, before anything else. It returns
   * also when the store cannot be reached: operations then end with {@code unavailable}, until it
   * can.
   *
   * @param node the node's id, unique among all nodes that ever were
   * @param limits for retention, leases and presence
   * @param listener told of everything announced
   * @throws IllegalStateException when it was started before
   */
  void start(String node, Limits limits, BackendListener listener);

  /** What was said, and in which order. */
  Broker broker();

  /** Which rooms exist, and who is in them. */
  RoomManager rooms();

  /** What outlives a connection. */
  StateStore state();

  /**
   * Runs what reads from connections, on the calling thread. A backend may wait for its end before
   * it logs or announces what that thread published meanwhile, and may then do so on this thread:
   * few messages are delivered without waking another thread, and those that were read at once are
   * logged and leave together. So what reads must not wait for what it published.
   */
  default void whileReading(Runnable read) {
    read.run();
  }

  /** The backend in a few words without secrets, for logs: {@code redis://10.0.0.5:6379}. */
  String description();

  /** Ends the work and frees threads and connections. Idempotent; waits a few seconds at most. */
  @Override
  void close();
}
