package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A backend whose announcements are lost, doubled, late and out of order by a seed; its log stays
 * true.
 *
 * <p>Edges of presence keep their order, as they have no offsets, and none comes later than the end
 * of the subscription that it was announced to: a lost one is told by {@code onGap} some time
 * later, as every loss is after {@link #settle}. Confined to one thread.
 */
final class LossyBroker implements Backend {

  /** How often what happens to an announcement: parts of 1, and the longest delay. */
  record Chances(double lost, double doubled, double late, Duration delay) {
    static final Chances NONE = new Chances(0, 0, 0, Duration.ZERO);
  }

  private final Backend backend;
  private final Random random;
  private final ChatClock clock;
  private final Map<String, Instant> presenceDue = new HashMap<>();
  private final Map<String, Integer> subscriptions = new HashMap<>();
  private final Set<String> lossy = new LinkedHashSet<>();
  private Chances chances;
  private @Nullable BackendListener listener;
  private int lost;
  private int doubled;
  private int late;

  LossyBroker(Backend backend, Random random, ChatClock clock, Chances chances) {
    this.backend = backend;
    this.random = random;
    this.clock = clock;
    this.chances = chances;
  }

  /** What was done to announcements so far. */
  int harm() {
    return Math.min(lost, Math.min(doubled, late));
  }

  /** From now on nothing is lost, and what was is told. */
  void settle() {
    chances = Chances.NONE;
    List.copyOf(lossy).forEach(this::tellGap);
  }

  @Override
  public void start(String node, Limits limits, BackendListener to) {
    listener = to;
    backend.start(node, limits, new Listener(to));
  }

  /** The store came back with something else in the room's log: told as a loss, sooner or later. */
  void changed(String room) {
    lose(room);
  }

  /** The node does not listen to the room any more: what is on its way does not arrive. */
  void unsubscribed(String room) {
    subscriptions.merge(room, 1, Integer::sum);
  }

  private int subscription(String room) {
    return subscriptions.getOrDefault(room, 0);
  }

  private boolean happens(double chance) {
    return chance > 0 && random.nextDouble() < chance;
  }

  private Duration delay() {
    if (!happens(chances.late())) {
      return Duration.ZERO;
    }
    late++;
    return Duration.ofMillis(random.nextInt((int) chances.delay().toMillis() + 1));
  }

  private void pass(Runnable announcement) {
    later(delay(), announcement);
    if (happens(chances.doubled())) {
      doubled++;
      later(delay(), announcement);
    }
  }

  private void later(Duration delay, Runnable announcement) {
    clock.schedule(delay, announcement);
  }

  private void lose(String room) {
    lost++;
    lossy.add(room);
    if (random.nextBoolean()) {
      later(chances.delay().multipliedBy(2), () -> tellGap(room));
    }
  }

  private void tellGap(String room) {
    BackendListener to = listener;
    if (to != null && lossy.remove(room)) {
      inOrder(room, () -> to.onGap(room));
    }
  }

  private void inOrder(String room, Runnable announcement) {
    Instant due = clock.instant().plus(delay());
    Instant last = presenceDue.getOrDefault(room, due);
    due = due.isBefore(last) ? last : due;
    presenceDue.put(room, due);
    later(Duration.between(clock.instant(), due), announcement);
  }

  /** What the store announces, on its way to the node. */
  private final class Listener implements BackendListener {
    private final BackendListener to;

    Listener(BackendListener to) {
      this.to = to;
    }

    @Override
    public void onPublications(String room, List<Publication> publications) {
      if (happens(chances.lost())) {
        lose(room);
        return;
      }
      pass(() -> to.onPublications(room, publications));
    }

    @Override
    public void onEphemeral(String room, Json frame) {
      if (!happens(chances.lost())) {
        pass(() -> to.onEphemeral(room, frame));
      }
    }

    @Override
    public void onPresence(String room, PresenceChange change) {
      if (happens(chances.lost())) {
        lose(room);
        return;
      }
      int announcedTo = subscription(room);
      inOrder(
          room,
          () -> {
            if (subscription(room) == announcedTo) {
              to.onPresence(room, change);
            }
          });
    }

    @Override
    public void onGap(String room) {
      inOrder(room, () -> to.onGap(room));
    }

    @Override
    public void onDirect(String room, List<Publication> publications) {
      if (happens(chances.lost())) {
        lost++;
        later(chances.delay().multipliedBy(2), () -> to.onDirectGap(Duration.ofMinutes(1)));
        return;
      }
      pass(() -> to.onDirect(room, publications));
    }

    @Override
    public void onTold(String user, Json frame) {
      if (!happens(chances.lost())) {
        pass(() -> to.onTold(user, frame));
      }
    }

    @Override
    public void onDirectGap(Duration last) {
      to.onDirectGap(last);
    }

    @Override
    public void onControl(Json control) {
      if (!happens(chances.lost())) {
        pass(() -> to.onControl(control));
      }
    }
  }

  @Override
  public Broker broker() {
    return backend.broker();
  }

  @Override
  public RoomManager rooms() {
    return backend.rooms();
  }

  @Override
  public StateStore state() {
    return backend.state();
  }

  @Override
  public String description() {
    return "lossy, " + backend.description();
  }

  @Override
  public void close() {
    backend.close();
  }
}
