package dev.roomcast.redis;

import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a node listens to, and the reads of logs on the same connections. Thread-safe. */
interface Listening {

  /** Subscribes, and reads on the same connection right after it: the answer is the fence. */
  CompletableFuture<History> subscribe(String room, HistoryQuery query);

  void unsubscribe(String room);

  /** Reads a log; the answer comes after everything that was announced before. */
  CompletableFuture<History> history(String room, HistoryQuery query);

  /** The rooms that are listened to. */
  List<String> rooms();

  /** Sends canaries the whole way that announcements take. */
  CompletableFuture<Duration> probe();
}
