package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a room that a client may change: its own, and those that it has seen lately.
 *
 * <p>A change has no key, so a message is left alone as soon as it is not sure how often something
 * was done to it. Confined to the loop's thread.
 */
final class Changeable {

  private static final int REMEMBERED = 30;

  private final List<Long> own = new ArrayList<>();
  private final List<Long> seen = new ArrayList<>();
  private final Set<Long> reacted = new HashSet<>();
  private final Set<Long> unsure = new HashSet<>();

  /** Messages with a reaction that can be taken back. */
  private final List<Long> reactions = new ArrayList<>();

  void seen(long offset) {
    add(seen, offset);
  }

  private static void add(List<Long> offsets, long offset) {
    if (offsets.size() == REMEMBERED) {
      offsets.remove(0);
    }
    offsets.add(offset);
  }

  /** Chooses the message for a change; null when there is none. */
  @Nullable Long choose(Sent.Kind kind, Random random) {
    List<Long> all =
        switch (kind) {
          case EDIT, DELETE -> own;
          case UNREACT -> reactions;
          default -> seen;
        };
    if (all.isEmpty()) {
      return null;
    }
    Long target = all.get(random.nextInt(all.size()));
    return unsure.contains(target) || kind == Sent.Kind.REACT && reacted.contains(target)
        ? null
        : target;
  }

  /** Notes that a change is about to be sent: nothing else is done to it until that is over. */
  void begun(Sent sent) {
    unsure.add(sent.target);
    if (sent.kind == Sent.Kind.REACT) {
      reacted.add(sent.target);
    }
  }

  /** Notes the ack of anything. */
  void acknowledged(Sent sent) {
    if (sent.acked == null) {
      return;
    }
    if (!sent.kind.changes()) {
      add(own, sent.acked.offset());
    } else if (sent.attempts == 1) {
      reactions.remove(sent.target);
      if (sent.kind != Sent.Kind.DELETE) {
        unsure.remove(sent.target);
      }
      if (sent.kind == Sent.Kind.REACT) {
        add(reactions, sent.target);
      }
    }
  }
}
