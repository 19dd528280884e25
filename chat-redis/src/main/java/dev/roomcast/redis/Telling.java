package dev.roomcast.redis;

import dev.roomcast.chat.Ack;
import dev.roomcast.chat.Draft;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Hands things to the nodes of users. Thread-safe. */
interface Telling {

  /** Hands something to the nodes on which a user has a connected session. */
  CompletableFuture<Void> tell(String user, byte[] payload);

  /** The keys of a conversation's user that the script of a batch needs besides the room's. */
  List<String> keys(String user);

  /**
   * Does what the script of a batch could not: the conversation's users find it, and their nodes
   * hear of it. May be repeated.
   *
   * @param users with their names
   * @param lasts how long a conversation is found
   */
  CompletableFuture<Void> logged(
      String room,
      Map<String, String> users,
      List<Draft> drafts,
      List<@Nullable Ack> acks,
      Duration lasts);
}
