package dev.roomcast.examples.benchmarks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * One master and rooms that publish to it by group commit, played event by event: a room has one
 * batch on its way, and what is said meanwhile is its next batch. Messages come at random times;
 * the same seed gives the same times. Confined to one thread.
 */
final class MasterQueue {

  /** From a node to its store, or back. */
  static final double WAY_MICROS = 100;

  private static final int BATCH = 256;
  private static final long SEED = 7;

  private final CostModel costs;
  private final int subscribers;
  private final Room[] rooms;
  private final Random random = new Random(SEED);
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final double[] waits;
  private int answered;
  private int scripts;
  private long number;
  private double free;
  private double busy;

  /** A room: when what waits for its next batch was said. */
  private static final class Room {
    final ArrayDeque<Double> waiting = new ArrayDeque<>();
    boolean onItsWay;
  }

  /** {@code said} is empty for a message that comes, else these are acknowledged. */
  private record Event(double at, long number, int room, List<Double> said)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Double.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /**
   * What came of it. Immutable.
   *
   * @param used part of the time in which the master worked
   * @param batch messages in a script
   */
  record Result(double used, double batch, double perSecond, double p50Millis, double p99Millis) {}

  private MasterQueue(CostModel costs, int rooms, int subscribers, int messages) {
    this.costs = costs;
    this.subscribers = subscribers;
    this.rooms = new Room[rooms];
    Arrays.setAll(this.rooms, i -> new Room());
    waits = new double[messages];
  }

  /**
   * Plays so many messages at a rate.
   *
   * @param subscribers nodes that hear of each message
   */
  static Result play(CostModel costs, int rooms, int subscribers, double perSecond, int messages) {
    return new MasterQueue(costs, rooms, subscribers, messages).play(perSecond);
  }

  private Result play(double perSecond) {
    double at = 0;
    for (int i = 0; i < waits.length; i++) {
      at += -Math.log(1 - random.nextDouble()) * 1e6 / perSecond;
      events.add(new Event(at, number++, random.nextInt(rooms.length), List.of()));
    }
    double now = 0;
    for (Event event = events.poll(); event != null; event = events.poll()) {
      now = event.at();
      Room room = rooms[event.room()];
      if (event.said().isEmpty()) {
        room.waiting.add(now);
      } else {
        for (double said : event.said()) {
          waits[answered++] = now - said;
        }
        room.onItsWay = false;
      }
      if (!room.onItsWay && !room.waiting.isEmpty()) {
        send(event.room(), room, now);
      }
    }
    Arrays.sort(waits);
    return new Result(
        busy / now,
        (double) waits.length / scripts,
        waits.length / now * 1e6,
        waits[waits.length / 2] / 1e3,
        waits[waits.length * 99 / 100] / 1e3);
  }

  private void send(int number, Room room, double now) {
    int size = Math.min(BATCH, room.waiting.size());
    List<Double> said = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      said.add(room.waiting.remove());
    }
    room.onItsWay = true;
    scripts++;
    double work = costs.script() + size * costs.message() + subscribers * costs.subscriber();
    // Batches that come in this order are served in this order: all have the same way.
    double begin = Math.max(free, now + WAY_MICROS);
    free = begin + work;
    busy += work;
    events.add(new Event(free + WAY_MICROS, this.number++, number, said));
  }
}
