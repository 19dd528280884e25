package dev.roomcast.chat;

import java.util.List;

/**
 * Takes everything that is logged in a room out of it, in order and at least once: into a database,
 * a search index, another system.
 *
 * <p>Called on the application's executor, so it may block, one call at a time; the place in the
 * log is kept in the {@link StateStore}, so it goes on where it was after a restart, on any node.
 * Messages come as they are at the moment of reading: one that was edited before has its newest
 * text, and its {@code edit} follows in its place.
 *
 * @see RoomHandle#sink
 */
@FunctionalInterface
public interface PublicationSink {

  /**
   * Takes some publications, oldest first, without a hole. When it returns they are done with; when
   * it throws, or the node dies, they come again, perhaps with more, and of another epoch when the
   * store began one meanwhile: whoever must not do anything twice remembers the last position, and
   * knows a publication of another epoch by its offset and time.
   */
  void onPublications(List<Publication> publications);

  /**
   * Told before the next publications that those from an offset on up to a position are not to be
   * had any more, or may be others than those seen, as in a {@code gap} frame: the retention took
   * them while nobody read, or the log was lost.
   *
   * @param from the first offset that is missing or unsure
   * @param at the position to go on from
   */
  default void onGap(String room, long from, Position at) {}
}
