package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.texts;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import dev.roomcast.chat.History;
import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.User;
import dev.roomcast.examples.redis.RedisCluster;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is kept when slots of a cluster move and masters fail, while rooms are talked in. */
class ShardFaultsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final List<String> ROOMS =
      IntStream.range(0, 12).mapToObj(i -> "room" + i).toList();

  /** Publishes on one node, some each millisecond, and remembers what was acknowledged where. */
  private static final class Load {
    final Map<String, Position> acked = new ConcurrentHashMap<>();
    final Queue<ErrorCode> failed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Heard node;
    private final String prefix;

    Load(Heard node, String prefix) {
      this.node = node;
      this.prefix = prefix;
      clock.scheduleAtFixedRate(this::publish, 0, 2, TimeUnit.MILLISECONDS);
    }

    private void publish() {
      int number = sent.getAndIncrement();
      String text = prefix + number;
      String room = ROOMS.get(number % ROOMS.size());
      node.backend
          .broker()
          .publish(room, draft(text))
          .whenComplete(
              (ack, failure) -> {
                if (failure == null) {
                  acked.put(text, ack.position());
                } else {
                  failed.add(ChatException.of(failure).code());
                }
              });
    }

    void untilAcked(int more) {
      int before = acked.size();
      until(() -> acked.size() >= before + more);
    }

    void finish() throws InterruptedException {
      clock.shutdown();
      assertTrue(clock.awaitTermination(10, TimeUnit.SECONDS));
      until(() -> acked.size() + failed.size() == sent.get());
    }
  }

  /**
   * What a node heard and read again after gaps is the log: nothing lost, doubled, reordered.
   *
   * @param acked what must be in it; an offset of null stands for what may be gone
   */
  private static void assertKept(Heard reader, Map<String, Position> acked) {
    Map<String, Long> logged = new HashMap<>();
    for (String room : ROOMS) {
      long expected = 1;
      Map<Character, Long> last = new HashMap<>();
      for (Publication publication : reader.log(room)) {
        assertEquals(expected++, publication.offset(), "no holes in " + room);
        String text = texts(List.of(publication)).get(0);
        assertEquals(null, logged.put(text, publication.offset()), text + " is there twice");
        long number = Long.parseLong(text.substring(1));
        Long before = last.put(text.charAt(0), number);
        assertTrue(before == null || before < number, text + " is out of order");
      }
    }
    acked.forEach(
        (text, position) -> assertEquals(position.offset(), logged.get(text), text + " is lost"));
  }

  /** Whoever listens hears what is logged, or is told to have a gap; what is heard is in order. */
  private static void assertHeardOrTold(Heard reader, Heard listener) {
    for (String room : ROOMS) {
      List<Publication> log = reader.log(room);
      long top = log.get(log.size() - 1).offset();
      until(
          () ->
              listener.publications.stream()
                  .anyMatch(p -> p.room().equals(room) && p.offset() == top));
      List<Long> heard =
          listener.publications.stream()
              .filter(p -> p.room().equals(room))
              .map(Publication::offset)
              .toList();
      assertEquals(heard.stream().sorted().distinct().toList(), heard, "in order, once: " + room);
      if (heard.size() < log.size()) {
        assertTrue(
            listener.gaps.contains(room), "not all of " + room + " is heard, and no gap told");
      }
    }
  }

  /** Two nodes that publish to rooms, one of which listens to them all. */
  private static void underLoad(RedisOptions options, Fault fault) throws Exception {
    try (Heard a = Heard.start("a", options);
        Heard b = Heard.start("b", options)) {
      for (String room : ROOMS) {
        get(b.backend.broker().subscribe(room, HistoryQuery.position()));
      }
      Load one = new Load(a, "a");
      Load two = new Load(b, "b");
      one.untilAcked(200);
      fault.happens(() -> one.untilAcked(200));
      one.untilAcked(400);
      two.untilAcked(400);
      one.finish();
      two.finish();
      // How many there are is a matter of speed; nobody is told anything else.
      for (Load load : List.of(one, two)) {
        assertTrue(load.failed.stream().allMatch(ErrorCode.UNAVAILABLE::equals), load.prefix);
      }
      Map<String, Position> acked = new ConcurrentHashMap<>(one.acked);
      acked.putAll(two.acked);
      assertKept(a, acked);
      assertHeardOrTold(a, b);
      // Whoever listens hears what is said from now on, in all rooms.
      b.publications.clear();
      a.untilReady();
      b.untilReady();
      for (String room : ROOMS) {
        until(
            () -> {
              a.backend.broker().publish(room, draft("z0"));
              return b.publications.stream().anyMatch(p -> p.room().equals(room));
            });
      }
    }
  }

  private interface Fault {
    void happens(Runnable between) throws Exception;
  }

  @Test
  void whileSlotsMoveNothingIsLostDoubledOrReordered() throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(3, 0)) {
      RedisOptions options = redis.options().timeout(TIMEOUT);
      Keys keys = new Keys(options.namespace(), true);
      underLoad(
          options,
          between -> {
            RedisCluster cluster = redis.cluster();
            for (int round = 0; round < 2; round++) {
              for (String room : ROOMS) {
                String key = keys.log(room);
                RedisCluster.Member owner = cluster.ownerOf(key);
                int at = cluster.members().indexOf(owner);
                cluster.moveSlotOf(key, cluster.members().get((at + 1) % 3));
              }
              between.run();
            }
          });
    }
  }

  @Test
  void aMasterThatIsAddedAndOneThatIsTakenAwayAreFollowed() throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(3, 0)) {
      RedisOptions options = redis.options().timeout(TIMEOUT);
      underLoad(
          options,
          between -> {
            RedisCluster cluster = redis.cluster();
            RedisCluster.Member old = cluster.members().get(0);
            RedisCluster.Member fresh = cluster.addMaster();
            cluster.moveSlots(old, fresh, 1_000);
            between.run();
            cluster.remove(old);
          });
    }
  }

  @Test
  void aCanarySentWhileAMasterIsNotHeardComesBackAsSoonAsItIs() throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(3, 0)) {
      RedisOptions options = redis.options().timeout(Duration.ofSeconds(10));
      String control = new Keys(options.namespace(), true).control();
      RedisCluster.Member one = redis.cluster().ownerOf(control);
      try (Heard a = Heard.start("a", options)) {
        a.untilCanarySentWhileDeafIsBack(() -> one.ask("CLIENT", "KILL", "TYPE", "pubsub"));
      }
    }
  }

  @Test
  void aFailoverThatIsAskedForLosesNothing() throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(3, 1)) {
      RedisOptions options = redis.options().timeout(TIMEOUT);
      underLoad(
          options,
          between -> {
            for (RedisCluster.Member master : redis.cluster().masters()) {
              RedisCluster.Member replica = redis.cluster().replicaOf(master);
              redis.cluster().failOver(assertNotNullOf(replica));
              between.run();
            }
          });
    }
  }

  @Test
  void whatAReplicaHadToHaveIsThereWhenItsMasterIsKilled() throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(3, 1)) {
      RedisOptions options = redis.options().timeout(TIMEOUT).waitReplicas(1);
      Keys keys = new Keys(options.namespace(), true);
      underLoad(
          options,
          between -> {
            RedisCluster cluster = redis.cluster();
            RedisCluster.Member master = cluster.ownerOf(keys.log(ROOMS.get(0)));
            RedisCluster.Member replica = assertNotNullOf(cluster.replicaOf(master));
            master.process().kill();
            cluster.untilPromoted(replica);
            master.process().start();
            cluster.untilReplicated();
            between.run();
          });
    }
  }

  private static <T> T assertNotNullOf(@org.jspecify.annotations.Nullable T value) {
    assertNotNull(value);
    return value;
  }

  @Test
  void aKilledMasterIsReplacedAndWhatItsReplicaLacksIsToldExactly() throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(3, 1)) {
      RedisOptions options = redis.options().timeout(TIMEOUT);
      Keys keys = new Keys(options.namespace(), true);
      try (Heard node = Heard.start("a", options)) {
        RedisCluster cluster = redis.cluster();
        RedisCluster.Member master = cluster.ownerOf(keys.log("r"));
        RedisCluster.Member replica = assertNotNullOf(cluster.replicaOf(master));
        User ann = new User("ann", "Ann");
        get(node.backend.state().lease(Duration.ofSeconds(30)));
        assertTrue(get(node.backend.state().lease(Duration.ofSeconds(30))));
        get(node.backend.rooms().join("r", "s", ann));
        get(node.backend.broker().subscribe("r", HistoryQuery.position()));
        get(node.backend.broker().publish("r", draft("kept")));
        until(() -> master.text("WAIT", "1", "100").equals("1"));
        until(() -> replica.text("DBSIZE").equals(master.text("DBSIZE")));
        replica.process().pause();
        // More than fits into sockets: what comes after it does not get to the replica any more.
        master.ask("SET", "{r}", "x".repeat(30_000_000));
        Position lost = get(node.backend.broker().publish("r", draft("lost"))).position();
        assertEquals(2, lost.offset());
        master.process().kill();
        replica.process().resume();
        cluster.untilPromoted(replica);
        until(() -> node.gaps.contains("r"));
        node.untilReady();
        History history = get(node.backend.broker().history("r", new HistoryQuery.Since(lost, 10)));
        assertEquals(1, history.sure());
        assertNotEquals(lost.epoch(), history.top().epoch());
        Position next = get(node.backend.broker().publish("r", draft("next"))).position();
        assertEquals(2, next.offset());
        assertEquals(List.of("kept", "next"), texts(node.log("r")));
        until(() -> texts(node.publications).contains("next"));
        assertEquals(
            false,
            get(node.backend.state().lease(Duration.ofSeconds(30))),
            "sessions and memberships are stored again");
        assertTrue(get(node.backend.state().lease(Duration.ofSeconds(30))));
        master.process().start();
        until(() -> !master.isMaster());
        assertEquals(1, get(node.backend.rooms().count("r")));
      }
    }
  }
}
