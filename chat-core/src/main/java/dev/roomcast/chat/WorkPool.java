package dev.roomcast.chat;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A few threads for the node's own work that must not keep a borrowed thread. Thread-safe. */
final class WorkPool implements Executor {

  private final ExecutorService threads;

  WorkPool(String node) {
    threads =
        Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            task -> {
              Thread thread = new Thread(task, "roomcast-work-" + node);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Runs the task on one of the threads; on the caller's when the node is closed. */
  @Override
  public void execute(Runnable task) {
    if (threads.isShutdown()) {
      task.run();
    } else {
      threads.execute(task);
    }
  }

  void close() {
    threads.shutdown();
  }
}
