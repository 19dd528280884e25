package dev.roomcast.examples.load;

import dev.roomcast.chat.Position;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges whether the epochs of rooms are those that had to be: the first, and at most one for each
 * time Redis was killed, or masters changed. Immutable.
 */
record EpochCheck(long ends) {

  List<Violation> check(List<Track> tracks) {
    Map<String, Set<String>> epochs = new TreeMap<>();
    for (Track track : tracks) {
      for (Seen seen : track.seen) {
        String epoch = epoch(seen);
        if (!epoch.isEmpty()) {
          epochs.computeIfAbsent(track.room, room -> new LinkedHashSet<>()).add(epoch);
        }
      }
    }
    List<Violation> violations = new ArrayList<>();
    epochs.forEach(
        (room, all) -> {
          if (all.size() > ends + 1) {
            violations.add(
                new Violation(
                    Violation.Kind.EPOCH,
                    room,
                    all.size() + " epochs, but they had reason to end " + ends + " times",
                    List.of(all.toString())));
          }
        });
    return violations;
  }

  private static String epoch(Seen seen) {
    Position position = Position.NONE;
    if (seen instanceof Seen.Joined joined) {
      position = joined.position();
    } else if (seen instanceof Seen.Gap gap) {
      position = gap.position();
    } else if (seen instanceof Seen.Frames frames) {
      return frames.epoch;
    }
    return position.epoch();
  }
}
