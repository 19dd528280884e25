package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Guests whose names can be taken for one another. */
class GuestNamesTest {

  /** Ann with a Cyrillic A. */
  private static final String FALSE_ANN = "\u0410nn";

  private final StillNodes nodes = new StillNodes();
  private final ChatNode one = nodes.start(StillNodes.LIMITS);
  private final ChatNode two = nodes.start(StillNodes.LIMITS);

  @AfterEach
  void close() {
    nodes.close();
  }

  private static Admission admit(ChatNode node, String name) {
    return node.admit(ConnectRequest.of(Map.of("name", name), null, null, "127.0.0.1"))
        .toCompletableFuture()
        .join();
  }

  private static void assertRefused(ChatNode node, String name) {
    ChatException refusal =
        ChatException.of(assertThrows(CompletionException.class, () -> admit(node, name)));
    assertEquals(403, refusal.code().httpStatus());
    assertTrue(String.valueOf(refusal.getMessage()).startsWith("name: looks like"));
  }

  @ParameterizedTest
  @CsvSource({
    "Ann,\u0410nn",
    "Ann,ANN",
    "Ann,\uff21nn",
    "paypal,p\u0430yp\u0430l",
    "paypal,paypa1",
    "Ivan,lvan",
    "Ivan,|van",
    "Bob,B0b",
    "modern,rnodern",
    "\u0421\u0415\u041c,CEM",
    "Zo\u00eb,Zoe\u0308",
    "Ann Lee,Ann  Lee",
    "Ann Lee,Ann\u00a0Lee",
    "\u039d\u0399\u039a\u0397,NIKH",
    "a-b,a\u2013b",
    "wow,vvow",
  })
  void namesThatLookTheSameHaveOneSkeleton(String name, String other) {
    assertEquals(Skeleton.of(name), Skeleton.of(other));
  }

  @ParameterizedTest
  @CsvSource({
    "Ann,Anna",
    "Ann,\u00c1nn",
    "Bob,Rob",
    "Jan,Jon",
    "\u30a2\u30f3,\u30a2\u30cb",
    "user-12,user-21"
  })
  void otherNamesHaveAnother(String name, String other) {
    assertNotEquals(Skeleton.of(name), Skeleton.of(other));
  }

  @Test
  void aLookAlikeOfAPresentGuestIsRefusedOnEveryNodeAndTheVerySameNameIsNot() {
    Client ann = Client.connect(one, "Ann");
    assertRefused(one, FALSE_ANN);
    assertRefused(two, FALSE_ANN);
    Client other = Client.connect(two, "Ann");
    assertNotEquals(ann.session.user().id(), other.session.user().id());
    ann.session.closed(1000);
    assertRefused(one, FALSE_ANN);
    other.session.closed(1000);
    Client.connect(one, FALSE_ANN);
    assertRefused(two, "Ann");
  }

  @Test
  void aNameIsKeptAsLongAsItsSessionCanBeResumed() {
    Client ann = Client.connect(one, "Ann");
    ann.session.closed(1006);
    nodes.clock.advance(StillNodes.LIMITS.resumeTtl().minusSeconds(1));
    assertRefused(two, FALSE_ANN);
    nodes.clock.advanceSeconds(2);
    Client.connect(two, FALSE_ANN);
  }

  @Test
  void aNameGoesWithItsSessionToAnotherNode() {
    Client ann = Client.connect(one, "Ann");
    ann.session.closed(1006);
    Client again = Client.resume(two, ann.resumeSecret());
    assertEquals(ann.session.user(), again.session.user());
    nodes.clock.advance(StillNodes.LIMITS.resumeTtl().plusSeconds(1));
    assertRefused(one, FALSE_ANN);
    again.session.closed(1000);
    Client.connect(one, FALSE_ANN);
  }

  @Test
  void aNameWhoseConnectionWasNeverUpgradedIsFreeSoon() {
    admit(one, "Ann");
    assertRefused(two, FALSE_ANN);
    nodes.clock.advance(StillNodes.LIMITS.handshakeTimeout().plus(StillNodes.LIMITS.hookTimeout()));
    Client.connect(two, FALSE_ANN);
  }

  @Test
  void theNamesOfADeadNodeAreFreeWhenItsSessionsAreOver() {
    Client.connect(one, "Ann");
    nodes.kill(one);
    assertRefused(two, FALSE_ANN);
    nodes.clock.advance(
        StillNodes.LIMITS.resumeTtl().plus(StillNodes.LIMITS.nodeLease()).plusSeconds(2));
    Client.connect(two, FALSE_ANN);
  }

  @Test
  void aStoreThatIsAwayKeepsNobodyOutAndKnowsTheNameWhenItIsBack() {
    HeldWay way = new HeldWay();
    ChatNode node = nodes.start(StillNodes.LIMITS, backend -> new FarBackend(backend, way));
    way.refuse("claimName");
    Client.connect(node, "Ann");
    assertRefused(node, FALSE_ANN);
    way.goOn();
    nodes.clock.advance(ChatNode.RETRY);
    assertRefused(two, FALSE_ANN);
  }

  @Test
  void aStoreThatForgotTheNodeIsToldItsNamesUntilItKnowsThem() {
    HeldWay way = new HeldWay();
    List<Backend> backends = new ArrayList<>();
    ChatNode node =
        nodes.start(
            StillNodes.LIMITS,
            near -> {
              backends.add(near);
              return new FarBackend(near, way);
            });
    Client.connect(node, "Ann");
    BackendContract.get(backends.get(0).state().forget(node.id()));
    way.refuse("claimName");
    nodes.clock.advance(StillNodes.LIMITS.nodeLease());
    way.goOn();
    nodes.clock.advance(ChatNode.RETRY);
    assertRefused(two, FALSE_ANN);
  }

  @Test
  void usersWhoAreNoGuestsAreNotCompared() {
    ChatNode three =
        nodes.start(
            StillNodes.LIMITS,
            backend -> backend,
            builder ->
                builder.authenticator(
                    request -> {
                      String name = String.valueOf(request.parameter("name"));
                      return new User(name, name);
                    }));
    Client.connect(three, "Ann");
    Client.connect(three, FALSE_ANN);
  }
}
