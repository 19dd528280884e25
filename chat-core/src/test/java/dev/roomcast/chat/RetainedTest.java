package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was retained is read as it was added, wherever on the tape it stands. */
class RetainedTest {

  private static final TraceContext TRACE =
      new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

  private final Retained retained = new Retained("room");
  private final List<Publication> model = new ArrayList<>();
  private final List<Long> messages = new ArrayList<>();

  private static Json body(long number, int length) {
    return Json.value("x".repeat(length) + number);
  }

  private void add(long offset, int length, boolean traced) {
    Publication publication =
        new Publication(
            "room",
            new Position("e", offset),
            offset * 3,
            body(offset, length),
            traced ? TRACE : null);
    retained.add(publication, offset / 2);
    model.add(publication);
    messages.add(offset / 2);
  }

  private void removeFirst() {
    retained.removeFirst();
    model.remove(0);
    messages.remove(0);
  }

  private void removeLast(int keep) {
    retained.removeLast(keep);
    model.subList(keep, model.size()).clear();
    messages.subList(keep, messages.size()).clear();
  }

  private void replace(int index, int length) {
    Publication old = model.get(index);
    Json body = body(-old.offset(), length);
    retained.replace(old.offset(), body);
    model.set(index, new Publication("room", old.position(), old.ts(), body, old.trace()));
  }

  private void assertAsModel() {
    assertEquals(model.size(), retained.size());
    assertEquals(model.stream().mapToLong(p -> p.body().utf8Length()).sum(), retained.bytes());
    if (!model.isEmpty()) {
      assertEquals(model.get(0).offset(), retained.first());
    }
    assertEquals(model, retained.read(0, Integer.MAX_VALUE, "e"));
    for (int i = 0; i < model.size(); i++) {
      assertEquals(messages.get(i), retained.messagesBefore(model.get(i).offset()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void isWhatAListWouldBe(long seed) {
    Random random = new Random(seed);
    long next = 1;
    int longest = seed % 2 == 0 ? 200 : 5 * Retained.PAGE;
    int most = 1 + random.nextInt(60);
    for (int i = 0; i < 3_000; i++) {
      int what = random.nextInt(100);
      if (what < 80 || model.isEmpty()) {
        next = model.isEmpty() ? next : model.get(model.size() - 1).offset() + 1;
        add(next++, random.nextInt(longest), random.nextInt(20) == 0);
        while (model.size() > most) {
          removeFirst();
        }
      } else if (what < 90) {
        removeFirst();
      } else if (what < 97) {
        replace(random.nextInt(model.size()), random.nextInt(longest));
      } else if (what < 99) {
        removeLast(random.nextInt(model.size() + 1));
      } else {
        retained.clear();
        model.clear();
        messages.clear();
      }
      assertAsModel();
    }
  }

  @Test
  void aPageBeginsWhereABodyEndsExactly() {
    for (int i = 1; i <= 9; i++) {
      add(i, Retained.PAGE / 2 - 3, false); // two quotes and a digit make it half a page
      assertAsModel();
    }
    for (int i = 1; i <= 8; i++) {
      removeFirst();
      assertAsModel();
    }
  }

  @Test
  void readsFromAnOffsetOnAndNotMoreThanIsAskedFor() {
    for (int i = 11; i <= 20; i++) {
      add(i, 10, false);
    }
    removeFirst();
    assertEquals(model.subList(3, 5), retained.read(15, 2, "e"));
    assertEquals(model.subList(0, 2), retained.read(1, 2, "e"));
    assertEquals(model.subList(8, 9), retained.read(20, 5, "e"));
    assertEquals(List.of(), retained.read(21, 5, "e"));
    assertEquals(List.of(), retained.read(15, 0, "e"));
    assertEquals(new Position("f", 12), retained.read(12, 1, "f").get(0).position());
    assertFalse(retained.has(11));
    assertTrue(retained.has(12) && retained.has(20));
    assertFalse(retained.has(21));
  }

  @Test
  void aReplacedBodyKeepsItsTrace() {
    add(1, 10, true);
    replace(0, 20);
    assertAsModel();
    assertEquals(TRACE, retained.read(1, 1, "e").get(0).trace());
  }

  @Test
  void aFullLogThatGoesOnTakesNoNewMemory() {
    List<Publication> all = new ArrayList<>();
    for (int i = 1; i <= 5_000; i++) {
      all.add(new Publication("room", new Position("e", i), i, body(i, 250)));
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = 0;
    for (Publication publication : all) {
      if (publication.offset() == 3_001) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      retained.add(publication, 0);
      if (retained.size() > 1_000) {
        retained.removeFirst();
      }
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < Retained.PAGE, allocated + " bytes for 2,000 publications");
  }
}
