package dev.roomcast.chat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the most frequent names of a stream in bounded memory, after Metwally, Agrawal and El
 * Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (2005).
 *
 * <p>Only so many names are counted. A new one takes the place of the least frequent, and inherits
 * its count, which is from then on its possible error. So a count is never too low, and too high by
 * no more than its error; an error never exceeds {@code total / capacity}, and every name with more
 * than that is among those counted.
 *
 * <p>{@code heap} is a binary heap of the entries, the least frequent first. Confined to whoever
 * owns it.
 */
final class SpaceSaving {

  private final Map<String, Entry> entries;
  private final Entry[] heap;
  private int size;
  private long total;

  private static final class Entry {
    String name;
    long count;
    long error;
    int place;

    Entry(String name) {
      this.name = name;
    }
  }

  /** A name, how often it came at most, and by how much that may be too high. Immutable. */
  record Estimate(String name, long count, long error) {}

  /** Counts so many names at a time. */
  SpaceSaving(int capacity) {
    entries = new HashMap<>(capacity * 2);
    heap = new Entry[capacity];
  }

  /** Counts a name so many times. */
  void add(String name, long times) {
    total += times;
    Entry entry = entries.get(name);
    if (entry == null) {
      entry = size < heap.length ? newcomer(name) : heir(name);
      entries.put(name, entry);
    }
    entry.count += times;
    sink(entry);
  }

  private Entry newcomer(String name) {
    Entry entry = new Entry(name);
    // With a count of zero it belongs to the top, so all above it move down.
    int place = size++;
    while (place > 0) {
      int parent = (place - 1) / 2;
      put(heap[parent], place);
      place = parent;
    }
    put(entry, 0);
    return entry;
  }

  private Entry heir(String name) {
    Entry least = heap[0];
    entries.remove(least.name);
    least.name = name;
    least.error = least.count;
    return least;
  }

  private void sink(Entry entry) {
    int place = entry.place;
    while (true) {
      int child = 2 * place + 1;
      if (child + 1 < size && heap[child + 1].count < heap[child].count) {
        child++;
      }
      if (child >= size || heap[child].count >= entry.count) {
        put(entry, place);
        return;
      }
      put(heap[child], place);
      place = child;
    }
  }

  private void put(Entry entry, int place) {
    heap[place] = entry;
    entry.place = place;
  }

  /** The most frequent names, the first one first; of two alike the lesser name is first. */
  List<Estimate> top(int most) {
    return entries.values().stream()
        .map(entry -> new Estimate(entry.name, entry.count, entry.error))
        .sorted(Comparator.comparingLong(Estimate::count).reversed().thenComparing(Estimate::name))
        .limit(most)
        .toList();
  }

  /** How often names were counted in all. */
  long total() {
    return total;
  }

  /** Begins anew. */
  void clear() {
    entries.clear();
    Arrays.fill(heap, 0, size, null);
    size = 0;
    total = 0;
  }
}
