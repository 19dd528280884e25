package dev.roomcast.chat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Mutes, bans, slow users and notices in memory. Guarded by "this". */
final class InMemoryModeration {

  private static final int MAX_NOTICES = 10_000;
  private static final long NEVER = Long.MAX_VALUE;

  private final InMemoryBackend.Shared shared;
  private final Map<Subject, Long> sanctions = new HashMap<>();
  private final Map<Speaker, Spoken> spoken = new HashMap<>();
  private final ArrayDeque<Json> notices = new ArrayDeque<>();
  private long posted;

  InMemoryModeration(InMemoryBackend.Shared shared) {
    this.shared = shared;
  }

  private record Subject(StateStore.Sanction sanction, String room, String user) {}

  private record Speaker(String room, String user) {}

  /** When somebody may speak again, and the key of what was said. */
  private record Spoken(long until, @Nullable String key) {}

  private static CompletionStage<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  synchronized CompletionStage<Void> impose(
      StateStore.Sanction sanction, String room, String user, Duration duration) {
    long until =
        duration.equals(StateStore.FOREVER) ? NEVER : shared.clock.millis() + duration.toMillis();
    sanctions.put(new Subject(sanction, room, user), until);
    return done();
  }

  synchronized CompletionStage<Void> lift(StateStore.Sanction sanction, String room, String user) {
    sanctions.remove(new Subject(sanction, room, user));
    return done();
  }

  synchronized CompletionStage<Void> liftAll(String room) {
    sanctions.keySet().removeIf(subject -> subject.room().equals(room));
    spoken.keySet().removeIf(speaker -> speaker.room().equals(room));
    return done();
  }

  synchronized CompletionStage<StateStore.Sanctions> sanctions(String room, String user) {
    return CompletableFuture.completedFuture(
        new StateStore.Sanctions(
            left(new Subject(StateStore.Sanction.MUTE, room, user)),
            left(new Subject(StateStore.Sanction.BAN, room, user))));
  }

  private @Nullable Duration left(Subject subject) {
    Long until = sanctions.get(subject);
    if (until == null || until == NEVER) {
      return until == null ? null : StateStore.FOREVER;
    }
    long left = until - shared.clock.millis();
    return left > 0 ? Duration.ofMillis(left) : null;
  }

  synchronized CompletionStage<Duration> pace(
      String room, String user, @Nullable String key, Duration interval) {
    long now = shared.clock.millis();
    Speaker speaker = new Speaker(room, user);
    Spoken before = spoken.get(speaker);
    boolean again = before != null && key != null && key.equals(before.key());
    long wait = before == null || again ? 0 : Math.max(0, before.until() - now);
    if (wait == 0 && !again) {
      spoken.put(speaker, new Spoken(now + interval.toMillis(), key));
    }
    return CompletableFuture.completedFuture(Duration.ofMillis(wait));
  }

  synchronized CompletionStage<Void> post(Json notice) {
    posted++;
    notices.add(notice);
    if (notices.size() > MAX_NOTICES) {
      notices.remove();
    }
    return done();
  }

  synchronized CompletionStage<StateStore.Notices> notices(long after) {
    long first = posted - notices.size() + 1;
    boolean missed = after >= 0 && (after > posted || after + 1 < first);
    long skip = after < 0 ? notices.size() : missed ? 0 : after + 1 - first;
    return CompletableFuture.completedFuture(
        new StateStore.Notices(notices.stream().skip(skip).toList(), posted, missed));
  }

  /** Forgets what is over. */
  synchronized void sweep() {
    long now = shared.clock.millis();
    sanctions.values().removeIf(until -> until <= now);
    spoken.values().removeIf(said -> said.until() <= now);
  }
}
