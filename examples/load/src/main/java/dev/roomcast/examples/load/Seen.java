package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;
import org.jspecify.annotations.Nullable;

/**
 * Something that a client saw of a room. Times are those of {@link System#nanoTime}; messages are
 * the indexes of {@link Messages}, -1 for what nobody sent.
 */
sealed interface Seen {

  long at();

  static String text(Position position) {
    return position.offset() + "@" + position.epoch();
  }

  /**
   * It became a member.
   *
   * @param since what it claimed
   * @param recovered whether it got exactly what it missed; null when it claimed nothing
   * @param position the place after the history
   * @param from the offset of the first message of the history
   */
  record Joined(
      long at,
      @Nullable Position since,
      @Nullable Boolean recovered,
      Position position,
      long from,
      Indexes messages)
      implements Seen {
    @Override
    public String toString() {
      return "joined "
          + (since == null ? "" : "since " + Seen.text(since) + ", recovered:" + recovered + ", ")
          + "at "
          + Seen.text(position)
          + " with "
          + messages.size()
          + " frames from "
          + from;
    }
  }

  /** Live frames without a hole between them. */
  final class Frames implements Seen {
    final long at;
    final String epoch;
    final long from;
    final Indexes messages = new Indexes();

    Frames(long at, String epoch, long from) {
      this.at = at;
      this.epoch = epoch;
      this.from = from;
    }

    Frames add(int message) {
      messages.add(message);
      return this;
    }

    long last() {
      return from + messages.size() - 1;
    }

    @Override
    public long at() {
      return at;
    }

    @Override
    public String toString() {
      return "frames "
          + from
          + (messages.size() == 1 ? "" : " to " + last())
          + "@"
          + epoch
          + ": messages "
          + messages;
    }
  }

  /** It is told of a conversation from now on, without having joined. */
  record Hears(long at) implements Seen {
    @Override
    public String toString() {
      return "is told from now on";
    }
  }

  /** It was told that frames from an offset up to a position are unsure, or not to be had. */
  record Gap(long at, Position position, long from) implements Seen {
    @Override
    public String toString() {
      return "gap from " + from + " up to " + Seen.text(position);
    }
  }

  /** Its connection was over: nothing is seen until it joins again. */
  record Away(long at, int code) implements Seen {
    @Override
    public String toString() {
      return "connection over, " + code;
    }
  }

  /** It left. */
  record Left(long at, String reason) implements Seen {
    @Override
    public String toString() {
      return "left: " + reason;
    }
  }
}
