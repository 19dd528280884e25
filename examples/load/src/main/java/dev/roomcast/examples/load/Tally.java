package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all clients of a run counted together. Confined to the loop's thread. */
final class Tally {

  private static final int MAX_ODDITIES = 100;

  final Histogram toAck = new Histogram();
  final Histogram toMember = new Histogram();
  final Map<Integer, Integer> closes = new TreeMap<>();
  final Map<String, Integer> errors = new TreeMap<>();
  final List<Interruption> interruptions = new ArrayList<>();
  final List<Leave> leaves = new ArrayList<>();
  final List<String> oddities = new ArrayList<>();
  long sent;
  long acked;
  long delivered;
  long duplicates;
  long welcomes;
  long resumed;
  long notResumed;
  long recovered;
  long notRecovered;
  long gaps;
  long firstSentAt;
  long lastAckedAt;

  /**
   * A time in which a client was not served.
   *
   * @param wanted whether the client itself brought it about
   */
  record Interruption(long from, long until, boolean wanted) {}

  /** That a member was told of somebody's leave. */
  record Leave(long at, String room, String user, int observer) {}

  /** Notes a frame that has no place in the protocol. */
  void odd(String what) {
    if (oddities.size() < MAX_ODDITIES) {
      oddities.add(what);
    }
  }
}
