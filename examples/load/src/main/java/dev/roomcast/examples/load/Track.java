package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What one client saw of one room, in its order. Confined to the loop's thread. */
final class Track {

  final int client;
  final String room;
  final List<Seen> seen = new ArrayList<>();

  /** The users that it takes to be in the room, by id, as frames told it; with their names. */
  final Map<String, String> roster = new TreeMap<>();

  /** When it asked to leave; it need not read the answer. */
  final List<Long> askedToLeave = new ArrayList<>();

  /** The marks that it heard, in its order. */
  final List<Read> reads = new ArrayList<>();

  /** What it was told at the end that it has not read; null when it was told of no such thing. */
  @Nullable Long unread;

  /** Up to where it had said at the end that it has read. */
  long read;

  /** The newest frame of a conversation in the list of them; null when it was not in the list. */
  @Nullable Position listedAt;

  /**
   * A mark of somebody, as it was heard.
   *
   * @param step how much had been seen before
   */
  record Read(long at, int step, String user, long offset) {}

  /** The number of users it was told last. */
  long count;

  Track(int client, String room) {
    this.client = client;
    this.room = room;
  }

  void add(Seen event) {
    seen.add(event);
  }

  /** Notes a live frame. */
  void frame(long at, Position position, int message) {
    Seen last = seen.isEmpty() ? null : seen.get(seen.size() - 1);
    if (last instanceof Seen.Frames frames
        && frames.last() + 1 == position.offset()
        && frames.epoch.equals(position.epoch())) {
      frames.add(message);
    } else {
      seen.add(new Seen.Frames(at, position.epoch(), position.offset()).add(message));
    }
  }

  /** Where it is in the log, or null when it is not a live member. */
  @Nullable Position position() {
    Seen last = seen.isEmpty() ? null : seen.get(seen.size() - 1);
    if (last instanceof Seen.Joined joined) {
      return joined.position();
    } else if (last instanceof Seen.Frames frames) {
      return new Position(frames.epoch, frames.last());
    } else if (last instanceof Seen.Gap gap) {
      return gap.position();
    }
    return null;
  }

  @Override
  public String toString() {
    return "client " + client + " in " + room;
  }
}
