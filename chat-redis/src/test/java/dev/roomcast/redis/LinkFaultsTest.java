package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;

/** What is thrown by mistake costs a link its connection, and it makes another one. */
class LinkFaultsTest {

  private final AtomicInteger faults = new AtomicInteger();
  private final AtomicInteger ups = new AtomicInteger();
  private TestRedis redis;
  private RedisLink link;

  @BeforeEach
  void connect() throws Exception {
    redis = TestRedis.any();
    // So long that a connection which is only silent is not given up in time.
    RedisOptions options = redis.options().timeout(Duration.ofMinutes(1));
    link = Heard.link("link-faults", 0, options, this::isUp);
  }

  private void isUp() {
    ups.incrementAndGet();
    if (faults.getAndDecrement() > 0) {
      throw new StackOverflowError("for the test");
    }
  }

  @AfterEach
  void end() throws Exception {
    link.end();
    redis.close();
  }

  private boolean answers() {
    try {
      get(link.call(new CommandArguments(Command.PING)));
      return true;
    } catch (ChatException e) {
      return false;
    }
  }

  @Test
  void aFaultOfWhoeverListensEndsNoLink() {
    faults.set(2);
    link.start();
    until(this::answers);
    assertEquals(3, ups.get());
  }

  @Test
  void aFaultInWritingEndsNoLink() {
    link.start();
    until(this::answers);
    AtomicInteger looks = new AtomicInteger();
    CommandArguments faulty =
        new CommandArguments(Command.PING) {
          @Override
          public Iterator<Rawable> iterator() {
            // The first look is at how long it is.
            if (looks.incrementAndGet() > 1) {
              throw new StackOverflowError("for the test");
            }
            return super.iterator();
          }
        };
    ChatException lost = assertThrows(ChatException.class, () -> get(link.call(faulty)));
    assertEquals(ErrorCode.UNAVAILABLE, lost.code());
    until(this::answers);
    assertEquals(2, ups.get());
  }

  @Test
  void aFaultOfAnAnnouncementIsNotThatOfTheLink() {
    AtomicInteger told = new AtomicInteger();
    try (Heard node = Heard.start("a", redis.options())) {
      Deliveries deliveries = new Deliveries(node);
      deliveries.guarded(
          () -> {
            throw new StackOverflowError("for the test");
          });
      deliveries.guarded(told::incrementAndGet);
    }
    assertEquals(1, told.get());
  }

  @Test
  void aFaultIsNotSaidToBeTheServers() {
    StackOverflowError fault = new StackOverflowError("for the test");
    assertEquals(
        "That is not the server's fault: look at the memory of this process, and report it",
        Troubles.advice(fault));
  }
}
