package dev.roomcast.chat;

/**
 * One connection to a client, as its container provides it: the way out.
 *
 * <p>A session calls {@link #write} only when no write is in flight, so a transport needs no queue
 * of its own. All methods return at once, whatever the client does, and none throws: a broken
 * connection shows as a failed write and as {@link ClientSession#closed}. Implementations are
 * thread-safe.
 */
public interface Transport {

  /**
   * Writes a frame, which may be several joined ones (see {@link Frame#parts}).
   *
   * @return true when it has been handed to the operating system whole; {@code done} is not called
   *     then. False when it is under way: {@code done} is called once, from any thread
   */
  boolean write(Frame frame, WriteListener done);

  /**
   * Reads what a write that is about to come will need, and does nothing else.
   *
   * <p>On a node with little to do a member's objects have left the processor's caches when a
   * message finds them. Writes are barriers, so it would wait for those of one member after the
   * other; asked of many members before the first write, it fetches all of them at once.
   *
   * <p>It is a hint: it takes no lock and makes no call to the system, any thread may call it at
   * any time, and an implementation may do nothing.
   *
   * @return a number made of all that was read, which means nothing; what no result depends on is
   *     not read
   */
  default int lookAhead() {
    return 0;
  }

  /** Sends a WebSocket ping, if that can be done without waiting. */
  void ping();

  /**
   * Sends a close frame after the write in flight, then ends the connection; a client that does not
   * answer is cut off within seconds.
   */
  void close(int code, String reason);

  /** Cuts the connection now, without a word. */
  void abort();

  /** Stops reading from the client ({@code false}), or goes on ({@code true}). */
  void reading(boolean on);

  /** Told once when a write is over. */
  interface WriteListener {
    /**
     * The frame has been handed to the operating system ({@code true}), or the connection broke.
     */
    void written(boolean ok);
  }
}
