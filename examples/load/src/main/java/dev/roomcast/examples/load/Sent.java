package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;
import org.jspecify.annotations.Nullable;

/** A message, from the moment a client means to send it. Confined to the loop's thread. */
final class Sent {

  final int index;
  final int client;
  final String room;
  final String key;

  /** When it was to be sent: latency counts from here, whatever held it up. */
  final long due;

  /** Who sent it; empty until it is sent. */
  String user = "";

  /** Whether its fate will never be known: its user did not come back as the same one. */
  boolean givenUp;

  /** The client's connection that it was sent on first; 0 = never sent. */
  int connection;

  int attempts;
  long ackedAt;
  boolean duplicate;
  @Nullable Position acked;

  Sent(int index, int client, String room, String key, long due) {
    this.index = index;
    this.client = client;
    this.room = room;
    this.key = key;
    this.due = due;
  }

  @Override
  public String toString() {
    Position at = acked;
    return "message "
        + index
        + " of client "
        + client
        + " in "
        + room
        + ", sent "
        + attempts
        + " times, "
        + (at == null
            ? givenUp ? "given up" : "never acknowledged"
            : "acknowledged at " + Seen.text(at) + (duplicate ? " as a duplicate" : ""));
  }
}
