package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One session, and a container that does not do as it should. */
class ClientSessionTest {

  private static final Limits LIMITS = StillNodes.LIMITS.toBuilder().drain(Duration.ZERO).build();

  private final CountDownLatch decided = new CountDownLatch(1);
  private final Backend backend = Backend.inMemory();
  private final List<Integer> disconnects = new CopyOnWriteArrayList<>();
  private final ChatNode node =
      ChatNode.builder(backend)
          .limits(LIMITS)
          .authorizer(this::afterDecision)
          .listener(
              new ChatListener() {
                @Override
                public void onDisconnect(ClientSession session, int code) {
                  disconnects.add(code);
                }
              })
          .start();

  private boolean afterDecision(User user, Authorizer.Action action, String room) {
    try {
      decided.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  @AfterEach
  void close() {
    decided.countDown();
    node.close();
    backend.close();
  }

  @Test
  void whoSendsOnWhileReadingIsHeldBackIsClosedBeforeMemoryFills() {
    Client ann = Client.connect(node, "Ann");
    ann.send("{'type':'join','room':'general'}");
    int most = CommandLine.FLOOD * LIMITS.sessionCommands();
    for (int i = 1; i < most; i++) {
      ann.send("{'type':'ping'}");
    }
    assertEquals(0, ann.transport.closeCode());
    ann.send("{'type':'ping'}");
    ann.send("{'type':'ping'}");
    assertEquals(1008, ann.transport.closeCode());
    assertEquals(1, node.stats().abuse());
    await().until(() -> node.stats().connections() == 0);
    ann.session.closed(1008);
    await().until(() -> disconnects.equals(List.of(1008)));
  }

  @Test
  void aCloseThatIsToldTwiceDoesNotHideTheSessionFromItsResumption() {
    decided.countDown();
    Client ann = Client.connect(node, "Ann");
    ann.join("general");
    String resume = ann.last("welcome").get("resume").getAsString();
    ann.session.closed(CloseCode.TOO_SLOW.code());
    ann.session.closed(1006);
    assertSame(ann.session, node.session(ann.session.id()));

    Client again = Client.resume(node, resume);
    assertTrue(again.last("welcome").get("resumed").getAsBoolean());
    assertSame(again.session, node.session(again.session.id()));
    assertEquals(Set.of("general"), again.session.rooms());
  }
}
