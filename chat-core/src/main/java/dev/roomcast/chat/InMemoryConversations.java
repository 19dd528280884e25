package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which conversations users have, in memory. Guarded by "this". */
final class InMemoryConversations {

  private final InMemoryBackend.Shared shared;
  private final Map<String, Map<String, Long>> byUser = new HashMap<>();
  private final Map<String, Map<String, String>> names = new HashMap<>();

  InMemoryConversations(InMemoryBackend.Shared shared) {
    this.shared = shared;
  }

  /** Something was logged in a conversation: notes it, and tells the nodes of its users. */
  void logged(Draft draft, Publication publication) {
    synchronized (this) {
      long now = shared.clock.millis();
      draft
          .audience()
          .forEach(
              (user, name) -> {
                byUser.computeIfAbsent(user, id -> new HashMap<>()).put(publication.room(), now);
                if (!name.isEmpty()) {
                  names
                      .computeIfAbsent(publication.room(), room -> new HashMap<>())
                      .put(user, name);
                }
              });
    }
    shared.tell(draft.audience().keySet(), new Delivery.Direct(publication));
  }

  private synchronized List<Map.Entry<String, Long>> newestFirst(String user) {
    return byUser.getOrDefault(user, Map.of()).entrySet().stream()
        .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
        .sorted(
            Comparator.<Map.Entry<String, Long>>comparingLong(Map.Entry::getValue)
                .thenComparing(Map.Entry::getKey, Utf8Order.INSTANCE)
                .reversed())
        .toList();
  }

  private synchronized String name(String room, String user) {
    return names.getOrDefault(room, Map.of()).getOrDefault(user, "");
  }

  Broker.ConversationPage page(String user, String after, int limit) {
    List<Broker.ConversationInfo> page = new ArrayList<>();
    String next = null;
    boolean begun = after.isEmpty();
    for (Map.Entry<String, Long> entry : newestFirst(user)) {
      String place = entry.getValue() + "-" + entry.getKey();
      if (!begun) {
        begun = isAfter(entry, after);
      }
      if (begun && page.size() == limit) {
        return new Broker.ConversationPage(page, next);
      }
      if (begun) {
        page.add(info(user, entry));
        next = place;
      }
    }
    return new Broker.ConversationPage(page, null);
  }

  private static boolean isAfter(Map.Entry<String, Long> entry, String after) {
    int dash = after.indexOf('-');
    long ts = Long.parseLong(after.substring(0, dash));
    return entry.getValue() < ts
        || entry.getValue() == ts
            && Utf8Order.INSTANCE.compare(entry.getKey(), after.substring(dash + 1)) < 0;
  }

  private Broker.ConversationInfo info(String user, Map.Entry<String, Long> entry) {
    String room = entry.getKey();
    InMemoryLog log = shared.logs.get(room);
    List<Publication> newest =
        log == null ? List.of() : log.read(new HistoryQuery.Newest(1)).publications();
    @Nullable Publication last = newest.isEmpty() ? null : newest.get(0);
    Conversation conversation = Conversation.of(room);
    String other = conversation == null ? "" : name(room, conversation.other(user));
    long unread = log == null ? 0 : log.unread(user).count();
    return new Broker.ConversationInfo(room, entry.getValue(), other, last, unread);
  }
}
