package dev.roomcast.examples.demo;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.chat.RoomManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DefaultRoomsTest {

  private final Backend backend = Backend.inMemory();

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private List<String> rooms() throws Exception {
    return get(backend.rooms().rooms("", "", 100)).rooms().stream()
        .map(RoomManager.RoomInfo::room)
        .toList();
  }

  @Test
  void theyStayWhenAnotherRoomIsEndedForBeingIdle() throws Exception {
    try (backend;
        ChatNode chat = ChatNode.builder(backend).start()) {
      DefaultRooms.create(chat);
      DefaultRooms.create(chat);
      await().until(() -> rooms().size() == 3);
      for (String room : List.of("general", "stray")) {
        get(chat.room(room).publish("said", Json.of("text", "hi")));
      }
      await()
          .untilAsserted(
              () -> {
                List<String> ended = new ArrayList<>();
                String after = "";
                while (after != null) {
                  RoomManager.Idle found =
                      get(backend.rooms().endIdle(Duration.ofMillis(1), after, 64));
                  ended.addAll(found.ended());
                  after = found.next();
                }
                assertEquals(List.of("stray"), ended);
              });
      assertEquals(List.of("general", "help", "random"), rooms());
    }
  }
}
