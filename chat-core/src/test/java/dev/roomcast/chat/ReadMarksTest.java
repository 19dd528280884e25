package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What others hear of read marks, when two nodes tell of one user. */
class ReadMarksTest {

  private static final Duration INTERVAL = StillNodes.LIMITS.presenceInterval();

  private final StillNodes nodes = new StillNodes();
  private ChatNode here;
  private Client ann;
  private Client carl;
  private Client bob;
  private Client phone;

  @BeforeEach
  void join() {
    here = nodes.start(StillNodes.LIMITS, backend -> backend, ReadMarksTest::named);
    ChatNode there = nodes.start(StillNodes.LIMITS, backend -> backend, ReadMarksTest::named);
    ann = Client.connect(here, "Ann");
    carl = Client.connect(here, "Carl");
    phone = Client.connect(here, "Bob");
    bob = Client.connect(there, "Bob");
    all();
  }

  private static ChatNode.Builder named(ChatNode.Builder builder) {
    return builder.authenticator(
        request -> {
          String name = String.valueOf(request.parameter("name"));
          return new User("id " + name, name);
        });
  }

  private void all() {
    for (Client client : List.of(ann, carl, phone, bob)) {
      client.join("general");
    }
    for (int i = 1; i <= 6; i++) {
      ann.say("general", "m" + i);
    }
  }

  @AfterEach
  void close() {
    nodes.close();
  }

  private static void read(Client client, long offset) {
    client.send("{'type':'read','room':'general','offset':" + offset + "}");
  }

  private static List<Long> marks(Client client, String user) {
    return client.transport.frames("read").stream()
        .filter(read -> read.getAsJsonObject("user").get("name").getAsString().equals(user))
        .map(read -> read.get("offset").getAsLong())
        .toList();
  }

  @Test
  void whatOneNodeTellsLaterThanAnotherDoesNotGoBack() {
    read(carl, 1);
    nodes.clock.advance(INTERVAL.dividedBy(2));
    read(bob, 3);
    read(phone, 6);
    nodes.clock.advance(INTERVAL.multipliedBy(2));
    for (Client client : List.of(ann, bob)) {
      assertEquals(List.of(6L), marks(client, "Bob"));
      assertEquals(List.of(1L), marks(client, "Carl"));
    }
  }

  @Test
  void aLogThatBeginsAgainHasMarksFromTheStart() {
    read(bob, 5);
    nodes.clock.advance(INTERVAL);
    BackendContract.get(here.room("general").destroy());
    nodes.clock.advanceSeconds(1);
    all();
    read(bob, 2);
    nodes.clock.advance(INTERVAL);
    assertEquals(List.of(5L, 2L), marks(ann, "Bob"));
  }

  @Test
  void manyMarksOfAnIntervalAreToldAsTheLast() {
    for (long offset : List.of(1L, 3L, 2L, 4L)) {
      read(bob, offset);
      nodes.clock.advance(INTERVAL.dividedBy(5));
    }
    assertEquals(List.of(), marks(ann, "Bob"));
    nodes.clock.advance(INTERVAL.dividedBy(5));
    assertEquals(List.of(4L), marks(ann, "Bob"));
    read(bob, 5);
    nodes.clock.advance(INTERVAL.dividedBy(2));
    read(bob, 6);
    assertEquals(List.of(4L), marks(ann, "Bob"), "one interval after another");
    nodes.clock.advance(INTERVAL.dividedBy(2));
    assertEquals(List.of(4L, 6L), marks(ann, "Bob"));
  }
}
