package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;

/**
 * The index of rooms in a cluster, in other slots than the rooms.
 *
 * <p>What leads to a room is written before the room is changed, and again from time to time while
 * it is used here; it is taken away when the room is over and nothing was written for {@link
 * #LATELY_MS}. So it may lead to a room that is over, which whoever comes there finds, but no room
 * is without it.
 *
 * <p>{@code noted} has when a room was noted last, by {@link System#nanoTime}. Thread-safe.
 */
final class SpreadIndex implements RoomIndex {

  static final long LATELY_MS = 600_000;

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int PARTS = 16;
  private static final int MOST_NOTED = 200_000;
  private static final int MOST_OWN = 1_000;
  private static final int MOST_KEPT = 1_000;
  private static final int MOST_TIDIED = 16;
  private static final long RESERVED_MS = 60_000;
  private static final long NOTED_FOR = TimeUnit.SECONDS.toNanos(60);

  private final String node;
  private final Commands commands;
  private final Keys keys;
  private final Sequence memberships = new Sequence();
  private final Sequence entries = new Sequence();
  private final ConcurrentHashMap<String, Long> listed = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Long> led = new ConcurrentHashMap<>();

  SpreadIndex(String node, Commands commands, Keys keys) {
    this.node = node;
    this.commands = commands;
    this.keys = keys;
  }

  @Override
  public List<String> keys(List<String> ofRoom, String... others) {
    return ofRoom;
  }

  private static boolean isNew(ConcurrentHashMap<String, Long> noted, String room) {
    Long at = noted.get(room);
    return at == null || System.nanoTime() - at > NOTED_FOR;
  }

  private static void note(ConcurrentHashMap<String, Long> noted, String room) {
    if (noted.size() >= MOST_NOTED) {
      noted.clear(); // all are noted again then, which does no harm
    }
    noted.put(room, System.nanoTime());
  }

  /** A master may have lost what it had: everything is noted again. */
  void forget() {
    listed.clear();
    led.clear();
  }

  @Override
  public <T> CompletableFuture<T> inOrder(
      String room, String session, Supplier<CompletableFuture<T>> change) {
    return memberships.run(session + " " + room, change);
  }

  /** Joins leave in the order of the calls, whenever what leads to them is answered. */
  @Override
  public <T> CompletableFuture<T> enter(String room, Supplier<CompletableFuture<T>> join) {
    return entries
        .run(room, () -> entering(room).thenApply(ready -> join.get()))
        .thenCompose(joined -> joined);
  }

  private CompletableFuture<Void> entering(String room) {
    CompletableFuture<Void> isListed = isRoom(room) ? exists(room) : done();
    return isListed.thenCombine(isNew(led, room) ? lead(room) : done(), (a, b) -> null);
  }

  /** Conversations are not on the list. */
  private static boolean isRoom(String room) {
    return !room.startsWith("dm:");
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Void> lead(String room) {
    return commands
        .eval(Script.LEAD, List.of(keys.nodeLeads(node)), room)
        .thenAccept(done -> note(led, room));
  }

  @Override
  public CompletableFuture<Void> exists(String room) {
    if (!isNew(listed, room)) {
      return done();
    }
    return commands.eval(Script.LIST, part(room), room).thenAccept(done -> note(listed, room));
  }

  private List<String> part(String room) {
    int part = ClusterMap.slot(room) % PARTS;
    return List.of(keys.roomsPart(part), keys.roomsPartTimes(part));
  }

  @Override
  public void over(String room) {
    listed.remove(room);
    commands.eval(Script.UNLIST, part(room), room, LATELY_MS).whenComplete(this::complain);
  }

  private void complain(Object done, Throwable failure) {
    if (failure != null) {
      log.debug("the index of rooms is put right later", failure);
    }
  }

  @Override
  public CompletableFuture<List<String>> names(byte[] from, byte[] to, int limit) {
    CompletableFuture<List<byte[]>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (int part = 0; part < PARTS; part++) {
      String key = keys.roomsPart(part);
      all =
          all.thenCombine(
              commands.call(Command.ZRANGEBYLEX, key, from, to, "LIMIT", 0, limit),
              (names, answer) -> {
                Replies.list(answer).forEach(name -> names.add((byte[]) name));
                return names;
              });
    }
    return all.thenApply(
        names ->
            names.stream()
                .sorted(Arrays::compareUnsigned)
                .limit(limit)
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .toList());
  }

  @Override
  public CompletableFuture<List<String>> some(int count) {
    return commands
        .call(
            Command.ZRANDMEMBER, keys.roomsPart(ThreadLocalRandom.current().nextInt(PARTS)), count)
        .thenApply(Replies::texts);
  }

  @Override
  public CompletableFuture<List<String>> ofNode(String of, int count) {
    return commands
        .call(Command.ZRANGE, keys.nodeLeads(of), 0, count - 1)
        .thenApply(Replies::texts);
  }

  @Override
  public CompletableFuture<Void> left(String of, String room) {
    return commands.call(Command.ZREM, keys.nodeLeads(of), room).thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Boolean> reserve(String owner, String room, int most) {
    return add(owner, room, most)
        .thenCompose(
            has ->
                has
                    ? CompletableFuture.completedFuture(true)
                    : releaseUnused(owner).thenCompose(done -> add(owner, room, most)));
  }

  private CompletableFuture<Boolean> add(String owner, String room, int most) {
    return commands
        .eval(Script.OWN_ADD, List.of(keys.ownPlaces(owner)), room, most)
        .thenApply(has -> Replies.number(has) == 1);
  }

  /** Places of rooms that were not created after all, because a node died meanwhile. */
  private CompletableFuture<Void> releaseUnused(String owner) {
    return commands
        .eval(Script.LEAD_OLD, List.of(keys.ownPlaces(owner)), RESERVED_MS, MOST_OWN)
        .thenCompose(
            answer -> {
              List<String> found = Replies.texts(answer);
              List<CompletableFuture<Void>> released = new ArrayList<>();
              for (int i = 0; i < found.size(); i += 2) {
                String room = found.get(i);
                released.add(
                    RedisSettings.owner(commands, keys, room)
                        .thenCompose(of -> of.equals(owner) ? done() : release(owner, room)));
              }
              return CompletableFuture.allOf(released.toArray(CompletableFuture<?>[]::new));
            });
  }

  @Override
  public CompletableFuture<Void> release(String owner, String room) {
    return commands.call(Command.ZREM, keys.ownPlaces(owner), room).thenAccept(done -> {});
  }

  @Override
  public void keep(Collection<String> rooms) {
    int kept = 0;
    for (String room : rooms) {
      if (isNew(led, room) && kept++ < MOST_KEPT) {
        entering(room).whenComplete(this::complain);
      }
    }
    tidyLeads();
  }

  /** Looks whether this node still has sessions where it has not been lately. */
  private void tidyLeads() {
    commands
        .eval(Script.LEAD_OLD, List.of(keys.nodeLeads(node)), LATELY_MS, MOST_TIDIED)
        .thenAccept(
            answer -> {
              List<String> found = Replies.texts(answer);
              for (int i = 0; i < found.size(); i += 2) {
                tidyLead(found.get(i), found.get(i + 1));
              }
            })
        .whenComplete(this::complain);
  }

  private void tidyLead(String room, String at) {
    String seats = keys.seats(room, node);
    commands
        .call(Command.EXISTS, seats)
        .thenCompose(
            there ->
                Replies.number(there) == 1
                    ? lead(room)
                    : commands
                        .eval(Script.LEAD_DROP, List.of(keys.nodeLeads(node)), room, at)
                        .thenAccept(done -> led.remove(room)))
        .whenComplete(this::complain);
  }
}
