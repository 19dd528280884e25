package dev.roomcast.examples.load;

import java.util.List;

/**
 * A promise that was not kept. Immutable.
 *
 * @param evidence the shortest history that shows it, a line an event
 */
record Violation(Kind kind, String where, String what, List<String> evidence) {

  /** Which promise. */
  enum Kind {
    LOST("acknowledged, but not there"),
    DOUBLED("one message twice"),
    REORDERED("not in the order of the log, or of sending"),
    HOLE("a hole that no gap told of"),
    PHANTOM("a message that nobody sent"),
    DISAGREEMENT("two messages at one position"),
    STATE("a message that is not what its changes in the log make of it"),
    MARK("a read mark that went back, or does not count what is above it"),
    NOT_RECOVERED("retained, but not recovered"),
    EPOCH("an epoch or a gap without a reason, or none where there is one"),
    STUCK("not acknowledged, or not joined, long after the last fault"),
    GHOST("a user in a room who is not there, or one who is missing"),
    PRESENCE("members saw a leave that was none"),
    QUEUE("a queue without bounds"),
    ENDED("a node that ended by itself, or badly"),
    UNEXPECTED("an answer or a frame that has no reason");

    final String meaning;

    Kind(String meaning) {
      this.meaning = meaning;
    }
  }

  Violation {
    evidence = List.copyOf(evidence);
  }
}
