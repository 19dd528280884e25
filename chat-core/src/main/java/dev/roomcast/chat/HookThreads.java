package dev.roomcast.chat;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Chooses the threads for code that may block. Stateless. */
final class HookThreads {

  private static final int MAX_THREADS = 64;
  private static final int MAX_WAITING = 10_000;

  private HookThreads() {}

  /** A virtual thread per call where the JVM has them (21 and later), else a bounded pool. */
  static ExecutorService create() {
    try {
      // Java 17 is the target, so the one method of Java 21 that is wanted is looked up by name.
      return (ExecutorService)
          MethodHandles.publicLookup()
              .findStatic(
                  Executors.class,
                  "newVirtualThreadPerTaskExecutor",
                  MethodType.methodType(ExecutorService.class))
              .invokeExact();
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return pool();
    } catch (Throwable e) {
      throw new IllegalStateException("virtual threads are there but cannot be used", e);
    }
  }

  private static ExecutorService pool() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "roomcast-hooks");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
