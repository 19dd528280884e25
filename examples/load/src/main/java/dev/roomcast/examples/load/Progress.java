package dev.roomcast.examples.load;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** Tells how far a run is, a line every two seconds. Confined to one thread. */
final class Progress {

  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final PrintStream err;
  private long last = System.nanoTime();

  Progress(PrintStream err) {
    this.err = err;
  }

  void show(String line) {
    long now = System.nanoTime();
    if (now - last >= EVERY_NANOS) {
      last = now;
      err.println(line);
    }
  }
}
