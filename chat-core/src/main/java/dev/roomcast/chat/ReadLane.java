package dev.roomcast.chat;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * Where large answers are written: on the node's own threads, on half of the processors at most and
 * one after the other. However much somebody reads, the messages of others find a thread.
 *
 * <p>After each answer it goes to the end of the line, behind the rooms that wait there. {@code
 * running} is how many are at it, at most {@code most}; guarded by "this" as is {@code waiting}.
 * Thread-safe.
 */
final class ReadLane implements Executor {

  private final Executor work;
  private final int most;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int running;

  ReadLane(Executor work, int processors) {
    this.work = work;
    this.most = Math.max(1, processors / 2);
  }

  @Override
  public void execute(Runnable answer) {
    synchronized (this) {
      if (running == most) {
        waiting.add(answer);
        return;
      }
      running++;
    }
    work.execute(() -> run(answer));
  }

  private void run(Runnable answer) {
    try {
      answer.run();
    } finally {
      Runnable next;
      synchronized (this) {
        next = waiting.poll();
        running -= next == null ? 1 : 0;
      }
      if (next != null) {
        work.execute(() -> run(next));
      }
    }
  }
}
