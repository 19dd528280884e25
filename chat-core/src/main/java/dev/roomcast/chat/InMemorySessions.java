package dev.roomcast.chat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Sessions and node leases in memory. Guarded by "this". */
final class InMemorySessions {

  private static final long NEVER = Long.MAX_VALUE;

  private final InMemoryBackend.Shared shared;
  private final Map<String, Entry> sessions = new HashMap<>();
  private final Map<String, Set<String>> byUser = new HashMap<>();
  private final Map<String, Set<String>> blocked = new HashMap<>();
  private final Map<String, Long> leases = new HashMap<>();
  private final InMemoryNames names = new InMemoryNames();
  private final InMemoryTokens tokens = new InMemoryTokens();

  InMemorySessions(InMemoryBackend.Shared shared) {
    this.shared = shared;
  }

  /** A session; its fields are guarded by the sessions' monitor. */
  private static final class Entry {
    final User user;
    final Set<String> rooms = new HashSet<>();
    String node;
    String nodeBefore = "";
    String secretHash;
    long endsAt = NEVER;

    Entry(User user, String node, String secretHash) {
      this.user = user;
      this.node = node;
      this.secretHash = secretHash;
    }
  }

  StateStore of(String node, Retention retention) {
    return new OfNode(node, retention);
  }

  private synchronized @Nullable Entry valid(String session, String secretHash) {
    Entry entry = sessions.get(session);
    if (entry == null || entry.endsAt <= shared.clock.millis()) {
      return null;
    }
    boolean same =
        MessageDigest.isEqual(
            entry.secretHash.getBytes(StandardCharsets.UTF_8),
            secretHash.getBytes(StandardCharsets.UTF_8));
    return same ? entry : null;
  }

  /** Not with the monitor held: a log that is being written to asks for sessions. */
  private void sweep(Duration unusedLogAge) {
    long now = shared.clock.millis();
    removeIf(entry -> entry.endsAt <= now);
    shared.logs.values().removeIf(log -> log.dropIfUnused(unusedLogAge));
    shared.moderation.sweep();
  }

  private synchronized void removeIf(Predicate<Entry> over) {
    List<String> ids =
        sessions.entrySet().stream()
            .filter(session -> over.test(session.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    ids.forEach(this::remove);
  }

  private synchronized void remove(String session) {
    Entry entry = sessions.remove(session);
    if (entry != null) {
      byUser.computeIfPresent(
          entry.user.id(),
          (user, ids) -> {
            ids.remove(session);
            return ids.isEmpty() ? null : ids;
          });
    }
  }

  private synchronized List<StateStore.UserSession> ofUser(String user) {
    long now = shared.clock.millis();
    return byUser.getOrDefault(user, Set.of()).stream()
        .sorted()
        .filter(id -> entry(id).endsAt > now)
        .map(
            id ->
                new StateStore.UserSession(
                    id, entry(id).user, entry(id).node, entry(id).endsAt == NEVER))
        .toList();
  }

  /** The nodes on which the user has a connected session. */
  synchronized Set<String> nodesOf(String user) {
    Set<String> nodes = new HashSet<>();
    for (String id : byUser.getOrDefault(user, Set.of())) {
      if (entry(id).endsAt == NEVER) {
        nodes.add(entry(id).node);
      }
    }
    return nodes;
  }

  private synchronized Entry entry(String session) {
    return Objects.requireNonNull(sessions.get(session), session);
  }

  /** For tests: the sessions that have not ended, in words. */
  synchronized List<String> leftovers() {
    long now = shared.clock.millis();
    return sessions.entrySet().stream()
        .filter(entry -> entry.getValue().endsAt > now)
        .map(entry -> "session " + entry.getKey() + " of " + entry.getValue().node)
        .toList();
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }

  /** The operations as one node has them. Thread-safe. */
  private final class OfNode implements StateStore {
    private final String node;
    private final Retention retention;

    OfNode(String node, Retention retention) {
      this.node = node;
      this.retention = retention;
    }

    private final Object monitor = InMemorySessions.this;

    /** Must be called with the monitor held. */
    private @Nullable Entry mine(String session) {
      Entry entry = sessions.get(session);
      return entry == null || !entry.node.equals(node) ? null : entry;
    }

    @Override
    public CompletionStage<Boolean> open(String session, User user, String secretHash) {
      synchronized (monitor) {
        Entry entry = sessions.get(session);
        boolean mine = entry == null || entry.node.equals(node);
        if (mine) {
          remove(session);
          sessions.put(session, new Entry(user, node, secretHash));
          byUser.computeIfAbsent(user.id(), id -> new HashSet<>()).add(session);
        }
        return done(mine);
      }
    }

    @Override
    public CompletionStage<Void> entered(String session, String room) {
      synchronized (monitor) {
        Entry entry = mine(session);
        if (entry != null) {
          entry.rooms.add(room);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> exited(String session, String room) {
      synchronized (monitor) {
        Entry entry = mine(session);
        if (entry != null) {
          entry.rooms.remove(room);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<@Nullable User> find(String session, String secretHash) {
      Entry entry = valid(session, secretHash);
      return CompletableFuture.completedFuture(entry == null ? null : entry.user);
    }

    @Override
    public CompletionStage<@Nullable SessionRecord> takeOver(
        String session, String secretHash, String newSecretHash) {
      synchronized (monitor) {
        Entry done = valid(session, newSecretHash);
        if (done != null && done.node.equals(node)) {
          return done(new SessionRecord(session, done.user, done.nodeBefore, done.rooms));
        }
        Entry entry = valid(session, secretHash);
        if (entry == null) {
          return CompletableFuture.completedFuture(null);
        }
        SessionRecord taken = new SessionRecord(session, entry.user, entry.node, entry.rooms);
        entry.nodeBefore = entry.node;
        entry.node = node;
        entry.secretHash = newSecretHash;
        entry.endsAt = NEVER;
        return CompletableFuture.completedFuture(taken);
      }
    }

    @Override
    public CompletionStage<Void> detached(String session, Duration ttl) {
      synchronized (monitor) {
        Entry entry = mine(session);
        if (entry != null) {
          entry.endsAt = shared.clock.millis() + ttl.toMillis();
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> close(String session) {
      synchronized (monitor) {
        if (mine(session) != null) {
          remove(session);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Tokens> takeTokens(
        String user, int used, int wanted, int perSecond, int burst) {
      return done(tokens.take(shared.clock.millis(), user, used, wanted, perSecond, burst));
    }

    @Override
    public CompletionStage<List<UserSession>> sessions(String user) {
      return done(ofUser(user));
    }

    @Override
    public CompletionStage<Void> block(String user, String other, boolean block) {
      synchronized (monitor) {
        Set<String> others = blocked.computeIfAbsent(user, id -> new HashSet<>());
        if (block) {
          others.add(other);
        } else if (others.remove(other) && others.isEmpty()) {
          blocked.remove(user);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> claimName(String skeleton, String name) {
      return done(names.claim(skeleton, node, name));
    }

    @Override
    public CompletionStage<Void> releaseName(String skeleton) {
      names.release(skeleton, node);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Boolean> isBlocked(String user, String other) {
      synchronized (monitor) {
        return done(blocked.getOrDefault(user, Set.of()).contains(other));
      }
    }

    @Override
    public CompletionStage<Boolean> lease(Duration ttl) {
      sweep(retention.age());
      tokens.sweep(shared.clock.millis());
      synchronized (monitor) {
        return done(leases.put(node, shared.clock.millis() + ttl.toMillis()) != null);
      }
    }

    @Override
    public CompletionStage<List<String>> deadNodes(Duration grace) {
      synchronized (monitor) {
        long before = shared.clock.millis() - grace.toMillis();
        return done(nodes(end -> end < before));
      }
    }

    @Override
    public CompletionStage<List<String>> liveNodes() {
      synchronized (monitor) {
        long now = shared.clock.millis();
        return done(nodes(end -> end > now));
      }
    }

    private List<String> nodes(java.util.function.LongPredicate leaseEnd) {
      return leases.entrySet().stream()
          .filter(lease -> leaseEnd.test(lease.getValue()))
          .map(Map.Entry::getKey)
          .sorted()
          .toList();
    }

    @Override
    public CompletionStage<@Nullable Position> claimCursor(String room, String sink, Duration ttl) {
      return CompletableFuture.completedFuture(shared.cursors.claim(room, sink, node, ttl));
    }

    @Override
    public CompletionStage<Boolean> moveCursor(
        String room, String sink, Position position, Duration ttl) {
      return done(shared.cursors.move(room, sink, position, node, ttl));
    }

    @Override
    public CompletionStage<Void> forget(String dead) {
      synchronized (monitor) {
        leases.remove(dead);
        removeIf(entry -> entry.node.equals(dead));
        names.forget(dead);
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> impose(
        Sanction sanction, String room, String user, Duration duration) {
      return shared.moderation.impose(sanction, room, user, duration);
    }

    @Override
    public CompletionStage<Void> lift(Sanction sanction, String room, String user) {
      return shared.moderation.lift(sanction, room, user);
    }

    @Override
    public CompletionStage<Void> liftAll(String room) {
      return shared.moderation.liftAll(room);
    }

    @Override
    public CompletionStage<Sanctions> sanctions(String room, String user) {
      return shared.moderation.sanctions(room, user);
    }

    @Override
    public CompletionStage<Duration> pace(
        String room, String user, @Nullable String key, Duration interval) {
      return shared.moderation.pace(room, user, key, interval);
    }

    @Override
    public CompletionStage<Void> post(Json notice) {
      return shared.moderation.post(notice);
    }

    @Override
    public CompletionStage<Notices> notices(long after) {
      return shared.moderation.notices(after);
    }
  }
}
