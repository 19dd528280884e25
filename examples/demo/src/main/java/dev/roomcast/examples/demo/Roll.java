package dev.roomcast.examples.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces workers one by one with what the jar is now: starts the new one, waits until it is
 * ready, and only then has the old one drain. So all workers serve all the time, and the
 * connections of one are on the move at once.
 *
 * <p>A new worker that does not get ready ends the roll: the old one stays, and those after it. One
 * roll at a time; whoever asks meanwhile gets one more after it. {@code wanted} is guarded by
 * "this".
 */
final class Roll {

  private static final Logger log = LoggerFactory.getLogger(Roll.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Workers workers;
  private int wanted;

  Roll(Workers workers) {
    this.workers = workers;
  }

  /** Begins, or goes once more when the roll under way is over. Returns at once. */
  void start() {
    synchronized (this) {
      if (wanted > 0) {
        log.info(
            "workers are being replaced already; {}",
            wanted == 1 ? "once more after that" : "ignored");
        wanted = 2;
        return;
      }
      wanted = 1;
    }
    Thread thread = new Thread(this::run, "roomcast-roll");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    do {
      try {
        once();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | RuntimeException e) {
        log.error("the workers are not replaced, those that run stay: {}", e.getMessage(), e);
      }
    } while (goOn());
  }

  private synchronized boolean goOn() {
    return --wanted > 0;
  }

  private void once() throws IOException, InterruptedException {
    if (!Workers.sharesPort()) {
      log.warn("workers cannot be replaced on this system: two of them cannot have one port");
      return;
    }
    log.info("told to replace the {} workers, one by one", workers.count());
    Program program = Program.now(System.getProperty("java.class.path"));
    boolean used = false;
    try {
      for (int number = 0; number < workers.count(); number++) {
        if (!replace(number, program)) {
          return;
        }
        used = true;
      }
      log.info("all {} workers are replaced", workers.count());
    } finally {
      if (!used) {
        program.close();
      }
    }
  }

  private boolean replace(int number, Program program) throws IOException, InterruptedException {
    WorkerProcess fresh = workers.launch(number, program);
    if (fresh == null) {
      return false;
    }
    try {
      fresh.ready().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (!workers.isClosing()) {
        log.error(
            "the new worker {} does not get ready ({}): the old one stays, and so do those after it",
            number,
            fresh.isAlive() ? "not within " + PATIENCE.toSeconds() + " s" : "it ended, see above");
      }
      fresh.kill();
      return false;
    }
    WorkerProcess old = workers.swap(number, fresh, program);
    if (old != null) {
      old.end(workers.patience());
    }
    log.info("worker {} is replaced: process {} serves", number, fresh.pid());
    return !workers.isClosing();
  }
}
