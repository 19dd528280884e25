package dev.roomcast.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who is in which room, in memory.
 *
 * <p>A room is here as long as it has members. Every room's members are guarded by the room's own
 * monitor, edges are announced under it, so that they come in the order of the changes; a room that
 * is found {@code gone} is looked up again. Thread-safe.
 */
final class InMemoryPresence {

  private static final int SAMPLE = 100;

  private final InMemoryBackend.Shared shared;
  private final ConcurrentSkipListMap<String, Members> rooms =
      new ConcurrentSkipListMap<>(Utf8Order.INSTANCE);

  InMemoryPresence(InMemoryBackend.Shared shared) {
    this.shared = shared;
  }

  /** One room: who has which seat, and its users in the order of their ids. */
  private static final class Members {
    final Map<Seat, User> seats = new HashMap<>();
    final NavigableMap<String, Present> users = new TreeMap<>(Utf8Order.INSTANCE);
    boolean gone;
  }

  /** When the last member left a room that has a log. */
  private final Map<String, Long> leftAt = new ConcurrentHashMap<>();

  /** Does something with the number of a room's users while nobody comes or goes. */
  private <T> T still(String room, IntFunction<T> work) {
    while (true) {
      Members members = rooms.computeIfAbsent(room, name -> new Members());
      synchronized (members) {
        if (members.gone) {
          continue;
        }
        T result = work.apply(members.users.size());
        if (members.seats.isEmpty()) {
          members.gone = true;
          rooms.remove(room, members);
        }
        return result;
      }
    }
  }

  /** For tests: the rooms that have members, in words. */
  List<String> leftovers() {
    List<String> left = new ArrayList<>();
    rooms.forEach((room, members) -> left.add("members of " + room + ": " + members.seats));
    return left;
  }

  /**
   * A session's place on a node. While a session moves it may have one on both, as each node asks
   * for its own part of the move.
   */
  private record Seat(String session, String node) {}

  private record Present(User user, int sessions) {}

  RoomManager of(String node) {
    return new OfNode(node);
  }

  /** Must be called with the room's monitor held. */
  private boolean enter(String room, Members members, String session, User user, String node) {
    if (members.seats.put(new Seat(session, node), user) != null) {
      return false;
    }
    Present before = members.users.get(user.id());
    members.users.put(user.id(), new Present(user, before == null ? 1 : before.sessions() + 1));
    if (before == null) {
      shared.announce(room, new PresenceChange(user, true, members.users.size()));
    }
    return before == null;
  }

  /** Must be called with the room's monitor held and the session's seat already taken away. */
  private boolean exit(String room, Members members, User user) {
    Present before = members.users.get(user.id());
    if (before == null) {
      return false;
    }
    if (before.sessions() > 1) {
      members.users.put(user.id(), new Present(before.user(), before.sessions() - 1));
      return false;
    }
    members.users.remove(user.id());
    shared.announce(room, new PresenceChange(before.user(), false, members.users.size()));
    if (members.seats.isEmpty()) {
      members.gone = true;
      rooms.remove(room, members);
      if (shared.logs.containsKey(room)) {
        leftAt.put(room, shared.clock.millis());
      }
    }
    return true;
  }

  /** The operations as one node has them. Thread-safe. */
  private final class OfNode implements RoomManager {
    private final String node;

    OfNode(String node) {
      this.node = node;
    }

    @Override
    public CompletionStage<Membership> join(String room, String session, User user) {
      while (true) {
        Members members = rooms.computeIfAbsent(room, name -> new Members());
        synchronized (members) {
          if (!members.gone) {
            boolean first = enter(room, members, session, user, node);
            return CompletableFuture.completedFuture(membership(members, first));
          }
        }
      }
    }

    private static Membership membership(Members members, boolean first) {
      List<User> sample = members.users.values().stream().limit(SAMPLE).map(Present::user).toList();
      return new Membership(first, members.users.size(), sample);
    }

    @Override
    public CompletionStage<Boolean> leave(String room, String session, User user) {
      Members members = rooms.get(room);
      boolean last = false;
      if (members != null) {
        synchronized (members) {
          User seated = members.seats.remove(new Seat(session, node));
          last = seated != null && exit(room, members, seated);
        }
      }
      return CompletableFuture.completedFuture(last);
    }

    @Override
    public CompletionStage<Membership> move(
        String room, String session, User user, String fromNode) {
      while (true) {
        Members members = rooms.computeIfAbsent(room, name -> new Members());
        synchronized (members) {
          if (!members.gone) {
            boolean first = enter(room, members, session, user, node);
            if (!fromNode.equals(node)) {
              User seated = members.seats.remove(new Seat(session, fromNode));
              if (seated != null) {
                exit(room, members, seated);
              }
            }
            return CompletableFuture.completedFuture(membership(members, first));
          }
        }
      }
    }

    @Override
    public CompletionStage<MembersPage> members(String room, String after, int limit) {
      Members members = rooms.get(room);
      if (members == null) {
        return CompletableFuture.completedFuture(new MembersPage(List.of(), 0, false));
      }
      synchronized (members) {
        NavigableMap<String, Present> above = members.users.tailMap(after, false);
        List<User> page = above.values().stream().limit(limit).map(Present::user).toList();
        return CompletableFuture.completedFuture(
            new MembersPage(page, members.users.size(), above.size() > page.size()));
      }
    }

    @Override
    public CompletionStage<RoomsPage> rooms(String prefix, String after, int limit) {
      NavigableMap<String, Long> known = known(after);
      List<RoomInfo> page =
          known.entrySet().stream()
              .filter(room -> room.getKey().startsWith(prefix))
              .limit(limit + 1L)
              .map(
                  room ->
                      new RoomInfo(
                          room.getKey(), room.getValue(), shared.settings.get(room.getKey())))
              .toList();
      boolean more = page.size() > limit;
      return CompletableFuture.completedFuture(
          new RoomsPage(more ? page.subList(0, limit) : page, more));
    }

    /** The rooms above a name, with the number of users. */
    private NavigableMap<String, Long> known(String after) {
      NavigableMap<String, Long> known = new TreeMap<>(Utf8Order.INSTANCE);
      rooms
          .tailMap(after, false)
          .forEach(
              (room, members) -> {
                if (Conversation.is(room)) {
                  return;
                }
                synchronized (members) {
                  if (!members.seats.isEmpty()) {
                    known.put(room, (long) members.users.size());
                  }
                }
              });
      shared.logs.forEach(
          (room, log) -> {
            if (!Conversation.is(room)
                && Utf8Order.INSTANCE.compare(room, after) > 0
                && log.hasEntries()) {
              known.putIfAbsent(room, 0L);
            }
          });
      for (String room : shared.settings.names()) {
        if (Utf8Order.INSTANCE.compare(room, after) > 0) {
          known.putIfAbsent(room, 0L);
        }
      }
      return known;
    }

    @Override
    public CompletionStage<@Nullable RoomInfo> room(String room) {
      return count(room)
          .thenApply(
              count -> {
                RoomSettings settings = shared.settings.get(room);
                InMemoryLog log = shared.logs.get(room);
                boolean exists = count > 0 || settings != null || log != null && log.hasEntries();
                return exists ? new RoomInfo(room, count, settings) : null;
              });
    }

    @Override
    public CompletionStage<Creation> create(
        String room, RoomSettings.Change change, @Nullable User owner, int most) {
      return CompletableFuture.completedFuture(
          still(
              room,
              users -> {
                InMemoryLog log = shared.logs.get(room);
                return users > 0 || log != null && log.hasEntries()
                    ? Creation.EXISTS
                    : shared.settings.create(room, change, owner, most);
              }));
    }

    @Override
    public CompletionStage<Boolean> change(String room, RoomSettings.Change change) {
      return CompletableFuture.completedFuture(shared.settings.change(room, change));
    }

    @Override
    public CompletionStage<Boolean> appoint(String room, String user, boolean moderator) {
      return CompletableFuture.completedFuture(shared.settings.appoint(room, user, moderator));
    }

    @Override
    public CompletionStage<Invitation> invite(String room, String user, int most) {
      return CompletableFuture.completedFuture(shared.settings.invite(room, user, most));
    }

    @Override
    public CompletionStage<Boolean> uninvite(String room, String user) {
      return CompletableFuture.completedFuture(shared.settings.uninvite(room, user));
    }

    @Override
    public CompletionStage<Role> role(String room, String user) {
      Members members = rooms.get(room);
      boolean member = false;
      if (members != null) {
        synchronized (members) {
          member = members.users.containsKey(user);
        }
      }
      return CompletableFuture.completedFuture(shared.settings.role(room, user, member));
    }

    @Override
    public CompletionStage<Void> remove(String room) {
      shared.settings.remove(room);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Idle> endIdle(Duration idle, String after, int limit) {
      long before = shared.clock.millis() - idle.toMillis();
      List<String> names = known(after).keySet().stream().limit(limit).toList();
      List<String> ended =
          names.stream()
              .filter(room -> ModerationLog.about(room) == null && endIfIdle(room, before))
              .toList();
      leftAt.keySet().removeIf(room -> !shared.logs.containsKey(room));
      return CompletableFuture.completedFuture(
          new Idle(ended, names.size() < limit ? null : names.get(names.size() - 1)));
    }

    private boolean endIfIdle(String room, long before) {
      return still(
          room,
          users -> {
            InMemoryLog log = shared.logs.get(room);
            boolean idle =
                users == 0
                    && log != null
                    && shared.settings.get(room) == null
                    && leftAt.getOrDefault(room, 0L) < before
                    && log.destroyIfQuietSince(before);
            if (idle) {
              leftAt.remove(room);
            }
            return idle;
          });
    }

    @Override
    public CompletionStage<Long> count(String room) {
      Members members = rooms.get(room);
      if (members == null) {
        return CompletableFuture.completedFuture(0L);
      }
      synchronized (members) {
        return CompletableFuture.completedFuture((long) members.users.size());
      }
    }

    @Override
    public CompletionStage<Long> reap(String dead) {
      long removed = 0;
      for (Map.Entry<String, Members> room : rooms.entrySet()) {
        Members members = room.getValue();
        synchronized (members) {
          List<User> gone = new ArrayList<>();
          members
              .seats
              .entrySet()
              .removeIf(seat -> seat.getKey().node().equals(dead) && gone.add(seat.getValue()));
          gone.forEach(user -> exit(room.getKey(), members, user));
          removed += gone.size();
        }
      }
      return CompletableFuture.completedFuture(removed);
    }
  }
}
