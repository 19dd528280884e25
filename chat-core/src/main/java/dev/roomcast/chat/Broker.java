package dev.roomcast.chat;

import java.time.Duration;
import java.util.List;
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
   * announced too. Subscribing again to a subscribed room only reads. A room without a log gets its
   * epoch here, at offset 0, so that who saw it empty can be told later what was missed.
   */
  CompletionStage<History> subscribe(String room, HistoryQuery query);

  /** Ends the announcements of the room to this node. */
  CompletionStage<Void> unsubscribe(String room);

  /** Reads a part of the room's log, in one atomic step. */
  CompletionStage<History> history(String room, HistoryQuery query);

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
}
