package dev.roomcast.examples.load;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.ConnectRequest;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.Limits;
import dev.roomcast.chat.User;
import dev.roomcast.tyrus.ChatServer;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server that stalls is seen in the percentiles, by all that was due meanwhile: coordinated
 * omission would count the one message that each client had under way.
 */
class StallTest {

  private static final int CLIENTS = 20;
  private static final int RATE = 200;
  private static final int MESSAGES = 4 * RATE;
  private static final Duration STALL = Duration.ofMillis(1_500);

  /** What nobody passes while the server stalls. */
  private volatile CountDownLatch publishing = new CountDownLatch(0);

  /** What one client alone does not pass. */
  private volatile CountDownLatch never = new CountDownLatch(0);

  private volatile CountDownLatch connecting = new CountDownLatch(0);
  private ChatNode chat;
  private ChatServer server;

  @BeforeEach
  void start() throws Exception {
    Limits limits =
        Limits.DEFAULTS.toBuilder()
            .handshakesPerSecondPerAddress(0)
            .pendingHandshakes(0)
            .hookTimeout(Duration.ofMinutes(5))
            .build();
    chat =
        ChatNode.builder(Backend.inMemory())
            .limits(limits)
            .authenticator(this::user)
            .messages(
                (user, room, content) -> {
                  if (user.id().equals("client1")) {
                    pass(never);
                  }
                  pass(publishing);
                  return content;
                })
            .start();
    server = ChatServer.builder(chat).port(0).start();
  }

  @AfterEach
  void end() {
    publishing.countDown();
    never.countDown();
    connecting.countDown();
    server.close();
    chat.close();
  }

  private User user(ConnectRequest request) {
    String name = request.parameter("name");
    if (name == null) {
      throw new ChatException(ErrorCode.UNAUTHORIZED, "name: expected in the query");
    }
    if (isCutOff(name)) {
      pass(connecting);
    }
    return new User(name, name);
  }

  /** Every second client. */
  private static boolean isCutOff(String name) {
    return name.startsWith("client") && Integer.parseInt(name.substring(6)) % 2 == 1;
  }

  private static void pass(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private LoadRun load(int patienceSeconds) {
    LoadRun.Plan plan =
        new LoadRun.Plan(
            CLIENTS,
            4,
            2,
            MESSAGES,
            RATE,
            50,
            Duration.ofMillis(200),
            Duration.ofSeconds(patienceSeconds));
    URI url = URI.create(server.url().replace("http:", "ws:") + "/chat");
    return new LoadRun(List.of(url), plan, new PrintStream(PrintStream.nullOutputStream()));
  }

  /** Lets the stall last: its length is what is measured. */
  private static long last(long since) {
    await().atMost(60, SECONDS).until(() -> System.nanoTime() - since >= STALL.toNanos());
    return System.nanoTime() - since;
  }

  @Test
  void allThatWasDueWhileAServerStalledIsLate() throws Exception {
    long[] stalled = {0};
    LoadRun.Outcome outcome =
        load(60)
            .run(
                () -> {
                  publishing = new CountDownLatch(1);
                  stalled[0] = last(System.nanoTime());
                  publishing.countDown();
                });
    assertEquals(List.of(), outcome.violations());
    // Three eighths of all messages were due in the stall, half of those in its first half.
    assertLate(outcome.tally().toAck, 85, stalled[0] / 2);
    assertLate(outcome.tally().toMember, 85, stalled[0] / 2);
    assertEquals(MESSAGES, outcome.tally().toAck.count());
  }

  @Test
  void whatWasDueWhileClientsWereCutOffIsLateForThemAndForWhoeverTheyWrite() throws Exception {
    long[] stalled = {0};
    LoadRun.Outcome outcome =
        load(60)
            .run(
                () -> {
                  connecting = new CountDownLatch(1);
                  for (int i = 1; i < CLIENTS; i += 2) {
                    chat.user("client" + i).disconnect();
                  }
                  await()
                      .atMost(60, SECONDS)
                      .until(() -> chat.stats().connections() <= CLIENTS / 2);
                  stalled[0] = last(System.nanoTime());
                  connecting.countDown();
                });
    Tally tally = outcome.tally();
    assertEquals(MESSAGES, tally.acked);
    // Half of the clients could not send, and half of what they had to was due early in the stall.
    assertLate(tally.toAck, 94, stalled[0] / 2);
    assertLate(tally.toMember, 90, stalled[0] / 2);
    // What they got when they were back is counted like what others got at once.
    assertEquals(outcome.expected(), tally.delivered);
    assertEquals(outcome.expected(), tally.toMember.count());
  }

  @Test
  void whatIsNeverAcknowledgedCountsAsLate() throws Exception {
    LoadRun.Outcome outcome = load(8).run(() -> never = new CountDownLatch(1));
    Tally tally = outcome.tally();
    assertTrue(tally.unanswered >= MESSAGES / CLIENTS * 3 / 4, () -> "" + tally.unanswered);
    assertEquals(MESSAGES - tally.acked, tally.unanswered);
    assertEquals(MESSAGES, tally.toAck.count());
    assertLate(tally.toAck, 97, Duration.ofSeconds(8).toNanos());
    assertEquals(Violation.Kind.STUCK, outcome.violations().get(0).kind());
  }

  private static void assertLate(Histogram times, double percent, long least) {
    assertTrue(times.percentile(percent) >= least, () -> times + " though it stalled");
  }
}
