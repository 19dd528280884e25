package dev.roomcast.chat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Up to where users have read, and what they have not.
 *
 * <p>A mark is stored at once; others hear of it once in an interval. Counts are a convenience:
 * when the store does not tell them, or not in time, everything goes on without. {@code moved} has
 * what others have not heard yet, {@code telling} whether they will; both are guarded by "this".
 */
final class ReadMarks {

  /** So long a welcome waits for its counts. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final int CONVERSATIONS = 100;

  private final ChatNode node;
  private final Map<Mark, Long> moved = new HashMap<>();
  private boolean telling;

  ReadMarks(ChatNode node) {
    this.node = node;
  }

  private record Mark(String room, User user) {}

  /** Moves a user's mark forward; the stage ends when that is stored. */
  CompletionStage<@Nullable Void> read(User user, Command.Read command) {
    return node.broker()
        .markRead(command.room(), user.id(), command.offset())
        .thenApply(
            offset -> {
              if (offset > 0) {
                tellLater(new Mark(command.room(), user), offset);
              }
              return null;
            });
  }

  private void tellLater(Mark mark, long offset) {
    boolean first;
    synchronized (this) {
      moved.merge(mark, offset, Math::max);
      first = !telling;
      telling = true;
    }
    if (first) {
      node.clock().schedule(node.limits().presenceInterval(), this::tell);
    }
  }

  private void tell() {
    Map<Mark, Long> news;
    synchronized (this) {
      news = Map.copyOf(moved);
      moved.clear();
      telling = false;
    }
    news.forEach(
        (mark, offset) ->
            node.broker()
                .announce(mark.room(), FrameWriter.read(mark.room(), mark.user(), offset))
                .whenComplete(node::noteFailure));
  }

  /** The room's log ended, and its marks with it. */
  void forget(String room) {
    synchronized (this) {
      moved.keySet().removeIf(mark -> mark.room().equals(room));
    }
  }

  /** What the user has not read in a room; null where that means nothing, or is not known. */
  CompletionStage<@Nullable Long> unread(User user, String room) {
    return node.broker()
        .unread(user.id(), List.of(room))
        .handle(
            (counts, failure) -> {
              node.noteFailure(counts, failure);
              return counts == null ? null : count(room, counts.get(0));
            });
  }

  /** A conversation is the user's from its first message on; a room from the first mark on. */
  private static @Nullable Long count(String room, Broker.Unread unread) {
    return unread.marked() || Conversation.is(room) ? unread.count() : null;
  }

  /** Adds what the user has not read to a list of rooms. */
  CompletionStage<RoomList> add(User user, RoomList list) {
    return unread(user, list.rooms().stream().map(RoomManager.RoomInfo::room).toList())
        .handle(
            (counts, failure) -> {
              node.noteFailure(counts, failure);
              return counts == null ? list : list.with(counts);
            });
  }

  private CompletionStage<Map<String, Long>> unread(User user, List<String> rooms) {
    if (rooms.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    return node.broker()
        .unread(user.id(), rooms)
        .thenApply(
            counts -> {
              Map<String, Long> known = new HashMap<>();
              for (int i = 0; i < rooms.size(); i++) {
                Long count = count(rooms.get(i), counts.get(i));
                if (count != null) {
                  known.put(rooms.get(i), count);
                }
              }
              return known;
            });
  }

  /**
   * What a welcome says: the rooms of a resumed session, and the newest conversations with
   * something unread. Null when the store does not tell in time.
   */
  CompletionStage<@Nullable Json> welcome(User user, Set<String> rooms) {
    CompletableFuture<@Nullable Json> counts = new CompletableFuture<>();
    ChatClock.Timer late = node.clock().schedule(PATIENCE, () -> counts.complete(null));
    unread(user, List.copyOf(rooms))
        .thenCombine(
            node.broker().conversations(user.id(), "", CONVERSATIONS),
            (known, page) -> {
              Map<String, Long> all = new HashMap<>(known);
              for (Broker.ConversationInfo conversation : page.conversations()) {
                if (conversation.unread() > 0) {
                  all.put(conversation.room(), conversation.unread());
                }
              }
              return all;
            })
        .whenComplete(
            (all, failure) -> {
              late.cancel();
              node.noteFailure(all, failure);
              counts.complete(all == null ? null : json(all));
            });
    return counts;
  }

  private static Json json(Map<String, Long> counts) {
    List<String> rooms = new ArrayList<>(counts.keySet());
    rooms.sort(Utf8Order.INSTANCE);
    return Json.trusted(
        rooms.stream()
            .map(room -> JsonText.quote(room) + ":" + counts.get(room))
            .collect(Collectors.joining(",", "{", "}")));
  }
}
