package dev.roomcast.chat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The settings of created rooms, and who was invited, in memory. Guarded by "this". */
final class InMemorySettings {

  private final InMemoryBackend.Shared shared;
  private final Map<String, Entry> rooms = new HashMap<>();

  InMemorySettings(InMemoryBackend.Shared shared) {
    this.shared = shared;
  }

  /** One room; its fields are guarded by the settings' monitor. */
  private static final class Entry {
    RoomSettings settings;
    final Set<String> invited = new HashSet<>();

    Entry(RoomSettings settings) {
      this.settings = settings;
    }
  }

  synchronized RoomManager.Creation create(
      String room, RoomSettings.Change change, @Nullable User owner, int most) {
    if (rooms.containsKey(room)) {
      return RoomManager.Creation.EXISTS;
    }
    if (owner != null && most > 0 && owned(owner.id()) >= most) {
      return RoomManager.Creation.TOO_MANY;
    }
    RoomSettings plain =
        new RoomSettings(false, null, owner, shared.clock.instant(), Set.of(), Duration.ZERO);
    rooms.put(room, new Entry(changed(plain, change)));
    return RoomManager.Creation.CREATED;
  }

  private long owned(String user) {
    return rooms.values().stream()
        .map(entry -> entry.settings.owner())
        .filter(owner -> owner != null && owner.id().equals(user))
        .count();
  }

  private static RoomSettings changed(RoomSettings before, RoomSettings.Change change) {
    Boolean isPrivate = change.isPrivate();
    String title = change.title();
    Duration slow = change.slowMode();
    return new RoomSettings(
        isPrivate == null ? before.isPrivate() : isPrivate,
        title == null ? before.title() : title.isEmpty() ? null : title,
        before.owner(),
        before.createdAt(),
        before.moderators(),
        slow == null ? before.slowMode() : slow);
  }

  synchronized boolean change(String room, RoomSettings.Change change) {
    Entry entry = rooms.get(room);
    if (entry != null) {
      entry.settings = changed(entry.settings, change);
    }
    return entry != null;
  }

  synchronized boolean appoint(String room, String user, boolean moderator) {
    Entry entry = rooms.get(room);
    if (entry == null) {
      return false;
    }
    RoomSettings before = entry.settings;
    Set<String> moderators = new TreeSet<>(before.moderators());
    boolean unused = moderator ? moderators.add(user) : moderators.remove(user);
    entry.settings =
        new RoomSettings(
            before.isPrivate(),
            before.title(),
            before.owner(),
            before.createdAt(),
            moderators,
            before.slowMode());
    return true;
  }

  synchronized RoomManager.Invitation invite(String room, String user, int most) {
    Entry entry = rooms.get(room);
    if (entry == null) {
      return RoomManager.Invitation.NO_ROOM;
    } else if (entry.invited.contains(user)) {
      return RoomManager.Invitation.ALREADY;
    } else if (entry.invited.size() >= most) {
      return RoomManager.Invitation.TOO_MANY;
    }
    entry.invited.add(user);
    return RoomManager.Invitation.INVITED;
  }

  synchronized boolean uninvite(String room, String user) {
    Entry entry = rooms.get(room);
    if (entry != null) {
      entry.invited.remove(user);
    }
    return entry != null;
  }

  synchronized RoomManager.Role role(String room, String user, boolean member) {
    Entry entry = rooms.get(room);
    if (entry == null) {
      return new RoomManager.Role(false, false, false, false, false, member, Duration.ZERO);
    }
    User owner = entry.settings.owner();
    return new RoomManager.Role(
        true,
        entry.settings.isPrivate(),
        owner != null && owner.id().equals(user),
        entry.settings.moderators().contains(user),
        entry.invited.contains(user),
        member,
        entry.settings.slowMode());
  }

  synchronized @Nullable RoomSettings get(String room) {
    Entry entry = rooms.get(room);
    return entry == null ? null : entry.settings;
  }

  synchronized Set<String> names() {
    return Set.copyOf(rooms.keySet());
  }

  synchronized void remove(String room) {
    rooms.remove(room);
  }
}
