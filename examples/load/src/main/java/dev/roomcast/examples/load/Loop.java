package dev.roomcast.examples.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread on which all clients live: their sockets, their timers, and everything they note.
 *
 * <p>{@link #execute} and {@link #close} may be called from any thread; all else is confined to the
 * loop's.
 */
final class Loop implements AutoCloseable {

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final CompletableFuture<@Nullable Void> failed = new CompletableFuture<>();
  private long number;
  private volatile boolean closed;

  /** What a channel is registered with: called when it is ready for something. */
  interface Handler {
    void ready(SelectionKey key);
  }

  /** Something to be done at a time, unless it is cancelled. Confined to the loop's thread. */
  static final class Timer implements Comparable<Timer> {
    private final long at;
    private final long number;
    private @Nullable Runnable task;

    private Timer(long at, long number, Runnable task) {
      this.at = at;
      this.number = number;
      this.task = task;
    }

    void cancel() {
      task = null;
    }

    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(at - other.at, 0);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private Loop() throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, "roomcast-load");
    thread.setDaemon(true);
  }

  static Loop start() throws IOException {
    Loop loop = new Loop();
    loop.thread.start();
    return loop;
  }

  private void run() {
    try {
      while (!closed) {
        Timer next = timers.peek();
        long wait = next == null ? 1_000 : (next.at - System.nanoTime() + 999_999) / 1_000_000;
        if (!tasks.isEmpty() || wait <= 0) {
          selector.selectNow(key -> ((Handler) key.attachment()).ready(key));
        } else {
          selector.select(key -> ((Handler) key.attachment()).ready(key), wait);
        }
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
        runTimers();
      }
      failed.complete(null);
    } catch (IOException | RuntimeException | Error e) {
      failed.completeExceptionally(e);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    for (Timer first = timers.peek(); first != null && first.at - now <= 0; first = timers.peek()) {
      timers.remove();
      Runnable task = first.task;
      if (task != null) {
        task.run();
      }
    }
  }

  /** Runs a task on the loop, from any thread. */
  void execute(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** Asks for something on the loop and waits for it; fails when the loop has failed. */
  <T> T ask(Supplier<T> question) throws InterruptedException, IOException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    execute(
        () -> {
          try {
            answer.complete(question.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      CompletableFuture.anyOf(answer, failed).get();
      if (!answer.isDone()) {
        throw new IOException("the loop is closed");
      }
      return answer.get();
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException("the load tool itself failed: " + e.getCause(), e);
    }
  }

  /** Runs a task after so many milliseconds. */
  Timer after(long millis, Runnable task) {
    return at(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), task);
  }

  /** Runs a task at a time of {@link System#nanoTime}. */
  Timer at(long nanos, Runnable task) {
    Timer timer = new Timer(nanos, number++, task);
    timers.add(timer);
    return timer;
  }

  Selector selector() {
    return selector;
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
