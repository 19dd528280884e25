package dev.roomcast.redis;

import dev.roomcast.chat.Broker.ConversationInfo;
import dev.roomcast.chat.Broker.ConversationPage;
import dev.roomcast.chat.Broker.Unread;
import dev.roomcast.chat.Position;
import dev.roomcast.chat.Publication;
import dev.roomcast.chat.Retention;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Read marks, what is above them, and the conversations of users. Immutable; thread-safe. */
final class Unreads {

  private final Commands link;
  private final Keys keys;
  private final Epochs epochs;
  private final Retention retention;

  Unreads(Commands link, Keys keys, Epochs epochs, Retention retention) {
    this.link = link;
    this.keys = keys;
    this.epochs = epochs;
    this.retention = retention;
  }

  CompletableFuture<Long> markRead(String room, String user, long offset) {
    return link.eval(
            Script.MARK_READ,
            logKeys(room),
            Script.RUN,
            epochs.next(),
            user,
            offset,
            retention.age().toMillis())
        .thenApply(Replies::number);
  }

  private List<String> logKeys(String room) {
    return List.of(keys.log(room), keys.meta(room), keys.marks(room));
  }

  CompletableFuture<List<Unread>> unread(String user, List<String> rooms) {
    return each(
        rooms,
        room ->
            link.eval(Script.UNREAD, logKeys(room), Script.RUN, epochs.next(), user)
                .thenApply(
                    answer -> {
                      List<String> parts = Replies.texts(answer);
                      return new Unread(parts.get(0).equals("1"), Long.parseLong(parts.get(1)));
                    }));
  }

  /** All at once on the one link: the answers come in the order asked. */
  private static <A, T> CompletableFuture<List<T>> each(
      List<A> asked, Function<A, CompletableFuture<T>> ask) {
    List<CompletableFuture<T>> answers = asked.stream().map(ask).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> answers.stream().map(CompletableFuture::join).toList());
  }

  /** A place in the list: {@code <ms>-<room>}. */
  CompletableFuture<ConversationPage> conversations(String user, String after, int limit) {
    int dash = after.indexOf('-');
    String from = dash < 0 ? "+inf" : after.substring(0, dash);
    String room = dash < 0 ? "" : after.substring(dash + 1);
    return link.eval(Script.CONVERSATIONS, List.of(keys.conversations(user)), from, room, limit)
        .thenCompose(answer -> page(user, Replies.texts(answer), limit));
  }

  private CompletableFuture<ConversationPage> page(String user, List<String> found, int limit) {
    List<String> rooms = new ArrayList<>();
    for (int i = 0; i < Math.min(found.size(), 2 * limit); i += 2) {
      rooms.add(found.get(i));
    }
    int last = 2 * rooms.size() - 2;
    String next = found.size() > 2 * limit ? found.get(last + 1) + "-" + found.get(last) : null;
    return each(rooms, room -> conversation(user, room, found.get(found.indexOf(room) + 1)))
        .thenApply(conversations -> new ConversationPage(conversations, next));
  }

  private CompletableFuture<ConversationInfo> conversation(String user, String room, String ts) {
    List<String> names = new ArrayList<>(logKeys(room));
    names.add(keys.names(room));
    return link.eval(
            Script.CONVERSATION, names, Script.RUN, epochs.next(), user, retention.age().toMillis())
        .thenApply(answer -> conversation(room, Long.parseLong(ts), Replies.list(answer)));
  }

  /** See conversation.lua for the form of the answer. */
  private static ConversationInfo conversation(String room, long ts, List<?> parts) {
    byte[] entry = (byte[]) parts.get(2);
    Position top = new Position(Replies.text(parts.get(0)), Replies.number(parts.get(1)));
    Publication last =
        entry.length == 0 ? null : Announcement.entry(room, top, entry, 0, entry.length);
    return new ConversationInfo(
        room, ts, Replies.text(parts.get(4)), last, Replies.number(parts.get(3)));
  }
}
