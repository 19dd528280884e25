package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;

/**
 * Which rooms this node hears most in, by intervals: while one is counted, the one before it is
 * shown. Costs nothing until somebody watches. Guarded by "this".
 */
final class BusyRooms {

  /** So many rooms are shown. */
  static final int SHOWN = 20;

  /** So long an interval is. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** Enough for every room with half a percent of all that is said. */
  private static final int COUNTED = 200;

  private final SpaceSaving sketch = new SpaceSaving(COUNTED);
  private List<SpaceSaving.Estimate> last = List.of();
  private long begun;
  private volatile boolean watched;

  /** Somebody wants to know from now on. */
  void watch() {
    watched = true;
  }

  /** Publications of a room were announced here. */
  void heard(String room, int publications) {
    if (watched) {
      synchronized (this) {
        sketch.add(room, publications);
      }
    }
  }

  /** Ends the interval, if it is over; so several may watch. */
  synchronized void endInterval(long nowMillis) {
    if (nowMillis - begun >= INTERVAL.toMillis()) {
      last = sketch.top(SHOWN);
      sketch.clear();
      begun = nowMillis;
    }
  }

  /** The busiest rooms of the last whole interval, the busiest first. */
  synchronized List<SpaceSaving.Estimate> busiest() {
    return last;
  }
}
