package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.lang.ref.WeakReference;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A session without a connection. */
class DetachedSessionTest {

  @Test
  void whoWaitsToBeResumedKeepsNothingOfItsConnection() {
    try (Backend backend = Backend.inMemory();
        ChatNode node = ChatNode.builder(backend).limits(StillNodes.LIMITS).start()) {
      BackendContract.until(node::ready);
      RecordingTransport transport = new RecordingTransport();
      Admission admission =
          BackendContract.get(
              node.admit(ConnectRequest.of(Map.of("name", "Ann"), null, null, "127.0.0.1")));
      ClientSession session = node.connect(admission, transport);
      BackendContract.until(session::connected);
      String id = session.id();
      session.closed(1006);
      WeakReference<RecordingTransport> gone = new WeakReference<>(transport);
      transport = null;
      await()
          .until(
              () -> {
                System.gc();
                return gone.get() == null;
              });
      assertNotNull(node.session(id), "it can still be resumed");
    }
  }

  @Test
  void aCloseThatWaitsForAWriteIsSentAlthoughTheSessionIsOver() {
    try (Backend backend = Backend.inMemory();
        ChatNode node = ChatNode.builder(backend).limits(StillNodes.LIMITS).start()) {
      BackendContract.until(node::ready);
      Client ann = Client.connect(node, "Ann");
      ann.transport.stall();
      ann.send("{'type':'ping'}");
      BackendContract.until(() -> ann.session.connection().waitingBytes() > 0);
      ann.session.disconnect();
      assertEquals(4003, ann.transport.closeCode());
    }
  }
}
