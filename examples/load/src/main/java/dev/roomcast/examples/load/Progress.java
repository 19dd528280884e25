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

  /** Whether it is time for a line. */
  boolean due() {
    return System.nanoTime() - last >= EVERY_NANOS;
  }

  /** Prints a line, when it is time for one. */
  void show(String line) {
    if (due()) {
      last = System.nanoTime();
      err.println(line);
    }
  }
}
