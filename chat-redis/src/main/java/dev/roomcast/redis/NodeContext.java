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

  /** What a connection for commands is for. */
  RedisConnection.Purpose commands(String of) {
    return new RedisConnection.Purpose(name("redis") + of, false, 0);
  }

  /** What a connection is for on which messages are logged, when replicas must have them. */
  RedisConnection.Purpose logging(String of) {
    return new RedisConnection.Purpose(name("log") + of, false, options.waitReplicas());
  }

  /** A name of threads, and of connections in the server's list. */
  String name(String purpose) {
    return "roomcast-" + purpose + "-" + Keys.encode(node);
  }
}
