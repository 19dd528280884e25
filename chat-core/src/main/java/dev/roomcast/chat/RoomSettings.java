package dev.roomcast.chat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about a room that somebody created; it lasts until the room is ended.
 *
 * <p>Immutable.
 *
 * @param isPrivate whether only those who were invited may join
 * @param title what to show instead of the name, or null
 * @param owner who created it, null when the application did
 * @param createdAt when, by the store's clock
 * @param moderators ids of the users whom the owner appointed
 * @param slowMode how long a member waits between two messages; zero = not at all
 */
public record RoomSettings(
    boolean isPrivate,
    @Nullable String title,
    @Nullable User owner,
    Instant createdAt,
    Set<String> moderators,
    Duration slowMode) {

  /** Copies the set. */
  public RoomSettings {
    moderators = Set.copyOf(moderators);
  }

  /**
   * What is to be changed of a room's settings; null leaves a value as it is.
   *
   * <p>Immutable.
   *
   * @param isPrivate whether only those who were invited may join
   * @param title what to show instead of the name, empty = the name again
   * @param slowMode how long a member waits between two messages, at most a day; zero = not at all
   */
  public record Change(
      @Nullable Boolean isPrivate, @Nullable String title, @Nullable Duration slowMode) {

    private static final Duration LONGEST = Duration.ofDays(1);

    /**
     * Checks the values.
     *
     * @throws ChatException {@link ErrorCode#BAD_REQUEST} that names the one that is out of range
     */
    public Change {
      if (title != null && !title.isEmpty()) {
        Names.check("title", title);
      }
      if (slowMode != null && (slowMode.isNegative() || slowMode.compareTo(LONGEST) > 0)) {
        throw new ChatException(
            ErrorCode.BAD_REQUEST, "slow: 0 to " + LONGEST.toSeconds() + " seconds expected");
      }
    }
  }
}
