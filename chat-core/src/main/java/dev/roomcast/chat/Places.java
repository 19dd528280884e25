package dev.roomcast.chat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The places for clients on this node, in all, per address and per user. A client takes one when it
 * asks to be let in, before anybody is asked who it is, and gives it back when its connection is
 * over, or when it was not let in.
 *
 * <p>It remembers addresses that have a place, and those that came within the last second or two.
 * Guarded by "this".
 */
final class Places {

  private static final Duration FULL = Duration.ofSeconds(5);
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Limits limits;
  private final LimitHits hits;

  /** Runs, unguarded, after the last place was given back. */
  private final Runnable whenEmpty;

  /** So long a client may take from asking to its connection; it asks hooks up to three times. */
  private final long patienceMillis;

  private final Map<String, Integer> byAddress = new HashMap<>();
  private final Map<String, Integer> byUser = new HashMap<>();
  private final Set<Place> pending = new LinkedHashSet<>();
  private final AddressRates handshakes;
  private int taken;

  Places(Limits limits, LimitHits hits, Runnable whenEmpty) {
    this.limits = limits;
    this.hits = hits;
    this.whenEmpty = whenEmpty;
    this.patienceMillis =
        limits.handshakeTimeout().plus(limits.hookTimeout().multipliedBy(3)).toMillis();
    this.handshakes = new AddressRates(limits.handshakesPerSecondPerAddress());
  }

  /** A client's place. Guarded by the places. */
  final class Place {
    private final @Nullable String address;
    private final long until;
    private @Nullable String user;
    private boolean given = true;

    private Place(@Nullable String address, long until) {
      this.address = address;
      this.until = until;
    }

    /** The client has a connection now, and the place for as long as that lasts. */
    void connected() {
      synchronized (Places.this) {
        pending.remove(this);
        if (!given) { // the container took its time
          given = true;
          count(this, 1);
        }
      }
    }

    /** Gives the place back, once. */
    void leave() {
      synchronized (Places.this) {
        pending.remove(this);
        if (given) {
          given = false;
          count(this, -1);
        }
      }
      lookWhetherEmpty();
    }

    /**
     * Notes whose place it is.
     *
     * @param others sessions that the user has elsewhere, less those that end by this one
     * @throws ChatException {@code rate_limited} when these are as many as may be
     */
    void of(String name, int others) {
      synchronized (Places.this) {
        int most = limits.sessionsPerUser();
        if (most > 0 && others + byUser.getOrDefault(name, 0) >= most) {
          hits.add(LimitHit.SESSIONS_PER_USER);
          throw new ChatException(
              ErrorCode.RATE_LIMITED, "too many sessions: at most " + most + " at a time");
        }
        user = name;
        if (given) {
          add(byUser, name, 1);
        }
      }
    }
  }

  /**
   * Takes a place.
   *
   * @throws ChatException {@code unavailable} when the node has no more, {@code rate_limited} when
   *     this address has enough
   */
  synchronized Place take(String remoteAddress, long now) {
    if (limits.pendingHandshakes() > 0 && pending.size() >= limits.pendingHandshakes()) {
      throw refusal(LimitHit.PENDING_HANDSHAKES, ErrorCode.UNAVAILABLE, "too many at once", SOON);
    }
    if (limits.connections() > 0 && taken >= limits.connections()) {
      throw refusal(LimitHit.CONNECTIONS, ErrorCode.UNAVAILABLE, "this server is full", FULL);
    }
    String address = ClientAddress.key(remoteAddress);
    if (address != null) {
      check(address, now);
    }
    Place place = new Place(address, now + patienceMillis);
    pending.add(place);
    count(place, 1);
    return place;
  }

  private void check(String address, long now) {
    int most = limits.connectionsPerAddress();
    if (most > 0 && byAddress.getOrDefault(address, 0) >= most) {
      throw refusal(
          LimitHit.CONNECTIONS_PER_ADDRESS,
          ErrorCode.RATE_LIMITED,
          "too many connections from your address",
          FULL);
    }
    if (!handshakes.take(address, now)) {
      throw refusal(
          LimitHit.HANDSHAKES_PER_SECOND_PER_ADDRESS,
          ErrorCode.RATE_LIMITED,
          "your address connects too often",
          SOON);
    }
  }

  private ChatException refusal(
      LimitHit limit, ErrorCode code, String message, Duration retryAfter) {
    hits.add(limit);
    return ChatException.retryLater(code, message, retryAfter);
  }

  private void count(Place place, int change) {
    taken += change;
    if (place.address != null) {
      add(byAddress, place.address, change);
    }
    if (place.user != null) {
      add(byUser, place.user, change);
    }
  }

  private static void add(Map<String, Integer> counts, String key, int change) {
    counts.merge(key, change, (before, more) -> before + more == 0 ? null : before + more);
  }

  /** Takes the places of those back who were let in and never came. */
  void sweep(long now) {
    takeBack(now);
    lookWhetherEmpty();
  }

  private synchronized void takeBack(long now) {
    Iterator<Place> oldest = pending.iterator();
    while (oldest.hasNext()) {
      Place place = oldest.next();
      if (place.until > now) {
        return;
      }
      oldest.remove();
      place.given = false;
      count(place, -1);
    }
  }

  private void lookWhetherEmpty() {
    if (taken() == 0) {
      whenEmpty.run();
    }
  }

  /** Addresses that are remembered. */
  synchronized int addresses() {
    return byAddress.size() + handshakes.size();
  }

  synchronized int taken() {
    return taken;
  }
}
