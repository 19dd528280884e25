package dev.roomcast.redis;

import dev.roomcast.chat.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * Runs commands where their key is: on the one server, or on a master of a cluster. Thread-safe.
 */
interface Commands {

  /**
   * Sends a command; the answer is Redis's, or {@link ErrorCode#UNAVAILABLE}.
   *
   * @param key the key that it is about; all others are in the same slot
   */
  CompletableFuture<@Nullable Object> call(String key, CommandArguments command);

  /** Sends a command whose first argument is the key that it is about. */
  default CompletableFuture<@Nullable Object> call(Command command, String key, Object... rest) {
    CommandArguments arguments = new CommandArguments(command).add(key);
    for (Object argument : rest) {
      arguments.add(argument);
    }
    return call(key, arguments);
  }

  /**
   * Runs a script, in the order of the calls unless the server has forgotten its scripts, or the
   * keys have moved.
   *
   * @param keys one at least, all in one slot in a cluster
   * @param values among which {@link Script#RUN} may be
   */
  CompletableFuture<@Nullable Object> eval(Script script, List<String> keys, Object... values);

  /** Publishes to a channel. */
  CompletableFuture<@Nullable Object> announce(String channel, byte[] payload);

  /** Runs what calls several times; those commands may leave together, when it is over. */
  default void inOneGo(Runnable calls) {
    calls.run();
  }

  /** Whether there is a connection to where the key is. */
  boolean isUp(String key);

  /** Since when there is none, by {@link System#nanoTime}; of meaning only while there is none. */
  long downSince(String key);
}
