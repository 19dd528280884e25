package dev.roomcast.redis;

import dev.roomcast.chat.Retention;
import dev.roomcast.chat.RoomManager;
import dev.roomcast.chat.RoomSettings;
import dev.roomcast.chat.User;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * Which rooms exist, and who is in them, on Redis.
 *
 * <p>Each change is one script, so edges are decided and announced in one step. What takes many
 * steps, listing and reaping, goes on a page at a time. Immutable; thread-safe.
 */
final class RedisRooms implements RoomManager {

  private static final int SAMPLE = 100;
  private static final int MAX_PAGE = 5_000;
  private static final int REAP_ROOMS = 32;
  private static final int REAP_SEATS = 100;

  private final String node;
  private final Commands link;
  private final RoomIndex index;
  private final Keys keys;
  private final Retention retention;
  private final RedisSettings settings;

  RedisRooms(
      String node, Commands link, RoomIndex index, Keys keys, Retention retention, Epochs epochs) {
    this.node = node;
    this.link = link;
    this.index = index;
    this.keys = keys;
    this.retention = retention;
    this.settings = new RedisSettings(link, index, keys, retention, epochs);
  }

  @Override
  public CompletionStage<Membership> join(String room, String session, User user) {
    return move(room, session, user, "");
  }

  @Override
  public CompletionStage<Membership> move(String room, String session, User user, String fromNode) {
    List<String> names =
        index.keys(
            List.of(
                keys.seats(room, node),
                keys.roomNodes(room),
                keys.users(room),
                keys.present(room),
                keys.seats(room, fromNode)),
            keys.rooms(),
            keys.nodeRooms(node),
            keys.nodeRooms(fromNode));
    return index
        .inOrder(
            room,
            session,
            () ->
                index.enter(
                    room,
                    () ->
                        link.eval(
                            Script.JOIN,
                            names,
                            session,
                            user.id(),
                            user.name(),
                            keys.channel(room),
                            node,
                            room,
                            SAMPLE,
                            fromNode)))
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              boolean first = Replies.text(parts.get(0)).equals("1");
              return new Membership(first, Replies.number(parts.get(1)), users(parts));
            });
  }

  @Override
  public CompletionStage<Boolean> leave(String room, String session, User user) {
    List<String> names = seatKeys(room, node);
    return index
        .inOrder(
            room,
            session,
            () -> link.eval(Script.LEAVE, names, session, keys.channel(room), node, room))
        .thenApply(last -> Replies.number(last) == 1);
  }

  /** What changes when a node's sessions leave a room. */
  private List<String> seatKeys(String room, String ofNode) {
    return index.keys(
        List.of(
            keys.seats(room, ofNode),
            keys.roomNodes(room),
            keys.users(room),
            keys.present(room),
            keys.meta(room)),
        keys.nodeRooms(ofNode));
  }

  @Override
  public CompletionStage<MembersPage> members(String room, String after, int limit) {
    return link.eval(
            Script.USERS,
            List.of(keys.users(room), keys.present(room)),
            after,
            Math.min(limit, MAX_PAGE))
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              boolean more = Replies.text(parts.get(1)).equals("1");
              return new MembersPage(users(parts), Replies.number(parts.get(0)), more);
            });
  }

  /** The users in an answer: id and name of each, after two other values. */
  private static List<User> users(List<?> parts) {
    List<User> users = new ArrayList<>((parts.size() - 2) / 2);
    for (int i = 2; i < parts.size(); i += 2) {
      users.add(new User(Replies.text(parts.get(i)), Replies.text(parts.get(i + 1))));
    }
    return users;
  }

  @Override
  public CompletionStage<Long> count(String room) {
    return link.call(Command.ZCARD, keys.users(room)).thenApply(Replies::number);
  }

  @Override
  public CompletionStage<RoomsPage> rooms(String prefix, String after, int limit) {
    return moreRooms(new ArrayList<>(), prefix, after, Math.min(limit, MAX_PAGE));
  }

  /** Reads names until the page is full: those of rooms that are over do not count. */
  private CompletionStage<RoomsPage> moreRooms(
      List<RoomInfo> found, String prefix, String after, int limit) {
    int wanted = limit + 1 - found.size();
    return names(prefix, after, wanted)
        .thenCompose(
            names ->
                existing(names)
                    .thenCompose(
                        rooms -> {
                          found.addAll(rooms);
                          if (found.size() > limit || names.size() < wanted) {
                            boolean more = found.size() > limit;
                            List<RoomInfo> page = more ? found.subList(0, limit) : found;
                            return CompletableFuture.completedFuture(new RoomsPage(page, more));
                          }
                          return moreRooms(found, prefix, names.get(names.size() - 1), limit);
                        }));
  }

  private CompletableFuture<List<String>> names(String prefix, String after, int limit) {
    // Names are compared by their bytes, and no byte of UTF-8 is 0xFF.
    byte[] start = prefix.getBytes(StandardCharsets.UTF_8);
    byte[] above = after.getBytes(StandardCharsets.UTF_8);
    boolean fromAfter = Arrays.compareUnsigned(above, start) >= 0 && above.length > 0;
    byte[] from =
        fromAfter ? bound('(', above) : start.length == 0 ? bytes("-") : bound('[', start);
    byte[] to = start.length == 0 ? bytes("+") : endOf(start);
    return index.names(from, to, limit);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bound(char kind, byte[] name) {
    byte[] bound = new byte[name.length + 1];
    bound[0] = (byte) kind;
    System.arraycopy(name, 0, bound, 1, name.length);
    return bound;
  }

  private static byte[] endOf(byte[] prefix) {
    byte[] bound = bound('(', prefix);
    byte[] end = Arrays.copyOf(bound, bound.length + 1);
    end[bound.length] = (byte) 0xFF;
    return end;
  }

  private CompletableFuture<List<RoomInfo>> existing(List<String> names) {
    CompletableFuture<List<RoomInfo>> rooms = CompletableFuture.completedFuture(new ArrayList<>());
    for (String name : names) {
      // All go out at once; the answers are gathered in the order of the names.
      rooms =
          rooms.thenCombine(
              look(name),
              (list, room) -> {
                if (room != null) {
                  list.add(room);
                }
                return list;
              });
    }
    return rooms;
  }

  private CompletableFuture<@Nullable RoomInfo> look(String room) {
    return link.eval(
            Script.ROOM,
            index.keys(
                List.of(keys.users(room), keys.log(room), keys.meta(room), keys.settings(room)),
                keys.rooms()),
            room,
            retention.age().toMillis())
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              long count = Replies.number(parts.get(0));
              if (count < 0) {
                index.over(room);
              }
              return count < 0 ? null : new RoomInfo(room, count, RedisSettings.read(parts));
            });
  }

  @Override
  public CompletionStage<@Nullable RoomInfo> room(String room) {
    return look(room);
  }

  @Override
  public CompletionStage<Creation> create(
      String room, RoomSettings.Change change, @Nullable User owner, int most) {
    String id = owner == null ? "" : owner.id();
    CompletableFuture<Boolean> place =
        id.isEmpty() ? CompletableFuture.completedFuture(true) : index.reserve(id, room, most);
    return place.thenCompose(
        has ->
            has
                ? index
                    .exists(room)
                    .thenCompose(listed -> settings.create(room, change, owner, most))
                    .thenCompose(created -> created(created, room, id))
                : look(room).thenApply(info -> info == null ? Creation.TOO_MANY : Creation.EXISTS));
  }

  /** A place among the owner's rooms that was taken for one that is another's is given back. */
  private CompletableFuture<Creation> created(Creation creation, String room, String owner) {
    if (creation != Creation.EXISTS || owner.isEmpty()) {
      return CompletableFuture.completedFuture(creation);
    }
    return settings
        .owner(room)
        .thenCompose(
            of ->
                of.equals(owner)
                    ? CompletableFuture.completedFuture(creation)
                    : index.release(owner, room).thenApply(done -> creation));
  }

  @Override
  public CompletionStage<Boolean> change(String room, RoomSettings.Change change) {
    return settings.change(room, change);
  }

  @Override
  public CompletionStage<Boolean> appoint(String room, String user, boolean moderator) {
    return settings.appoint(room, user, moderator);
  }

  @Override
  public CompletionStage<Invitation> invite(String room, String user, int most) {
    return settings.invite(room, user, most);
  }

  @Override
  public CompletionStage<Boolean> uninvite(String room, String user) {
    return settings.uninvite(room, user);
  }

  @Override
  public CompletionStage<Role> role(String room, String user) {
    return settings.role(room, user);
  }

  @Override
  public CompletionStage<Void> remove(String room) {
    return settings.remove(room);
  }

  @Override
  public CompletionStage<Idle> endIdle(Duration idle, String after, int limit) {
    return names("", after, limit)
        .thenCompose(
            names -> {
              CompletableFuture<List<String>> ended =
                  CompletableFuture.completedFuture(new ArrayList<>());
              for (String name : names) {
                ended =
                    ended.thenCombine(
                        settings.endIfIdle(name, idle),
                        (list, over) -> {
                          if (over) {
                            index.over(name);
                            list.add(name);
                          }
                          return list;
                        });
              }
              String next = names.size() < limit ? null : names.get(names.size() - 1);
              return ended.thenApply(list -> new Idle(list, next));
            });
  }

  /**
   * Takes some rooms that are over off the list, so that it does not grow where nobody reads it.
   */
  void tidy() {
    index.some(8).thenAccept(names -> names.forEach(this::look));
  }

  @Override
  public CompletionStage<Long> reap(String dead) {
    return reap(dead, 0);
  }

  private CompletionStage<Long> reap(String dead, long before) {
    return index
        .ofNode(dead, REAP_ROOMS)
        .thenCompose(
            rooms -> {
              CompletableFuture<Long> removed = CompletableFuture.completedFuture(before);
              for (String room : rooms) {
                removed = removed.thenCombine(reapSome(dead, room), Long::sum);
              }
              return rooms.isEmpty() ? removed : removed.thenCompose(sum -> reap(dead, sum));
            });
  }

  private CompletableFuture<Long> reapSome(String dead, String room) {
    return link.eval(Script.REAP, seatKeys(room, dead), keys.channel(room), dead, room, REAP_SEATS)
        .thenCompose(
            answer -> {
              List<?> parts = Replies.list(answer);
              long removed = Replies.number(parts.get(0));
              return Replies.number(parts.get(1)) == 1
                  ? index.left(dead, room).thenApply(done -> removed)
                  : CompletableFuture.completedFuture(removed);
            });
  }
}
