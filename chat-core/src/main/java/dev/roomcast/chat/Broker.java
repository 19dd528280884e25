package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What was said in every room, and in which order: one ordered, replayable log per room, and the
 * announcement of what is added to it.
 *
 * <p><b>The log is the truth, the announcement is a hint.</b> Appending to a room's log and
 * announcing it is one atomic step; the announcement reaches every subscribed node, <em>including
 * the publishing one</em>, through {@link BackendListener}. Announcements may be lost, doubled or
 * reordered; the log may not. Whoever needs all of it reads {@link #history}.
 *
 * <p><b>Order.</b> Publications of one broker to one room get offsets in the order of the calls of
 * {@link #publish}.
 *
 * <p><b>Failure.</b> Every stage ends exceptionally with a {@link ChatException}: {@code
 * unavailable} when the backend cannot be reached. A {@link #publish} that ended so may or may not
 * have been logged, unless it has a {@link Draft#key}: then publishing it again is safe.
 *
 * <p>Stages may complete on the backend's delivery thread: what depends on them must not block.
 * Thread-safe.
 */
public interface Broker {

  /**
   * Appends to the room's log and announces it in one atomic step.
   *
   * @return the position; for a draft whose key was logged before, the first position again
   */
  CompletionStage<Ack> publish(String room, Draft draft);

  /**
   * Appends to the room's log and changes what is in it, in one atomic step: either all of it
   * happens or nothing. What is changed keeps its offset, its time and its place, and is not
   * announced again; from now on it is read as it is after the change.
   *
   * @return the position; null, and nothing was done, when one of the bodies to be changed is not
   *     retained any more or not the expected one: read it again, and make the change from that
   */
  CompletionStage<@Nullable Ack> revise(String room, Draft draft, List<Revision> revisions);

  /** Announces a frame that is not logged to every node that is subscribed to the room. */
  CompletionStage<Void> announce(String room, Json frame);

  /**
   * Begins to announce the room to this node's listener, and reads its log at a fence: everything
   * logged after the returned {@link History#top} is announced, barring a loss that {@link
   * BackendListener#onGap} or a hole in the offsets tells. Something at or below it may be
   * announced too. Of a conversation, what {@link BackendListener#onDirect} tells up to {@link
   * History#top} is told before the stage ends. Subscribing again to a subscribed room only reads.
   * A room without a log gets its epoch here, at offset 0, so that who saw it empty can be told
   * later what was missed.
   */
  CompletionStage<History> subscribe(String room, HistoryQuery query);

  /** Ends the announcements of the room to this node. */
  CompletionStage<Void> unsubscribe(String room);

  /** Reads a part of the room's log, in one atomic step. */
  CompletionStage<History> history(String room, HistoryQuery query);

  /**
   * Moves a user's read mark in a room, which is up to where the user has read: never back,
   * whichever device or node asks, and never above the newest offset.
   *
   * @return the offset where the mark is now, 0 when it was not moved
   */
  CompletionStage<Long> markRead(String room, String user, long offset);

  /**
   * How many messages are above a user's read mark in each of the rooms, in their order. Messages
   * are the drafts with an {@link Draft#author}; those that are not retained any more do not count.
   */
  CompletionStage<List<Unread>> unread(String user, List<String> rooms);

  /**
   * The conversations of a user, those with the newest frame first, a page of them.
   *
   * @param after where to go on: the {@code next} of the page before, or empty
   */
  CompletionStage<ConversationPage> conversations(String user, String after, int limit);

  /**
   * Hands a frame to the nodes on which the user has a connected session; see {@link
   * BackendListener#onTold}. At most once; other nodes have nothing to do with it.
   */
  CompletionStage<Void> tell(String user, Json frame);

  /** Sets how much of this room's log is kept, instead of the limits' default. */
  CompletionStage<Void> retain(String room, Retention retention);

  /** Ends the room's log: the next publication starts a new epoch at offset 1. */
  CompletionStage<Void> destroy(String room);

  /** Announces a control message to all nodes, this one included. At most once. */
  CompletionStage<Void> signal(Json control);

  /**
   * Sends a canary through publish and subscribe, the whole way that announcements take.
   *
   * @return how long it took; exceptionally {@code unavailable} when it did not come back in time
   */
  CompletionStage<Duration> probe();

  /**
   * What a user has not read in a room.
   *
   * <p>Immutable.
   *
   * @param marked whether there is a read mark: the user has read or said something there
   * @param count messages above the mark, or all that are retained
   */
  record Unread(boolean marked, long count) {}

  /**
   * A conversation of a user.
   *
   * <p>Immutable.
   *
   * @param room its name
   * @param ts when the newest frame was logged, by the store's clock, in ms since 1970
   * @param other the name of the other user, or empty when it is not known
   * @param last the newest frame, null when it is not retained any more
   * @param unread messages that the user has not read
   */
  record ConversationInfo(
      String room, long ts, String other, @Nullable Publication last, long unread) {
    /** Checks that nothing is missing. */
    public ConversationInfo {
      Objects.requireNonNull(room, "room");
      Objects.requireNonNull(other, "other");
    }
  }

  /**
   * A page of conversations.
   *
   * <p>Immutable.
   *
   * @param next what to ask after for the next page, null when this is the last
   */
  record ConversationPage(List<ConversationInfo> conversations, @Nullable String next) {
    /** Copies the list. */
    public ConversationPage {
      conversations = List.copyOf(conversations);
    }
  }
}
