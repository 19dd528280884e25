package dev.roomcast.redis;

import dev.roomcast.chat.Json;
import dev.roomcast.chat.StateStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** Mutes, bans, slow users and notices on Redis, by Redis's clock. Immutable; thread-safe. */
final class RedisModeration {

  private static final int MAX_NOTICES = 10_000;

  private final Commands link;
  private final Keys keys;

  RedisModeration(Commands link, Keys keys) {
    this.link = link;
    this.keys = keys;
  }

  private String key(StateStore.Sanction sanction, String room) {
    return keys.sanctions(
        switch (sanction) {
          case MUTE -> "muted";
          case BAN -> "banned";
        },
        room);
  }

  CompletionStage<Void> impose(
      StateStore.Sanction sanction, String room, String user, Duration duration) {
    boolean forever = duration.equals(StateStore.FOREVER);
    return link.eval(
            Script.SANCTION, List.of(key(sanction, room)), user, forever ? "" : duration.toMillis())
        .thenAccept(done -> {});
  }

  CompletionStage<Void> lift(StateStore.Sanction sanction, String room, String user) {
    return link.call(Command.ZREM, key(sanction, room), user).thenAccept(done -> {});
  }

  CompletionStage<Void> liftAll(String room) {
    return link.call(
            Command.DEL, key(StateStore.Sanction.MUTE, room), key(StateStore.Sanction.BAN, room))
        .thenAccept(done -> {});
  }

  CompletionStage<StateStore.Sanctions> sanctions(String room, String user) {
    return link.eval(
            Script.SANCTIONS,
            List.of(key(StateStore.Sanction.MUTE, room), key(StateStore.Sanction.BAN, room)),
            user)
        .thenApply(
            answer -> {
              List<?> parts = Replies.list(answer);
              return new StateStore.Sanctions(left(parts.get(0)), left(parts.get(1)));
            });
  }

  private static @Nullable Duration left(@Nullable Object value) {
    long ms = Replies.number(value);
    return ms == 0 ? null : ms < 0 ? StateStore.FOREVER : Duration.ofMillis(ms);
  }

  CompletionStage<Duration> pace(
      String room, String user, @Nullable String key, Duration interval) {
    return link.eval(
            Script.PACE,
            List.of(keys.pace(room, user)),
            key == null ? "" : key,
            interval.toMillis())
        .thenApply(wait -> Duration.ofMillis(Replies.number(wait)));
  }

  CompletionStage<Void> post(Json notice) {
    return link.eval(
            Script.NOTICE_POST,
            List.of(keys.notices(), keys.lastNotice()),
            notice.toUtf8(),
            MAX_NOTICES)
        .thenAccept(done -> {});
  }

  CompletionStage<StateStore.Notices> notices(long after) {
    return link.eval(
            Script.NOTICE_READ, List.of(keys.notices(), keys.lastNotice()), after, MAX_NOTICES)
        .thenApply(
            answer -> {
              List<String> parts = Replies.texts(answer);
              List<Json> notices = new ArrayList<>();
              for (String notice : parts.subList(2, parts.size())) {
                byte[] utf8 = notice.getBytes(StandardCharsets.UTF_8);
                notices.add(Json.ofUtf8(utf8, 0, utf8.length));
              }
              return new StateStore.Notices(
                  notices, Long.parseLong(parts.get(0)), parts.get(1).equals("1"));
            });
  }
}
