package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;

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
    public CompletionStage<RoomsPage> rooms(String after, int limit) {
      NavigableMap<String, Long> known = new TreeMap<>(Utf8Order.INSTANCE);
      rooms
          .tailMap(after, false)
          .forEach(
              (room, members) -> {
                if (Conversation.is(room)) {
                  return;
                }
                synchronized (members) {
                  known.put(room, (long) members.users.size());
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
      List<RoomInfo> page =
          known.entrySet().stream()
              .limit(limit)
              .map(room -> new RoomInfo(room.getKey(), room.getValue()))
              .toList();
      return CompletableFuture.completedFuture(new RoomsPage(page, known.size() > page.size()));
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
