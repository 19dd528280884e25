package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The retained publications of a log in memory, as bytes.
 *
 * <p>Kept as objects they would be most of what lives in a busy node, and a collector would copy
 * and mark all of them, over and over. Here a full log that goes on takes no new memory: bodies
 * stand one behind the other on a tape of pages, and a page that is free at the tape's beginning is
 * the next one at its end. A publication is made again when it is read.
 *
 * <p>{@code facts} is a ring of three numbers for each publication, at its offset: where its body
 * begins on the tape, when it was published, and how many messages were logged before it. {@code
 * pages} is a ring too, at the page's number; only the one page of a short log may be smaller than
 * {@value #PAGE} bytes. {@code others} has what is not on the tape: bodies that were replaced, and
 * traces. A log's own state: guarded by the {@link InMemoryLog} that owns it.
 */
final class Retained {

  static final int PAGE = 1 << 12;

  private static final int SMALLEST_PAGE = 256;
  private static final int FACTS = 3;
  private static final int TS = 1;
  private static final int BEFORE = 2;

  private final String room;
  private long[] facts = new long[4 * FACTS];
  private byte[] @Nullable [] pages = new byte[2][];
  private byte @Nullable [] spare;
  private Map<Long, Other> others = Map.of();
  private long first = 1;
  private int size;
  private long end;
  private long bytes;

  /** A body that took the place of the one on the tape, and a trace. */
  private record Other(@Nullable Json body, @Nullable TraceContext trace) {}

  Retained(String room) {
    this.room = room;
  }

  /** Adds the publication behind the last one, or any one where there is none. */
  void add(Publication publication, long messagesBefore) {
    if (size == 0) {
      first = publication.offset();
    } else if (size * FACTS == facts.length) {
      growFacts();
    }
    int at = factsAt(first + size);
    facts[at] = end;
    facts[at + TS] = publication.ts();
    facts[at + BEFORE] = messagesBefore;
    size++; // before its body, whose pages are the first ones where nothing else is retained
    byte[] body = publication.body().bytes();
    write(body);
    bytes += body.length;
    if (publication.trace() != null) {
      put(publication.offset(), new Other(null, publication.trace()));
    }
  }

  /** Removes the oldest one; there must be one. */
  void removeFirst() {
    long from = firstPage();
    bytes -= length(first);
    if (!others.isEmpty()) {
      others.remove(first);
    }
    first++;
    size--;
    if (size == 0) {
      clear();
    } else {
      release(from, firstPage());
    }
  }

  /** Removes the newest ones, so many that {@code keep} are left. */
  void removeLast(int keep) {
    if (keep == 0) {
      clear();
      return;
    }
    long to = end;
    while (size > keep) {
      long last = first + size - 1;
      bytes -= length(last);
      if (!others.isEmpty()) {
        others.remove(last);
      }
      end = facts[factsAt(last)];
      size--;
    }
    for (long page = pageOf(end) + 1; page <= pageOf(to); page++) {
      pages[pageAt(page)] = null;
    }
  }

  /** Removes all, and what room they took. */
  void clear() {
    facts = new long[4 * FACTS];
    pages = new byte[2][];
    spare = null;
    others = Map.of();
    size = 0;
    end = 0;
    bytes = 0;
  }

  /** Puts another body in the place of a retained publication's. */
  void replace(long offset, Json body) {
    bytes += body.utf8Length() - length(offset);
    Other other = others.get(offset);
    put(offset, new Other(body, other == null ? null : other.trace()));
  }

  private void put(long offset, Other other) {
    if (others.isEmpty()) {
      others = new HashMap<>();
    }
    others.put(offset, other);
  }

  /** Whether the publication with this offset is retained. */
  boolean has(long offset) {
    return offset >= first && offset < first + size;
  }

  /** Returns up to so many publications, the first of them at {@code from} or after it. */
  List<Publication> read(long from, int limit, String epoch) {
    long begin = Math.max(first, from);
    long until = Math.min(first + size, begin + limit);
    List<Publication> read = new ArrayList<>((int) Math.max(0, until - begin));
    for (long offset = begin; offset < until; offset++) {
      Other other = others.get(offset);
      read.add(
          new Publication(
              room,
              new Position(epoch, offset),
              ts(offset),
              body(offset),
              other == null ? null : other.trace()));
    }
    return read;
  }

  /** The body of a retained publication. */
  Json body(long offset) {
    Other other = others.get(offset);
    if (other != null && other.body() != null) {
      return other.body();
    }
    long from = facts[factsAt(offset)];
    byte[] body = new byte[(int) (endOf(offset) - from)];
    int copied = 0;
    while (copied < body.length) {
      int at = inPage(from + copied);
      int part = Math.min(body.length - copied, PAGE - at);
      System.arraycopy(pages[pageAt(pageOf(from + copied))], at, body, copied, part);
      copied += part;
    }
    return Json.trusted(body);
  }

  private int length(long offset) {
    Other other = others.isEmpty() ? null : others.get(offset);
    return other != null && other.body() != null
        ? other.body().utf8Length()
        : (int) (endOf(offset) - facts[factsAt(offset)]);
  }

  /** When a retained publication was published, in ms since 1970. */
  long ts(long offset) {
    return facts[factsAt(offset) + TS];
  }

  /** How many messages were logged before a retained publication. */
  long messagesBefore(long offset) {
    return facts[factsAt(offset) + BEFORE];
  }

  /** The offset of the oldest, where there is one. */
  long first() {
    return first;
  }

  int size() {
    return size;
  }

  /** Bytes of all bodies. */
  long bytes() {
    return bytes;
  }

  private long endOf(long offset) {
    return offset + 1 < first + size ? facts[factsAt(offset + 1)] : end;
  }

  private int factsAt(long offset) {
    return ((int) offset & facts.length / FACTS - 1) * FACTS; // a power of two of them
  }

  private void growFacts() {
    long[] old = facts;
    int mask = old.length / FACTS - 1;
    facts = new long[2 * old.length];
    for (long offset = first; offset < first + size; offset++) {
      System.arraycopy(old, ((int) offset & mask) * FACTS, facts, factsAt(offset), FACTS);
    }
  }

  private void write(byte[] body) {
    int written = 0;
    while (written < body.length) {
      int at = inPage(end);
      int part = Math.min(body.length - written, PAGE - at);
      System.arraycopy(body, written, page(at + part), at, part);
      written += part;
      end += part;
    }
  }

  /** The page in which the tape ends, of so many bytes at least. */
  private byte[] page(int needed) {
    long page = pageOf(end);
    if (page - firstPage() >= pages.length) {
      growPages();
    }
    int at = pageAt(page);
    byte[] found = pages[at];
    if (found == null) {
      found = spare != null ? spare : new byte[page == 0 ? sizeFor(needed) : PAGE];
      spare = null;
      pages[at] = found;
    } else if (found.length < needed) {
      found = Arrays.copyOf(found, sizeFor(needed));
      pages[at] = found;
    }
    return found;
  }

  private static int sizeFor(int needed) {
    return Math.min(PAGE, Math.max(SMALLEST_PAGE, needed + needed / 4));
  }

  private void growPages() {
    byte[] @Nullable [] old = pages;
    pages = new byte[2 * old.length][];
    for (long page = firstPage(); page < firstPage() + old.length; page++) {
      pages[pageAt(page)] = old[(int) page & old.length - 1];
    }
  }

  /** Gives pages up, and keeps one of them for the tape's end. */
  private void release(long from, long to) {
    for (long page = from; page < to; page++) {
      spare = pages[pageAt(page)]; // a whole one, as the tape went on behind it
      pages[pageAt(page)] = null;
    }
  }

  private long firstPage() {
    return pageOf(size == 0 ? end : facts[factsAt(first)]);
  }

  private static long pageOf(long place) {
    return place / PAGE;
  }

  private static int inPage(long place) {
    return (int) (place % PAGE);
  }

  private int pageAt(long page) {
    return (int) page & pages.length - 1;
  }
}
