package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What all clients of a run counted together. Confined to the loop's thread. */
final class Tally {

  private static final int MAX_ODDITIES = 100;

  /** The same figures over the time. */
  final Timeline timeline = new Timeline(System.nanoTime());

  /** From the moment when a message was due. */
  final Histogram toAck = new Histogram();

  /** From the moment when a message was due, one for each member. */
  final Histogram toMember = new Histogram();

  /** From the moment when a client was to connect to its first welcome. */
  final Histogram toWelcome = new Histogram();

  /** What members have got since somebody looked. */
  final Histogram recent = new Histogram();

  /** How late the tool itself was with what was due. */
  final Histogram late = new Histogram();

  final Map<Integer, Integer> closes = new TreeMap<>();
  final Map<String, Integer> errors = new TreeMap<>();
  final List<Interruption> interruptions = new ArrayList<>();
  final List<Leave> leaves = new ArrayList<>();
  final List<String> oddities = new ArrayList<>();
  long sent;
  long acked;
  long unanswered;
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

  void sent(long now) {
    sent++;
    timeline.at(now).sent++;
    if (firstSentAt == 0) {
      firstSentAt = now;
    }
  }

  void acked(long due, long now) {
    acked++;
    lastAckedAt = now;
    timeline.at(now).acked++;
    waited(due, now);
  }

  /** Notes that there was no ack until the end: left out, the worst would not show at all. */
  void unanswered(long due, long now) {
    unanswered++;
    waited(due, now);
  }

  private void waited(long due, long now) {
    toAck.add(now - due);
    timeline.at(due).toAck.add(now - due);
  }

  /** Notes a frame of the log that a member has got, live or when it was back. */
  void delivered(long now) {
    delivered++;
    timeline.at(now).delivered++;
  }

  /** The same of a message. */
  void delivered(long due, long now) {
    delivered(now);
    toMember.add(now - due);
    recent.add(now - due);
    timeline.at(due).toMember.add(now - due);
  }

  void welcomed(long now) {
    welcomes++;
    timeline.at(now).welcomes++;
  }

  /** Notes the end of a connection that was welcomed. */
  void lost(long now) {
    timeline.at(now).lost++;
  }

  /** Notes a frame that has no place in the protocol. */
  void odd(String what) {
    if (oddities.size() < MAX_ODDITIES) {
      oddities.add(what);
    }
  }
}
