package dev.roomcast.chat;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns of one room: its tasks run one at a time and in order, on the thread that finds the
 * room idle, and what a task sends has left before the next one begins.
 *
 * <p>A turn is over after {@value #WORTH} members, whether one task had them all or many tasks a
 * few each. What is left then goes to the end of the node's own line of work, behind the other
 * rooms that wait there: so neither the borrowed thread nor another room waits for a large one.
 *
 * <p>{@code begun} is how many tasks are done but for what they send. It and all that tasks touch
 * is confined to the thread that has the turn, which is whoever raised {@code tasks} from 0, or
 * whom that thread handed it to. Thread-safe.
 */
final class Turns implements Executor {

  /** How many members a turn may reach. */
  static final int WORTH = 1_024;

  /** What a task costs by itself, in members. */
  private static final int TASK = 4;

  private static final Logger log = LoggerFactory.getLogger(Turns.class);

  private final String room;
  private final FanOut fanOut;
  private final Executor work;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger tasks = new AtomicInteger();
  private int begun;

  /** A task that can do the work of the one behind it as well. */
  interface Joining extends Runnable {
    /** Takes the next task's work over, or returns false. */
    boolean takes(Runnable next);
  }

  Turns(String room, FanOut fanOut, Executor work) {
    this.room = room;
    this.fanOut = fanOut;
    this.work = work;
  }

  /** Runs the task when it is its turn: now, unless another thread has the turn. */
  @Override
  public void execute(Runnable task) {
    if (tasks.compareAndSet(0, 1)) {
      begin(task); // an idle room's queue need not be touched
      takeTurn(WORTH - TASK);
      return;
    }
    waiting.add(task);
    if (tasks.getAndIncrement() == 0) {
      takeTurn(WORTH);
    }
  }

  private void takeTurn(int worth) {
    int left = worth;
    while (left > 0) {
      if (begun == 0) {
        begin(waiting.remove());
        left -= TASK;
      }
      left -= send(left);
      if (!fanOut.isSending()) {
        int over = begun;
        begun = 0; // before the turn may be another thread's
        if (tasks.addAndGet(-over) == 0) {
          return;
        }
      }
    }
    work.execute(() -> takeTurn(WORTH));
  }

  private void begin(Runnable task) {
    begun = 1;
    if (task instanceof Joining joining) {
      while (begun < tasks.get() && joining.takes(waiting.element())) {
        waiting.remove();
        begun++;
      }
    }
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      fault(e);
    }
  }

  private int send(int most) {
    try {
      return fanOut.proceed(most);
    } catch (RuntimeException | Error e) {
      fault(e);
      return TASK;
    }
  }

  /** Also an error: a room whose turn never ended would be silent for ever, and grow. */
  private void fault(Throwable e) {
    log.error("a task of room {} failed; this is a fault", JsonText.quote(room), e);
  }
}
