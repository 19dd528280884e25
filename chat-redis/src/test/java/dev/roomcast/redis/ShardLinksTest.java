package dev.roomcast.redis;

import static dev.roomcast.redis.Heard.draft;
import static dev.roomcast.redis.Heard.get;
import static dev.roomcast.redis.Heard.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.HistoryQuery;
import dev.roomcast.examples.redis.RedisCluster;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many connections and threads a node has to a cluster. */
class ShardLinksTest {

  private static final String NODE = "links";

  /** The connections of the node for something, one or none to each master. */
  private static Set<RedisCluster.Member> linked(TestRedisCluster redis, String purpose)
      throws IOException {
    Set<RedisCluster.Member> linked = new java.util.HashSet<>();
    for (RedisCluster.Member member : redis.cluster().members()) {
      String name = "name=roomcast-" + purpose + "-" + NODE;
      long count =
          member.text("CLIENT", "LIST").lines().filter(line -> line.contains(name)).count();
      assertTrue(count <= 1, "one for each purpose");
      if (count == 1) {
        linked.add(member);
      }
    }
    return linked;
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("roomcast-") && name.contains("-" + NODE))
        .count();
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 12})
  void aNodeHasLinksOnlyToMastersOfWhatItUses(int masters) throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(masters, 0)) {
      RedisOptions options = redis.options();
      Keys keys = new Keys(options.namespace(), true);
      try (Heard node = Heard.start(NODE, options)) {
        Set<RedisCluster.Member> heard = linked(redis, "delivery");
        String room = null;
        for (int i = 0; room == null; i++) {
          room = heard.contains(redis.cluster().ownerOf(keys.log("r" + i))) ? null : "r" + i;
        }
        RedisCluster.Member owner = redis.cluster().ownerOf(keys.log(room));
        Set<RedisCluster.Member> called = linked(redis, "redis");
        get(node.backend.broker().subscribe(room, HistoryQuery.position()));
        heard.add(owner);
        assertEquals(heard, linked(redis, "delivery"));
        assertEquals(called, linked(redis, "redis"), "logs are read where they are heard");
        get(node.backend.broker().publish(room, draft("x")));
        called.add(owner);
        String part = keys.roomsPart(ClusterMap.slot(room) % 16);
        called.add(redis.cluster().ownerOf(part));
        until(() -> linked(redis, "redis").equals(called));
        assertTrue(heard.size() < masters && called.size() < masters, "not all are used");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 12})
  void whoUsesAllMastersHasTwoLinksToEach(int masters) throws Exception {
    try (TestRedisCluster redis = TestRedisCluster.start(masters, 0)) {
      try (Heard node = Heard.start(NODE, redis.options())) {
        List<String> rooms = IntStream.range(0, 200).mapToObj(i -> "r" + i).toList();
        rooms.stream()
            .map(room -> node.backend.broker().subscribe(room, HistoryQuery.position()))
            .collect(Collectors.toList())
            .forEach(Heard::get);
        for (String room : rooms) {
          get(node.backend.broker().publish(room, draft("x")));
        }
        until(() -> node.publications.size() == rooms.size());
        assertEquals(masters, linked(redis, "delivery").size());
        assertEquals(masters, linked(redis, "redis").size());
        assertEquals(1, linked(redis, "cluster").size());
        // A reading and a writing thread for each, one that reads the map, and the timer.
        until(() -> threads() == 4 * masters + 2);
      }
    }
  }
}
