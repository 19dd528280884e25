package dev.roomcast.tyrus;

/**
 * A request to switch to WebSocket, whichever way it was read: by Grizzly, or by {@link
 * UpgradeHead}. Implementations are as thread-safe as a {@link RequestView}.
 */
interface UpgradeRequest extends RequestView {

  String method();

  /** The path as it came, without the query. */
  String path();

  /** The values of all headers of a name, in their order. */
  Iterable<String> values(String name);
}
