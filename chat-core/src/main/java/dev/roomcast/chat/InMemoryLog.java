package dev.roomcast.chat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One room's log in memory, and who is subscribed to it.
 *
 * <p>What is {@code retained} is the end of the log, up to {@code top}. A log that was {@code
 * dropped} is off the map and takes nothing more. Guarded by "this".
 */
final class InMemoryLog {

  private static final Duration KEY_WINDOW = Duration.ofMinutes(10);
  private static final int EPOCHS_REMEMBERED = 8;

  /** Users whose marks are kept; whoever has not used its own for longest loses it. */
  static final int MARKS = 10_000;

  private final String room;
  private final InstantSource clock;
  private final Retained retained;
  private final Map<String, Mark> marks = new Recent<>(MARKS);
  private final List<Delivery> subscribers = new ArrayList<>(1);
  private final Map<String, Long> epochEnds = new LinkedHashMap<>();
  private Map<String, Ack> keys = new HashMap<>();
  private Map<String, Ack> olderKeys = new HashMap<>();
  private long keysSince;
  private Retention retention;
  private final Supplier<String> epochs;
  private String epoch;
  private long top;
  private long messages;
  private long lastUse;
  private boolean dropped;

  InMemoryLog(String room, Retention retention, InstantSource clock, Supplier<String> epochs) {
    this.epochs = epochs;
    this.epoch = epochs.get();
    this.room = room;
    this.retained = new Retained(room);
    this.retention = retention;
    this.clock = clock;
    this.lastUse = clock.millis();
    this.keysSince = lastUse;
  }

  /** Up to where a user has read, and how many messages that are. */
  private static final class Mark {
    private long offset;
    private long messages;

    private void moveTo(long offset, long messages) {
      this.offset = offset;
      this.messages = messages;
    }
  }

  /** What became of a draft: its ack, null when what it changes is not as it expects. */
  record Outcome(@Nullable Ack ack) {}

  /** Appends, changes what is there, and announces; null when the log was dropped. */
  synchronized @Nullable Outcome publish(
      Draft draft, List<Revision> revisions, BiConsumer<Draft, Publication> audience) {
    if (dropped) {
      return null;
    }
    long now = clock.millis();
    lastUse = now;
    String key = draft.key();
    Ack first = key == null ? null : known(key, now);
    if (first != null) {
      return new Outcome(first);
    }
    if (!revisions.isEmpty() && !fits(revisions)) {
      return new Outcome(null);
    }
    for (Revision revision : revisions) {
      retained.replace(revision.offset(), revision.replacement());
    }
    Publication publication = append(draft, now);
    if (!draft.audience().isEmpty()) {
      audience.accept(draft, publication);
    }
    return new Outcome(new Ack(publication.position(), draft.ts(), false));
  }

  private @Nullable Ack known(String key, long now) {
    turnKeys(now);
    return keys.containsKey(key) ? keys.get(key) : olderKeys.get(key);
  }

  private boolean fits(List<Revision> revisions) {
    for (Revision revision : revisions) {
      long offset = revision.offset();
      if (!retained.has(offset) || !retained.body(offset).equals(revision.expected())) {
        return false;
      }
    }
    return true;
  }

  private Publication append(Draft draft, long now) {
    Publication publication =
        new Publication(room, new Position(epoch, ++top), draft.ts(), draft.body(), draft.trace());
    retained.add(publication, messages);
    if (draft.author() != null) {
      mark(draft.author()).moveTo(top, ++messages);
    }
    trim(now);
    String key = draft.key();
    if (key != null) {
      keys.put(key, new Ack(publication.position(), draft.ts(), true));
    }
    Delivery.Event event = new Delivery.Published(publication);
    announce(event);
    return publication;
  }

  private Mark mark(String user) {
    Mark mark = marks.get(user);
    if (mark == null) {
      mark = new Mark();
      marks.put(user, mark);
    }
    return mark;
  }

  /** Moves a user's mark; returns where it is now, 0 when it was there or further. */
  synchronized long markRead(String user, long asked) {
    long offset = Math.min(asked, top);
    Mark mark = marks.get(user);
    if (offset < 1 || mark != null && mark.offset >= offset) {
      return 0;
    }
    long next = Math.max(offset + 1, oldest());
    long read = next > top ? messages : retained.messagesBefore(next);
    mark(user).moveTo(offset, read);
    return offset;
  }

  synchronized Broker.Unread unread(String user) {
    trim(clock.millis());
    long there = retained.size() == 0 ? 0 : messages - retained.messagesBefore(oldest());
    Mark mark = marks.get(user);
    return mark == null
        ? new Broker.Unread(false, there)
        : new Broker.Unread(true, Math.max(0, Math.min(there, messages - mark.messages)));
  }

  /** Two windows: a key lives at least one of them, at most two. */
  private void turnKeys(long now) {
    long age = now - keysSince;
    if (age >= KEY_WINDOW.toMillis()) {
      olderKeys = age >= 2 * KEY_WINDOW.toMillis() ? new HashMap<>() : keys;
      keys = new HashMap<>();
      keysSince = now;
    }
  }

  private void trim(long now) {
    long oldest = now - retention.age().toMillis();
    while (retained.size() > 0
        && (retained.ts(oldest()) < oldest
            || retained.bytes() > retention.bytes()
            || retained.size() > retention.count())) {
      retained.removeFirst();
    }
  }

  /** The offset of the oldest that is retained; what comes next where nothing is. */
  private long oldest() {
    return top - retained.size() + 1;
  }

  /** Subscribes and reads at one moment; null when the log was dropped. */
  synchronized @Nullable History subscribe(Delivery delivery, HistoryQuery query) {
    if (dropped) {
      return null;
    }
    if (!subscribers.contains(delivery)) {
      subscribers.add(delivery);
    }
    return read(query);
  }

  synchronized void unsubscribe(Delivery delivery) {
    subscribers.remove(delivery);
  }

  synchronized boolean isSubscribed() {
    return !subscribers.isEmpty();
  }

  synchronized void announce(Delivery.Event event) {
    for (int i = 0; i < subscribers.size(); i++) {
      subscribers.get(i).add(event);
    }
  }

  synchronized History read(HistoryQuery query) {
    lastUse = clock.millis();
    trim(lastUse);
    Position at = new Position(epoch, top);
    long first = oldest();
    int limit = query.limit();
    if (query instanceof HistoryQuery.Since since) {
      long sure = sure(since.position());
      long from = Math.max(first, sure + 1);
      List<Publication> page = retained.read(from, limit, epoch);
      return new History(at, sure, page, from + page.size() - 1 < top);
    } else if (query instanceof HistoryQuery.After after) {
      long from = Math.max(first, Math.min(after.offset(), top) + 1);
      List<Publication> page = retained.read(from, limit, epoch);
      return new History(at, 0, page, from + page.size() - 1 < top);
    }
    long end =
        query instanceof HistoryQuery.Before before ? Math.min(top, before.offset() - 1) : top;
    long from = Math.max(first, end - limit + 1);
    List<Publication> page =
        retained.read(from, (int) Math.max(0, Math.min(limit, end - from + 1)), epoch);
    return new History(at, 0, page, retained.size() > 0 && Math.min(from, end + 1) > first);
  }

  private long sure(Position since) {
    if (since.epoch().equals(epoch)) {
      return Math.min(since.offset(), top);
    }
    Long end = epochEnds.get(since.epoch());
    return end == null ? 0 : Math.min(since.offset(), end);
  }

  synchronized void retain(Retention keep) {
    retention = keep;
    trim(clock.millis());
  }

  /** Ends the log: what follows has a new epoch and starts at 1. */
  synchronized void destroy() {
    retained.clear();
    marks.clear();
    messages = 0;
    keys.clear();
    olderKeys.clear();
    epochEnds.clear();
    top = 0;
    epoch = epochs.get();
  }

  /** The log comes back without its last frames, under a new epoch; offsets go on. */
  synchronized void loseTail(int frames) {
    int keep = Math.max(0, retained.size() - frames);
    long kept = top - (retained.size() - keep);
    if (kept < top) {
      messages = retained.messagesBefore(kept + 1);
    }
    retained.removeLast(keep);
    top = kept;
    marks
        .values()
        .forEach(
            mark -> mark.moveTo(Math.min(mark.offset, top), Math.min(mark.messages, messages)));
    long end = top;
    keys.values().removeIf(ack -> ack.position().offset() > end);
    olderKeys.values().removeIf(ack -> ack.position().offset() > end);
    epochEnds.put(epoch, top);
    if (epochEnds.size() > EPOCHS_REMEMBERED) {
      epochEnds.remove(epochEnds.keySet().iterator().next());
    }
    epoch = epochs.get(); // what is still there is of the new epoch: all of a log is
    keys.replaceAll((key, ack) -> ofThisEpoch(ack));
    olderKeys.replaceAll((key, ack) -> ofThisEpoch(ack));
  }

  private Ack ofThisEpoch(Ack ack) {
    return new Ack(new Position(epoch, ack.position().offset()), ack.ts(), ack.duplicate());
  }

  /** Ends the log if nothing was published since a moment, and tells whether it did. */
  synchronized boolean destroyIfQuietSince(long moment) {
    boolean quiet = retained.size() == 0 || retained.ts(top) < moment;
    if (quiet) {
      destroy();
    }
    return quiet;
  }

  /** Whether something is retained. */
  synchronized boolean hasEntries() {
    trim(clock.millis());
    return retained.size() > 0;
  }

  /** Gives the log up when nobody is subscribed and nothing has used it for the time. */
  synchronized boolean dropIfUnused(Duration age) {
    if (subscribers.isEmpty() && clock.millis() - lastUse > age.toMillis()) {
      dropped = true;
    }
    return dropped;
  }
}
