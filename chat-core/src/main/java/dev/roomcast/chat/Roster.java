package dev.roomcast.chat;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a room on all nodes, and what changed since members were told.
 *
 * <p>Changes are applied idempotently, so that a list that was read while changes were on their way
 * needs no fence; {@code departed} are the last who left. Above the limit only the count is kept.
 * Confined to the thread that has the room's turn.
 */
final class Roster {

  /** So many users a newcomer is told of by name. */
  private static final int SAMPLE = 100;

  private final String room;
  private final int limit;
  private final Map<String, User> joined = new LinkedHashMap<>();
  private final Map<String, User> left = new LinkedHashMap<>();
  private final Set<String> departed = new LinkedHashSet<>();
  private @Nullable Map<String, User> present;
  private long count;
  private long toldCount;
  private boolean intervalOpen;
  private boolean seenMeanwhile;

  Roster(String room, int limit) {
    this.room = room;
    this.limit = limit;
  }

  /** Notes a change. */
  void apply(PresenceChange change) {
    count = change.count();
    if (present != null && count > limit) {
      countOnly();
    }
    User user = change.user();
    if (present != null) {
      boolean news =
          change.present()
              ? present.put(user.id(), user) == null
              : present.remove(user.id()) != null;
      if (!news) {
        return;
      }
    }
    note(user, change.present());
  }

  /** Replaces the list by what was read, and notes the difference, if there was a list before. */
  void replace(RoomManager.MembersPage page) {
    count = page.count();
    if (page.more() || page.count() > limit) {
      countOnly();
      return;
    }
    Map<String, User> now = byId(page.members());
    Map<String, User> before = present;
    if (before == null) {
      begin(now);
      toldCount = count;
      return;
    }
    present = now;
    List.copyOf(before.values()).stream()
        .filter(user -> !now.containsKey(user.id()))
        .forEach(user -> note(user, false));
    now.values().stream()
        .filter(user -> !before.containsKey(user.id()))
        .forEach(user -> note(user, true));
  }

  /** Starts with a list: what was noted before it must not contradict it. */
  private void begin(Map<String, User> now) {
    present = now;
    joined.keySet().retainAll(now.keySet());
    left.keySet().removeAll(now.keySet());
  }

  /**
   * Takes the users that a join found; returns whether it is not sure that they are still here:
   * somebody is not known here, or the newcomer is known to have left.
   */
  boolean meet(RoomManager.Membership found, User newcomer) {
    if (found.count() > limit) {
      return false;
    }
    Map<String, User> known = present;
    if (known == null) {
      if (found.count() == found.members().size()) {
        begin(byId(found.members()));
        count = found.count();
        toldCount = count;
      }
      return false;
    }
    boolean news = false;
    for (User user : found.members()) {
      if (known.putIfAbsent(user.id(), user) == null) {
        news |= !user.id().equals(newcomer.id()) || departed.contains(user.id());
        note(user, true);
      }
    }
    return news;
  }

  /** Who is here as far as is known, at most as many as the join found room for. */
  RoomManager.Membership seenBy(RoomManager.Membership found) {
    Map<String, User> known = present;
    if (known == null) {
      return found;
    }
    seenMeanwhile = true;
    List<User> sample = known.values().stream().limit(SAMPLE).toList();
    return new RoomManager.Membership(found.first(), known.size(), sample);
  }

  private static Map<String, User> byId(List<User> users) {
    Map<String, User> byId = new TreeMap<>(Utf8Order.INSTANCE);
    users.forEach(user -> byId.put(user.id(), user));
    return byId;
  }

  private void note(User user, boolean isPresent) {
    if (isPresent) {
      departed.remove(user.id());
    } else {
      departed.add(user.id());
      if (departed.size() > limit) {
        departed.remove(departed.iterator().next());
      }
    }
    // Coming and going within one interval cancel each other, unless somebody saw it in between.
    Map<String, User> opposite = isPresent ? left : joined;
    if (opposite.remove(user.id()) == null || seenMeanwhile) {
      (isPresent ? joined : left).put(user.id(), user);
    }
  }

  private void countOnly() {
    present = null;
    joined.clear();
    left.clear();
  }

  /** Whether an interval begins with this call: the caller ends it when it is over. */
  boolean startInterval() {
    boolean start = !intervalOpen;
    intervalOpen = true;
    return start;
  }

  /** Returns the frame that tells what changed, or null when nothing did. */
  @Nullable String endInterval() {
    intervalOpen = false;
    seenMeanwhile = false;
    if (present != null) {
      count = present.size();
    }
    boolean changed = !joined.isEmpty() || !left.isEmpty();
    boolean large = count > limit;
    if (!changed && !(large && count != toldCount)) {
      return null;
    }
    String frame = FrameWriter.presence(room, joined.values(), left.values(), count, large);
    joined.clear();
    left.clear();
    toldCount = count;
    return frame;
  }
}
