package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;
import org.jspecify.annotations.Nullable;

/**
 * Something that is to be logged, from the moment a client means to send it. Confined to the loop's
 * thread.
 */
final class Sent {

  /** What it is, and how its frame calls it. */
  enum Kind {
    MESSAGE("message"),
    DIRECT("direct"),
    EDIT("edit"),
    DELETE("delete"),
    REACT("react"),
    UNREACT("react");

    final String type;

    Kind(String type) {
      this.type = type;
    }

    /** Whether it changes a message, which another one may have taken away meanwhile. */
    boolean changes() {
      return this != MESSAGE && this != DIRECT;
    }
  }

  final int index;
  final int client;
  final String room;
  final String key;
  final Kind kind;

  /** The offset of the message that it changes; 0 when it changes none. */
  final long target;

  /** When it was to be sent: latency counts from here, whatever held it up. */
  final long due;

  /** Who sent it; empty until it is sent. */
  String user = "";

  /** Whether its fate will never be known: its user did not come back as the same one. */
  boolean givenUp;

  /**
   * Whether there was an ack without a place: it had been done, by an attempt without an answer.
   */
  boolean done;

  /** The code with which it was refused for good; empty when it was not. */
  String refused = "";

  /** The client's connection that it was sent on first; 0 = never sent. */
  int connection;

  int attempts;
  long sentAt;
  long ackedAt;
  boolean duplicate;
  @Nullable Position acked;

  Sent(int index, int client, String room, String key, long due) {
    this(index, client, room, key, Kind.MESSAGE, 0, due);
  }

  Sent(int index, int client, String room, String key, Kind kind, long target, long due) {
    this.index = index;
    this.client = client;
    this.room = room;
    this.key = key;
    this.kind = kind;
    this.target = target;
    this.due = due;
  }

  @Override
  public String toString() {
    Position at = acked;
    return kind.name().toLowerCase(java.util.Locale.ROOT)
        + " "
        + index
        + (target == 0 ? "" : " of the message at " + target)
        + " of client "
        + client
        + " in "
        + room
        + ", sent "
        + attempts
        + " times, "
        + (at != null
            ? "acknowledged at " + Seen.text(at) + (duplicate ? " as a duplicate" : "")
            : done ? "done before" : givenUp ? "given up " + refused : "never acknowledged");
  }
}
