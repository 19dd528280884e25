package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.chat.Admission;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ClientSession;
import dev.roomcast.chat.CloseCode;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.Json;
import jakarta.websocket.SendHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The portable transport in containers that do what the API allows them to. */
class ContainerTransportTest {

  private final Backend backend = Backend.inMemory();
  private final ChatNode chat = ChatNode.builder(backend).start();
  private final FakeRemote remote = new FakeRemote();
  private final List<Integer> closes = new CopyOnWriteArrayList<>();
  private final ClientSession session = chat.connect(admission(), transport());

  private Admission admission() {
    return chat.admit(ConnectRequest.of(Map.of("name", "Ann"), null, "general", "127.0.0.1"))
        .toCompletableFuture()
        .join();
  }

  private ContainerTransport transport() {
    return new ContainerTransport(
        remote,
        reason -> closes.add(reason.getCloseCode().getCode()),
        Duration.ofSeconds(10),
        new ContainerCalls());
  }

  @AfterEach
  void close() {
    session.closed(1006);
    chat.close();
    backend.close();
  }

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      chat.room("general").publish("e", Json.of("i", i)).toCompletableFuture().join();
    }
  }

  @Test
  void resultsThatAreToldAtOnceDoNotNest() {
    await().until(() -> remote.sent("joined") == 1);
    remote.hold();
    publish(5_000);
    await().until(() -> chat.stats().delivered() == 5_000);
    assertEquals(1, remote.sent("event"));
    remote.release(FakeRemote.ok());
    assertEquals(5_000, remote.sent("event"));
    assertEquals(LongStream.rangeClosed(1, 5_000).boxed().toList(), remote.offsets());
    assertEquals(1, remote.deepest());
  }

  @Test
  void theSendTimeoutIsThatOfTheLimits() {
    assertEquals(10_000, remote.getSendTimeout());
  }

  @Test
  void aCloseWaitsForTheWriteInFlight() {
    await().until(() -> remote.sent("joined") == 1);
    remote.hold();
    publish(1);
    await().until(() -> remote.sent("event") == 1);
    session.close(CloseCode.DISCONNECTED, "go");
    assertEquals(List.of(), closes);
    remote.release(FakeRemote.ok());
    await().until(() -> !closes.isEmpty());
    assertEquals(4003, closes.get(0));
  }

  @Test
  void aFailedWriteEndsTheConnection() {
    await().until(() -> remote.sent("joined") == 1);
    remote.hold();
    publish(1);
    await().until(() -> remote.sent("event") == 1);
    SendHandler told = remote.release(FakeRemote.failed("gone"));
    await().until(() -> closes.equals(List.of(1006)));
    told.onResult(FakeRemote.failed("told twice"));
    publish(10);
    assertEquals(1, remote.sent("event"));
  }

  @Test
  void aSendThatThrowsEndsTheConnection() {
    await().until(() -> remote.sent("joined") == 1);
    remote.fail();
    publish(1);
    await().until(() -> closes.equals(List.of(1006)));
  }
}
