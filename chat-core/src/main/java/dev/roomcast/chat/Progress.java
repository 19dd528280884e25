package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a room's log has been delivered here: the place after the last publication that members
 * got.
 *
 * <p>Kept as a number and a string that seldom changes: an old object that is given a new one with
 * every batch is a place that G1 has to look at each time. Confined to the thread that has the
 * room's turn.
 */
final class Progress {

  private String epoch = Position.NONE.epoch();
  private long offset = Position.NONE.offset();

  /** What a publication is, seen from here. */
  enum Place {
    /** It has been delivered. */
    BEHIND,
    /** It directly follows. */
    NEXT,
    /** Something is missing before it, or it is of another log. */
    ELSEWHERE
  }

  Place place(Publication publication) {
    boolean sameLog =
        publication.epoch().equals(epoch) || epoch.isEmpty() && publication.offset() == 1;
    if (!sameLog || publication.offset() > offset + 1) {
      return Place.ELSEWHERE;
    }
    return publication.offset() <= offset ? Place.BEHIND : Place.NEXT;
  }

  /** Goes on to this place. */
  void goOnTo(Position to) {
    if (!to.epoch().equals(epoch)) {
      epoch = to.epoch();
    }
    offset = to.offset();
  }

  /** Takes what has not been delivered out of what was announced, which may be of several logs. */
  List<Publication> news(List<Publication> publications) {
    return publications.stream().filter(one -> place(one) != Place.BEHIND).toList();
  }

  /** Takes what directly follows out of what the log has, and goes on to it. */
  List<Publication> takeNext(List<Publication> publications) {
    List<Publication> next = new ArrayList<>(publications.size());
    for (Publication publication : publications) {
      if (publication.offset() == offset + 1) {
        next.add(publication);
        goOnTo(publication.position());
      }
    }
    return next;
  }

  /**
   * Takes what there is up to a place that history reaches, and goes on to it; none when it is not
   * ahead.
   *
   * @return null when history does not have it all; the place is as it was
   */
  @Nullable List<Publication> takeUpTo(Position to, List<Publication> history) {
    long reached = offset;
    if (to.offset() <= reached) {
      return List.of();
    }
    List<Publication> ahead = history.stream().filter(p -> p.offset() > reached).toList();
    if (ahead.size() != to.offset() - reached) {
      return null;
    }
    goOnTo(to);
    return ahead;
  }

  /**
   * Goes to where what was read begins, when it does not go on from here.
   *
   * @return the first offset that members cannot be sure of, 0 when nothing is missing
   */
  long jumpTo(History read) {
    Position top = read.top();
    List<Publication> publications = read.publications();
    boolean sameEpoch = top.epoch().equals(epoch);
    long base = publications.isEmpty() ? top.offset() : publications.get(0).offset() - 1;
    boolean fresh = epoch.isEmpty() && base == 0;
    long unsure = 0;
    if (sameEpoch ? base > offset || read.sure() < offset : !fresh) {
      if (!top.epoch().isEmpty()) {
        unsure = Math.min(read.sure(), offset) + 1;
        goOnTo(top.at(base));
      }
    } else if (fresh) {
      goOnTo(top.at(0));
    }
    return unsure;
  }

  Position position() {
    return new Position(epoch, offset);
  }

  boolean hasBegun() {
    return !position().equals(Position.NONE);
  }
}
