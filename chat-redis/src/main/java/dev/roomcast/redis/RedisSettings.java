package dev.roomcast.redis;

import dev.roomcast.chat.Retention;
import dev.roomcast.chat.RoomManager;
import dev.roomcast.chat.RoomSettings;
import dev.roomcast.chat.User;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** The settings of created rooms, and who was invited, on Redis. Immutable; thread-safe. */
final class RedisSettings {

  private static final String MODERATOR = "m:";

  private final Commands link;
  private final RoomIndex index;
  private final Keys keys;
  private final Retention retention;
  private final Epochs epochs;

  RedisSettings(Commands link, RoomIndex index, Keys keys, Retention retention, Epochs epochs) {
    this.link = link;
    this.index = index;
    this.keys = keys;
    this.retention = retention;
    this.epochs = epochs;
  }

  CompletableFuture<RoomManager.Creation> create(
      String room, RoomSettings.Change change, @Nullable User owner, int most) {
    String title = change.title();
    Duration slow = change.slowMode();
    String id = owner == null ? "" : owner.id();
    return link.eval(
            Script.ROOM_CREATE,
            index.keys(
                List.of(keys.settings(room), keys.users(room), keys.log(room), keys.meta(room)),
                keys.rooms(),
                keys.ownRooms(id)),
            room,
            retention.age().toMillis(),
            most,
            id,
            owner == null ? "" : owner.name(),
            flag(change.isPrivate()),
            title == null ? "" : title,
            slow == null ? 0 : slow.toMillis())
        .thenApply(
            answer -> {
              long result = Replies.number(answer);
              return result > 0
                  ? RoomManager.Creation.CREATED
                  : result == 0 ? RoomManager.Creation.EXISTS : RoomManager.Creation.TOO_MANY;
            });
  }

  private static String flag(@Nullable Boolean value) {
    return Boolean.TRUE.equals(value) ? "1" : "0";
  }

  CompletableFuture<Boolean> change(String room, RoomSettings.Change change) {
    List<Object> fields = new ArrayList<>();
    if (change.isPrivate() != null) {
      fields.add("private");
      fields.add(flag(change.isPrivate()));
    }
    if (change.title() != null) {
      fields.add("title");
      fields.add(change.title());
    }
    if (change.slowMode() != null) {
      fields.add("slow");
      fields.add(change.slowMode().toMillis());
    }
    return change(room, fields.toArray());
  }

  private CompletableFuture<Boolean> change(String room, Object... fields) {
    return link.eval(Script.ROOM_CHANGE, List.of(keys.settings(room)), fields)
        .thenApply(there -> Replies.number(there) == 1);
  }

  CompletableFuture<Boolean> appoint(String room, String user, boolean moderator) {
    return change(room, MODERATOR + user, moderator ? "1" : "");
  }

  CompletableFuture<RoomManager.Invitation> invite(String room, String user, int most) {
    return invitation(room, user, Integer.toString(most))
        .thenApply(
            result ->
                switch (result.intValue()) {
                  case 1 -> RoomManager.Invitation.INVITED;
                  case 0 -> RoomManager.Invitation.ALREADY;
                  case -1 -> RoomManager.Invitation.TOO_MANY;
                  default -> RoomManager.Invitation.NO_ROOM;
                });
  }

  CompletableFuture<Boolean> uninvite(String room, String user) {
    return invitation(room, user, "").thenApply(result -> result >= 0);
  }

  private CompletableFuture<Long> invitation(String room, String user, String most) {
    return link.eval(
            Script.ROOM_INVITE, List.of(keys.settings(room), keys.invited(room)), user, most)
        .thenApply(Replies::number);
  }

  CompletableFuture<RoomManager.Role> role(String room, String user) {
    return link.eval(
            Script.ROOM_ROLE,
            List.of(keys.settings(room), keys.invited(room), keys.users(room)),
            user)
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              return new RoomManager.Role(
                  is(parts.get(0)),
                  is(parts.get(1)),
                  is(parts.get(2)),
                  is(parts.get(3)),
                  is(parts.get(4)),
                  is(parts.get(5)),
                  Duration.ofMillis(Replies.number(parts.get(6))));
            });
  }

  private static boolean is(@Nullable Object value) {
    return Replies.number(value) == 1;
  }

  /** Whose the room is has to be known first: the owner's list is in another place. */
  CompletableFuture<Void> remove(String room) {
    return owner(room)
        .thenCompose(
            id -> {
              if (!id.isEmpty()) {
                index.release(id, room);
              }
              return link.call(Command.DEL, keys.settings(room), keys.invited(room));
            })
        .thenAccept(done -> {});
  }

  /** Whose a room is, empty when nobody's. */
  CompletableFuture<String> owner(String room) {
    return owner(link, keys, room);
  }

  static CompletableFuture<String> owner(Commands commands, Keys keys, String room) {
    return commands
        .call(Command.HGET, keys.settings(room), "owner")
        .thenApply(owner -> owner == null ? "" : Replies.text(owner));
  }

  CompletableFuture<Boolean> endIfIdle(String room, Duration idle) {
    return link.eval(
            Script.ROOM_IDLE,
            index.keys(
                List.of(
                    keys.settings(room),
                    keys.users(room),
                    keys.log(room),
                    keys.meta(room),
                    keys.keys(room),
                    keys.olderKeys(room)),
                keys.rooms()),
            Script.RUN,
            epochs.next(),
            idle.toMillis(),
            room)
        .thenApply(ended -> Replies.number(ended) == 1);
  }

  /** Reads the fields and values after the first part; null when there are none. */
  static @Nullable RoomSettings read(List<?> parts) {
    if (parts.size() < 2) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    Set<String> moderators = new HashSet<>();
    for (int i = 1; i < parts.size(); i += 2) {
      String field = Replies.text(parts.get(i));
      if (field.startsWith(MODERATOR)) {
        moderators.add(field.substring(MODERATOR.length()));
      } else {
        fields.put(field, Replies.text(parts.get(i + 1)));
      }
    }
    String title = fields.getOrDefault("title", "");
    String owner = fields.getOrDefault("owner", "");
    return new RoomSettings(
        "1".equals(fields.get("private")),
        title.isEmpty() ? null : title,
        owner.isEmpty() ? null : new User(owner, Objects.requireNonNull(fields.get("name"))),
        Instant.ofEpochMilli(Long.parseLong(fields.getOrDefault("created", "0"))),
        moderators,
        Duration.ofMillis(Long.parseLong(fields.getOrDefault("slow", "0"))));
  }
}
