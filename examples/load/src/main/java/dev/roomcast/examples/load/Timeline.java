package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What happened in each second of a run; of a long run in steps of several seconds, so that it
 * needs the same memory however long it is. Confined to one thread.
 */
final class Timeline {

  static final int MOST_STEPS = 600;

  private final long start;
  private final List<Step> steps = new ArrayList<>();
  private long seconds = 1;

  /** What happened in one step. Confined to its timeline's thread. */
  static final class Step {
    long sent;
    long acked;
    long delivered;
    long welcomes;
    long lost;

    /** Of what was due in this step, whenever it came. */
    final Histogram toAck = new Histogram();

    /** Of what was due in this step, whenever it came. */
    final Histogram toMember = new Histogram();

    private void add(Step other) {
      sent += other.sent;
      acked += other.acked;
      delivered += other.delivered;
      welcomes += other.welcomes;
      lost += other.lost;
      toAck.add(other.toAck);
      toMember.add(other.toMember);
    }
  }

  /**
   * @param start where the first step begins, of {@link System#nanoTime}
   */
  Timeline(long start) {
    this.start = start;
  }

  /** The step that a moment is in; what is before the first one is in the first one. */
  Step at(long nanos) {
    long second = Math.max(0, TimeUnit.NANOSECONDS.toSeconds(nanos - start));
    while (second / seconds >= MOST_STEPS) {
      join();
    }
    int step = (int) (second / seconds);
    while (steps.size() <= step) {
      steps.add(new Step());
    }
    return steps.get(step);
  }

  private void join() {
    List<Step> joined = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      if (i % 2 == 0) {
        joined.add(steps.get(i));
      } else {
        joined.get(i / 2).add(steps.get(i));
      }
    }
    steps.clear();
    steps.addAll(joined);
    seconds *= 2;
  }

  /** All steps up to the last in which something happened. */
  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** How long each step is. */
  long seconds() {
    return seconds;
  }
}
