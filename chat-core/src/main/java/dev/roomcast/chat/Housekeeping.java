package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node does by the clock: keeps its lease, looks after connections, removes dead nodes, and
 * probes its broker.
 *
 * <p>Every task schedules its next run when it is over, so that none runs twice at a time. Its
 * state is written by those tasks only; thread-safe.
 */
final class Housekeeping {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PROBE = Duration.ofSeconds(5);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final int IDLE_ROOMS = 64;

  private final ChatNode node;
  private final MovedCheck movedCheck;
  private final Restoring restoring;
  private volatile boolean known;
  private volatile long leasedAt;
  private volatile boolean probeSucceeded;
  private volatile boolean closed;

  Housekeeping(ChatNode node) {
    this.node = node;
    this.movedCheck = new MovedCheck(node);
    this.restoring = new Restoring();
  }

  /** The store lost announcements, perhaps also what other nodes said. */
  void missed() {
    movedCheck.missed();
  }

  void start() {
    lease();
    sweep();
    reap();
    probe();
    readNotices();
    endIdleRooms("");
  }

  /** Whether the last canary came back. */
  boolean probeSucceeded() {
    return probeSucceeded;
  }

  /**
   * Whether the store has a lease of this node, or one that ended so lately that nobody has cleared
   * away what the node left. Without, nobody would do that if the node died.
   */
  boolean isKnown() {
    Limits limits = node.limits();
    long unsureAfter = limits.nodeLease().plus(limits.resumeTtl()).toMillis();
    return known && node.clock().millis() - leasedAt < unsureAfter;
  }

  private void lease() {
    Duration lease = node.limits().nodeLease();
    long asked = node.clock().millis();
    node.state()
        .lease(lease)
        .whenComplete(
            (knew, failure) -> {
              node.noteFailure(knew, failure);
              if (knew != null) {
                boolean forgotten = !knew && known;
                known = true;
                leasedAt = asked;
                storeSessions(forgotten);
              }
              later(failure == null ? lease.dividedBy(3) : SECOND, this::lease);
            });
  }

  private void storeSessions(boolean all) {
    if (all) {
      log.warn(
          "the store forgot node {}, because it lost data or did not hear from this node for long. Its"
              + " sessions are stored again; who resumed meanwhile may have a new session. Look at the"
              + " store's persistence, and for long pauses of this process",
          node.id());
      node.guestNames().storeAgain();
    }
    for (ClientSession session : node.sessions()) {
      if (all || !session.storage().isStored()) {
        restoring.add(session);
      }
    }
  }

  private void sweep() {
    long now = node.clock().millis();
    long bytes = 0;
    long largest = 0;
    for (ClientSession session : node.sessions()) {
      session.check(now);
      int waiting = session.queuedBytes();
      bytes += waiting;
      largest = Math.max(largest, waiting);
    }
    movedCheck.sweep();
    node.userRates().sweep(now);
    node.places().sweep(now);
    node.outboxes().exactly(bytes);
    node.measures().health.outboxes(bytes, largest);
    later(SECOND, this::sweep);
  }

  private void reap() {
    node.state()
        .deadNodes(node.limits().resumeTtl())
        .whenComplete(
            (dead, failure) -> {
              node.noteFailure(dead, failure);
              reap(dead == null ? List.of() : dead);
              seeNodes();
            });
  }

  /** Looks who is alive, and then, a second later, for the dead again. */
  private void seeNodes() {
    node.state()
        .liveNodes()
        .whenComplete(
            (live, failure) -> {
              node.noteFailure(live, failure);
              if (live != null) {
                node.measures().health.nodes(live);
              }
              later(SECOND, this::reap);
            });
  }

  private void reap(List<String> dead) {
    for (String name : dead) {
      if (name.equals(node.id())) {
        continue;
      }
      node.rooms()
          .reap(name)
          .thenCompose(
              removed -> {
                node.counters().reaped.add(removed);
                return node.state().forget(name);
              })
          .whenComplete(node::noteFailure);
    }
  }

  private void probe() {
    node.broker()
        .probe()
        .whenComplete(
            (took, failure) -> {
              boolean ok = failure == null;
              if (ok != probeSucceeded) {
                node.news().info("node {} is {}ready", node.id(), ok ? "" : "not ");
              }
              probeSucceeded = ok;
              if (ok) {
                node.measures().health.canary(took, node.clock().millis());
              } else {
                node.counters().lateProbes.increment();
              }
              later(ok ? PROBE : SECOND, this::probe);
            });
  }

  private void readNotices() {
    node.moderation()
        .notices()
        .read()
        .whenComplete(
            (read, failure) -> {
              node.noteFailure(null, failure);
              later(Notices.INTERVAL, this::readNotices);
            });
  }

  /** Looks through some rooms. Any number of nodes may do so: one of them ends a room. */
  private void endIdleRooms(String after) {
    node.rooms()
        .endIdle(node.limits().roomIdle(), after, IDLE_ROOMS)
        .whenComplete(
            (found, failure) -> {
              node.noteFailure(found, failure);
              String next = found == null ? after : found.next();
              if (found != null) {
                found.ended().forEach(this::forget);
              }
              later(IDLE, () -> endIdleRooms(next == null ? "" : next));
            });
  }

  private void forget(String room) {
    log.info("room {} is over: nobody was in it for long", JsonText.quote(room));
    node.keeper().forgotten(room).whenComplete(node::noteFailure);
  }

  private void later(Duration delay, Runnable task) {
    if (!closed) {
      node.clock().schedule(delay, task);
    }
  }

  /**
   * Ends the lease; the node's sessions can be resumed elsewhere for {@code resumeTtl} from now.
   */
  CompletionStage<@Nullable Boolean> close() {
    closed = true;
    probeSucceeded = false;
    return node.state().lease(Duration.ZERO).thenApply(knew -> knew);
  }
}
