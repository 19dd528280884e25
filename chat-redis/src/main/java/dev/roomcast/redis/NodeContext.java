package dev.roomcast.redis;

import dev.roomcast.chat.BackendListener;
import dev.roomcast.chat.Retention;
import java.util.concurrent.ScheduledExecutorService;

/** What the parts of a started backend share. Immutable. */
record NodeContext(
    String node,
    RedisOptions options,
    Keys keys,
    Epochs epochs,
    Retention retention,
    ScheduledExecutorService timer,
    BackendListener listener) {

  /** A name of threads, and of connections in the server's list. */
  String name(String purpose) {
    return "roomcast-" + purpose + "-" + Keys.encode(node);
  }
}
