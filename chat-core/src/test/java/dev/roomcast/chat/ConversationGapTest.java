package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Direct messages when what is told to nodes does not arrive, or late, or doubled. */
class ConversationGapTest {

  private final StillNodes nodes = new StillNodes();
  private final List<Runnable> late = new ArrayList<>();
  private @Nullable BackendListener node;
  private @Nullable ChatNode there;
  private boolean deaf;

  @AfterEach
  void close() {
    nodes.close();
  }

  /** A backend whose word of direct messages the test can hold back. */
  private final class Ears implements BackendListener {
    private final BackendListener to;

    Ears(BackendListener to) {
      this.to = to;
    }

    @Override
    public void onPublications(String room, List<Publication> publications) {
      to.onPublications(room, publications);
    }

    @Override
    public void onEphemeral(String room, Json frame) {
      to.onEphemeral(room, frame);
    }

    @Override
    public void onPresence(String room, PresenceChange change) {
      to.onPresence(room, change);
    }

    @Override
    public void onGap(String room) {
      to.onGap(room);
    }

    @Override
    public void onControl(Json control) {
      to.onControl(control);
    }

    @Override
    public void onDirect(String room, List<Publication> publications) {
      if (deaf) {
        late.add(() -> to.onDirect(room, publications));
      } else {
        to.onDirect(room, publications);
      }
    }
  }

  private Client[] annAndBob() {
    FarBackend.Way way =
        new FarBackend.Way() {
          @Override
          public <T extends @Nullable Object> CompletionStage<T> go(
              String call, String subject, Supplier<CompletionStage<T>> operation) {
            return operation.get();
          }

          @Override
          public BackendListener listener(BackendListener to) {
            node = to;
            return new Ears(to);
          }
        };
    ChatNode here = nodes.start(StillNodes.LIMITS);
    ChatNode second = nodes.start(StillNodes.LIMITS, backend -> new FarBackend(backend, way));
    there = second;
    return new Client[] {Client.connect(here, "Ann"), Client.connect(second, "Bob")};
  }

  private static void say(Client from, Client to, String text) {
    from.send("{'type':'direct','to':'" + to.session.user().id() + "','text':'" + text + "'}");
  }

  private static List<String> directs(Client client) {
    return client.transport.frames("direct").stream()
        .map(frame -> frame.get("text").getAsString())
        .toList();
  }

  @Test
  void whatWasNotHeardComesAfterTheGap() {
    Client[] both = annAndBob();
    say(both[0], both[1], "heard");
    nodes.clock.advanceSeconds(10);
    deaf = true;
    say(both[0], both[1], "one");
    nodes.clock.advanceSeconds(10);
    say(both[0], both[1], "two");
    assertEquals(List.of("heard"), directs(both[1]));
    deaf = false;
    Objects.requireNonNull(node).onDirectGap(Duration.ofSeconds(25));
    assertEquals(List.of("heard", "one", "two"), directs(both[1]));
    late.forEach(Runnable::run);
    nodes.clock.advanceSeconds(10);
    late.forEach(Runnable::run);
    Objects.requireNonNull(node).onDirectGap(Duration.ofMinutes(10));
    say(both[0], both[1], "three");
    assertEquals(List.of("heard", "one", "two", "three"), directs(both[1]));
  }

  @Test
  void whatIsLateIsReadFromTheLogInItsPlace() {
    Client[] both = annAndBob();
    say(both[0], both[1], "one");
    nodes.clock.advanceSeconds(10);
    deaf = true;
    say(both[0], both[1], "two");
    deaf = false;
    say(both[0], both[1], "three");
    assertEquals(List.of("one", "two", "three"), directs(both[1]));
    late.forEach(Runnable::run);
    assertEquals(List.of("one", "two", "three"), directs(both[1]));
    assertEquals(List.of("one", "two", "three"), directs(both[0]));
  }

  @Test
  void whatIsOnItsWayWhenItsReceiverJoinsIsInTheHistoryAndDoesNotComeAgain() {
    Client[] both = annAndBob();
    deaf = true;
    say(both[0], both[1], "one");
    deaf = false;
    JsonObject joined = both[1].join(joinable(both));
    assertEquals(List.of("one"), TwoNodes.each(joined.getAsJsonArray("history"), "text"));
    late.forEach(Runnable::run);
    say(both[0], both[1], "two");
    assertEquals(List.of("two"), directs(both[1]));
  }

  @Test
  void whatIsToldInAnotherOrderComesInThatOfTheLog() {
    Client[] both = annAndBob();
    deaf = true;
    say(both[0], both[1], "one");
    say(both[0], both[1], "two");
    deaf = false;
    Collections.reverse(late);
    late.forEach(Runnable::run);
    say(both[0], both[1], "three");
    assertEquals(List.of("one", "two", "three"), directs(both[1]));
  }

  @Test
  void whatWasSaidLongAgoDoesNotComeAgainToWhoConnects() {
    Client[] both = annAndBob();
    say(both[0], both[1], "one");
    nodes.clock.advanceSeconds(10);
    deaf = true;
    say(both[0], both[1], "two");
    both[1].session.closed(1006);
    nodes.clock.advanceSeconds(10);
    Client again = Client.resume(Objects.requireNonNull(there), both[1].resumeSecret());
    deaf = false;
    say(both[0], both[1], "three");
    assertEquals(List.of("three"), directs(again));
  }

  private static String joinable(Client[] both) {
    return Conversation.between(both[0].session.user().id(), both[1].session.user().id()).room();
  }
}
