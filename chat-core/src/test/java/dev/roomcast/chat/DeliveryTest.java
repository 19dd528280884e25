package dev.roomcast.chat;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class DeliveryTest {

  private final Queue<Runnable> executor = new ArrayDeque<>();
  private final Heard heard = new Heard();
  private final Delivery delivery = new Delivery(executor::add, heard);

  /** What was announced, in words, and by which thread. */
  static class Heard implements BackendListener {
    final Queue<String> events = new ConcurrentLinkedQueue<>();
    final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    final AtomicInteger inside = new AtomicInteger();
    final AtomicInteger together = new AtomicInteger();

    List<String> said() {
      return List.copyOf(events);
    }

    private void heard(String event) {
      together.accumulateAndGet(inside.incrementAndGet(), Math::max);
      events.add(event);
      threads.add(Thread.currentThread());
      inside.decrementAndGet();
    }

    @Override
    public void onPublications(String room, List<Publication> publications) {
      heard(room + " " + publications.stream().map(one -> one.position().offset()).toList());
    }

    @Override
    public void onEphemeral(String room, Json frame) {
      heard(room);
    }

    @Override
    public void onPresence(String room, PresenceChange change) {
      heard("presence");
    }

    @Override
    public void onDirect(String conversation, List<Publication> publications) {
      heard("direct");
    }

    @Override
    public void onTold(String user, Json frame) {
      heard(user);
    }

    @Override
    public void onGap(String room) {
      heard("gap");
    }

    @Override
    public void onControl(Json control) {
      heard("control");
    }
  }

  private static Delivery.Event message(String room, long offset) {
    return new Delivery.Published(
        new Publication(room, new Position("e", offset), 0, Json.of("type", "message"), null));
  }

  @Test
  void whoReadsDeliversItselfAndTogether() {
    delivery.reads(
        () -> {
          delivery.add(message("a", 1));
          delivery.add(message("a", 2));
          assertEquals(List.of(), heard.said());
        });

    assertEquals(List.of("a [1, 2]"), heard.said());
    assertEquals(List.of(Thread.currentThread()), List.copyOf(heard.threads));
    assertEquals(0, executor.size());
  }

  @Test
  void whoDoesNotReadHasTheExecutorDeliver() {
    delivery.add(message("a", 1));
    delivery.reads(() -> delivery.add(message("a", 2)));

    assertEquals(List.of(), heard.said());
    assertEquals(1, executor.size());
    executor.remove().run();
    assertEquals(List.of("a [1, 2]"), heard.said());
  }

  @Test
  void nobodyElseWaitsForTheEndOfARead() {
    delivery.reads(
        () -> {
          delivery.add(message("a", 1));
          onAnotherThread(() -> delivery.add(message("a", 2)));
          assertEquals(1, executor.size());
          executor.remove().run();
          assertEquals(List.of("a [1, 2]"), heard.said());
          onAnotherThread(() -> delivery.add(message("b", 1)));
          executor.remove().run();
        });

    assertEquals(List.of("a [1, 2]", "b [1]"), heard.said());
    assertEquals(0, executor.size());
  }

  @Test
  void theFirstOfSeveralReadersThatIsDoneDeliversWhatAllReadOfARoom() {
    AtomicReference<Thread> first = new AtomicReference<>();
    delivery.reads(
        () -> {
          delivery.add(message("a", 1));
          onAnotherThread(
              () -> {
                first.set(Thread.currentThread());
                delivery.reads(
                    () -> {
                      delivery.add(message("a", 2));
                      delivery.add(message("a", 3));
                    });
              });
          assertEquals(List.of("a [1, 2, 3]"), heard.said());
          delivery.add(message("a", 4));
        });

    assertEquals(List.of("a [1, 2, 3]", "a [4]"), heard.said());
    assertEquals(List.of(first.get(), Thread.currentThread()), List.copyOf(heard.threads));
    assertEquals(0, executor.size());
  }

  @Test
  void twoReadersDeliverTwoRoomsAtOnce() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Queue<String> told = new ConcurrentLinkedQueue<>();
    Delivery shared =
        new Delivery(
            executor::add,
            new Heard() {
              @Override
              public void onPublications(String room, List<Publication> publications) {
                both.countDown();
                try {
                  if (both.await(30, TimeUnit.SECONDS)) {
                    told.add(room);
                  }
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    Thread other = new Thread(() -> shared.reads(() -> shared.add(message("b", 1))));
    other.start();
    shared.reads(() -> shared.add(message("a", 1)));
    other.join();

    assertEquals(Set.of("a", "b"), Set.copyOf(told), "neither waits for the other");
  }

  @Test
  void aReadWithinAReadIsAPartOfIt() {
    delivery.reads(
        () -> {
          delivery.add(message("a", 1));
          delivery.reads(() -> delivery.add(message("a", 2)));
          assertEquals(List.of(), heard.said());
        });

    assertEquals(List.of("a [1, 2]"), heard.said());
  }

  @Test
  void whoeverReadsLeavesWhatDoesNotEndToTheExecutor() {
    int[] left = {10};
    Delivery[] endless = new Delivery[1];
    endless[0] =
        new Delivery(
            executor::add,
            new Heard() {
              @Override
              public void onPublications(String room, List<Publication> publications) {
                if (left[0]-- > 0) {
                  endless[0].add(message(room, 1)); // as others would meanwhile
                }
              }
            });
    endless[0].reads(() -> endless[0].add(message("a", 1)));
    assertEquals(6, left[0], "after four rounds");
    assertEquals(1, executor.size());
    int tasks = 0;
    while (!executor.isEmpty()) {
      executor.remove().run();
      tasks++;
    }
    assertEquals(7, tasks, "others may have their turn between two rounds");
    assertEquals(-1, left[0]);
  }

  @Test
  void whatAConversationIsToldComesBeforeTheMarkerBehindIt() {
    Publication direct =
        new Publication("dm:a:b", new Position("e", 1), 0, Json.of("type", "message"), null);
    delivery.add(new Delivery.Direct(direct));
    delivery.add(new Delivery.Published(direct));
    delivery.add(new Delivery.Marker(() -> heard.events.add("marker")));
    executor.remove().run();

    assertEquals(List.of("direct", "dm:a:b [1]", "marker"), heard.said());
  }

  @Test
  void aReadThatFailsDeliversWhatItPublished() {
    assertThrows(
        IllegalStateException.class,
        () ->
            delivery.reads(
                () -> {
                  delivery.add(message("a", 1));
                  throw new IllegalStateException("broken");
                }));

    assertEquals(List.of("a [1]"), heard.said());
    delivery.reads(() -> delivery.add(message("a", 2)));
    assertEquals(List.of("a [1]", "a [2]"), heard.said());
  }

  @Test
  void readersAndOthersTogetherLoseNothingAndKeepTheirOrder() throws Exception {
    int threads = 4;
    int each = 5_000;
    ExecutorService thread = Executors.newSingleThreadExecutor();
    ExecutorService adders = Executors.newFixedThreadPool(threads);
    Delivery shared = new Delivery(thread, heard);
    CountDownLatch begin = new CountDownLatch(1);
    for (int i = 0; i < threads; i++) {
      String name = "t" + i;
      boolean reads = i % 2 == 0;
      adders.execute(
          () -> {
            try {
              begin.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            for (int n = 0; n < each; n++) {
              Delivery.Event event = new Delivery.Told(name + " " + n, Json.of("type", "told"));
              if (reads) {
                shared.reads(() -> shared.add(event));
              } else {
                shared.add(event);
              }
            }
          });
    }
    begin.countDown();

    await().until(() -> heard.events.size() == threads * each);
    assertEquals(1, heard.together.get());
    List<String> events = new ArrayList<>(heard.events);
    for (int i = 0; i < threads; i++) {
      String name = "t" + i + " ";
      List<String> mine = events.stream().filter(event -> event.startsWith(name)).toList();
      for (int n = 0; n < each; n++) {
        assertEquals(name + n, mine.get(n));
      }
    }
    adders.shutdown();
    thread.shutdown();
    assertTrue(adders.awaitTermination(10, TimeUnit.SECONDS));
  }

  @Test
  void aRoomIsToldOfByOneThreadAtATimeThoughManyReadForIt() throws Exception {
    int threads = 3;
    int each = 300_000;
    LongAdder told = new LongAdder();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    ExecutorService readers = Executors.newFixedThreadPool(threads);
    Heard counting =
        new Heard() {
          @Override
          public void onPublications(String room, List<Publication> publications) {
            together.accumulateAndGet(inside.incrementAndGet(), Math::max);
            told.add(publications.size());
            inside.decrementAndGet();
          }
        };
    Delivery shared = new Delivery(thread, counting);
    Delivery.Event event = message("a", 1);
    for (int i = 0; i < threads; i++) {
      readers.execute(
          () -> {
            for (int n = 0; n < each; n++) {
              shared.reads(() -> shared.add(event));
            }
          });
    }
    await().until(() -> told.sum() == (long) threads * each);
    assertEquals(1, counting.together.get());
    readers.shutdown();
    thread.shutdown();
    assertTrue(readers.awaitTermination(10, TimeUnit.SECONDS));
  }

  private static void onAnotherThread(Runnable task) {
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    Thread thread = new Thread(task);
    thread.setUncaughtExceptionHandler((of, failure) -> failures.add(failure));
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertEquals(List.of(), List.copyOf(failures));
  }
}
