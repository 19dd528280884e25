package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room's local members, and what is on its way to them.
 *
 * <p>What is to be sent is encoded once and joined, and each member gets the same {@link Frame}:
 * for a member there is nothing to do but the write. It is sent in steps, each of which goes
 * through the members before the next begins, and which {@link Turns} may interrupt between any two
 * members. So everybody sees the same order, and who becomes a member in a step gets what follows
 * it. Before a frame is written to some members, all that the writes will need is read: see {@link
 * Transport#lookAhead}.
 *
 * <p>{@code reached} is how many members the first step has reached, {@code seen} how many it has
 * looked at; members come and go only between steps. Confined to the thread that has the room's
 * turn.
 */
final class FanOut {

  /** What is joined to one write at most, unless one publication alone is larger. */
  static final int JOINED_BYTES = 128 << 10;

  /** So many are looked at before they are written to: their objects fit into a near cache. */
  static final int AHEAD = 32;

  private final List<ClientSession> members = new ArrayList<>(4);
  private final ArrayDeque<Step> steps = new ArrayDeque<>(2);
  private final LongAdder membersHere;
  private int reached;
  private int seen;

  /** Only written: a result that went nowhere need not be computed, so nothing would be read. */
  @SuppressWarnings("UnusedVariable")
  private int looks;

  private sealed interface Step {}

  /** For every member; {@code sends} when that is to write to it. */
  private record Each(boolean sends, Consumer<ClientSession> action) implements Step {}

  /** Once, when all members have got what was sent before. */
  private record Then(Runnable action) implements Step {}

  /** Counts the members in {@code membersHere} too. */
  FanOut(LongAdder membersHere) {
    this.membersHere = membersHere;
  }

  /** Does up to {@code most} members' worth of what is to be done; returns how many it did. */
  int proceed(int most) {
    int left = most;
    while (true) {
      Step step = steps.peek();
      if (step instanceof Each each) {
        while (left > 0 && reached < members.size()) {
          int end = Math.min(members.size(), reached + Math.min(left, AHEAD));
          if (each.sends()) {
            lookAhead(end);
          }
          for (; reached < end; left--) {
            // Counted first: a member that fails is not tried again.
            each.action().accept(members.get(reached++));
          }
        }
        if (reached < members.size()) {
          return most;
        }
        reached = 0;
        seen = 0;
        steps.remove();
      } else if (step instanceof Then then) {
        steps.remove();
        then.action().run();
      } else {
        return most - left;
      }
    }
  }

  private void lookAhead(int end) {
    int read = 0;
    while (seen < end) {
      read += members.get(seen++).connection().lookAhead(); // counted first, as above
    }
    looks = read;
  }

  /** Whether something is on its way still. */
  boolean isSending() {
    return !steps.isEmpty();
  }

  /** Encodes publications, in as few frames as they may be joined to. */
  static List<Frame> encode(List<Publication> publications) {
    List<Frame> frames = new ArrayList<>(1);
    List<Frame> joined = new ArrayList<>(publications.size());
    int bytes = 0;
    for (Publication publication : publications) {
      Frame frame = Frame.logged(publication);
      if (!joined.isEmpty() && bytes + frame.size() > JOINED_BYTES) {
        frames.add(Frame.join(joined));
        joined = new ArrayList<>();
        bytes = 0;
      }
      joined.add(frame);
      bytes += frame.size();
    }
    frames.add(Frame.join(joined));
    return frames;
  }

  /** Sends a frame to all members. */
  void send(Frame frame) {
    steps.add(new Each(true, member -> member.send(frame)));
  }

  /** Sends a frame to all members but the session with the id, if there is one. */
  void send(Frame frame, @Nullable String except) {
    steps.add(
        new Each(
            true,
            member -> {
              if (!member.id().equals(except)) {
                member.send(frame);
              }
            }));
  }

  /** Does something for each member. */
  void each(Consumer<ClientSession> action) {
    steps.add(new Each(false, action));
  }

  /** Does something after all that has been sent so far. */
  void then(Runnable action) {
    steps.add(new Then(action));
  }

  /** Makes a session a member, unless it is one; not while something is on its way. */
  void add(ClientSession session) {
    if (!members.contains(session)) {
      members.add(session);
      membersHere.increment();
    }
  }

  /** Ends a membership, if there is one; not while something is on its way. */
  void remove(ClientSession session) {
    if (members.remove(session)) {
      membersHere.decrement();
    }
  }

  /** Ends all memberships; not while something is on its way. */
  void clear() {
    membersHere.add(-members.size());
    members.clear();
  }

  boolean contains(ClientSession session) {
    return members.contains(session);
  }

  int size() {
    return members.size();
  }
}
