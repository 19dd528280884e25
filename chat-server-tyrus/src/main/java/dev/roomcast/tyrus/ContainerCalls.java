package dev.roomcast.tyrus;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads for what may block in a container: pings and closes of connections that do not read.
 *
 * <p>Each connection has at most one of a kind waiting here, so the queue needs no bound of its
 * own. Idle threads end by themselves: nobody has to close this. Thread-safe.
 */
final class ContainerCalls {

  private static final int MAX_THREADS = 16;
  private static final int IDLE_SECONDS = 5;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          MAX_THREADS,
          MAX_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            Thread thread = new Thread(task, "roomcast-container");
            thread.setDaemon(true);
            return thread;
          });

  ContainerCalls() {
    threads.allowCoreThreadTimeOut(true);
  }

  void run(Runnable call) {
    threads.execute(call);
  }

  void runLater(long seconds, Runnable call) {
    CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS, threads).execute(call);
  }
}
