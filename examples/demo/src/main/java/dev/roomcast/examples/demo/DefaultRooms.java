package dev.roomcast.examples.demo;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.RoomSettings;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rooms that the page shows to everybody: created, so that they stay also when empty.
 * Stateless.
 */
final class DefaultRooms {

  private static final Logger log = LoggerFactory.getLogger(DefaultRooms.class);
  private static final List<String> NAMES = List.of("general", "random", "help");
  private static final RoomSettings.Change PUBLIC = new RoomSettings.Change(false, null, null);
  private static final int RETRY_SECONDS = 2;

  private DefaultRooms() {}

  /** Creates those that are not there yet; when the store is away, later. */
  static void create(ChatNode chat) {
    NAMES.forEach(name -> create(chat, name));
  }

  private static void create(ChatNode chat, String name) {
    chat.room(name)
        .create(PUBLIC)
        .whenComplete(
            (created, failure) -> {
              ErrorCode code = failure == null ? null : ChatException.of(failure).code();
              if (code == ErrorCode.UNAVAILABLE) {
                CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS)
                    .execute(() -> create(chat, name));
              } else if (code != null && code != ErrorCode.ROOM_EXISTS) {
                log.warn("room {} could not be created", name, failure);
              }
            });
  }
}
