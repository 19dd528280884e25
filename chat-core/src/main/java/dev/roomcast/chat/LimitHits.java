package dev.roomcast.chat;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often each limit was reached. Thread-safe. */
final class LimitHits {

  private final Map<LimitHit, LongAdder> hits = new EnumMap<>(LimitHit.class);

  LimitHits() {
    for (LimitHit limit : LimitHit.values()) {
      hits.put(limit, new LongAdder());
    }
  }

  LongAdder of(LimitHit limit) {
    return Objects.requireNonNull(hits.get(limit));
  }

  void add(LimitHit limit) {
    of(limit).increment();
  }

  /** All of them, by now. */
  Map<LimitHit, Long> counts() {
    Map<LimitHit, Long> counts = new EnumMap<>(LimitHit.class);
    hits.forEach((limit, count) -> counts.put(limit, count.sum()));
    return counts;
  }

  /** These counts as a JSON object. */
  static Json json(Map<LimitHit, Long> counts) {
    JsonText text = new JsonText(384);
    for (LimitHit limit : LimitHit.values()) {
      text.field(limit.limit(), counts.getOrDefault(limit, 0L));
    }
    return text.json();
  }
}
