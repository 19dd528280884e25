package dev.roomcast.examples.demo;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What SIGTERM and SIGINT do: the first ends the demo in order, by the shutdown hooks, the second
 * at once. SIGHUP replaces the workers of a parent. Where the JVM cannot be asked for that, its own
 * handlers stay, which ignore the second. Thread-safe.
 */
final class Signals {

  private static final Logger log = LoggerFactory.getLogger(Signals.class);
  private static final int BY_SIGTERM = 128 + 15;

  private final Runnable atOnce;
  private final AtomicBoolean ending = new AtomicBoolean();

  private Signals(Runnable atOnce) {
    this.atOnce = atOnce;
  }

  /**
   * Handles the signals from now on.
   *
   * @param worker whether this is a worker: a SIGINT from the terminal is its parent's business, as
   *     is SIGHUP
   * @param atOnce what is to be done before the end at once
   * @param hangUp what SIGHUP does; null leaves it to the JVM, which then ends in order
   */
  static void handle(boolean worker, Runnable atOnce, @Nullable Runnable hangUp) {
    Signals signals = new Signals(atOnce);
    try {
      // sun.misc.Signal is the only way to hear a second signal. It is in every JVM, in none of
      // the modules of Java SE, and so looked up by name.
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandles.Lookup all = MethodHandles.publicLookup();
      MethodHandle create =
          all.findConstructor(type, MethodType.methodType(void.class, String.class));
      MethodHandle handle =
          all.findStatic(type, "handle", MethodType.methodType(handler, type, handler));
      MethodHandle run = all.findVirtual(Runnable.class, "run", MethodType.methodType(void.class));
      Map<String, Runnable> actions = new LinkedHashMap<>();
      actions.put("TERM", signals::end);
      actions.put("INT", worker ? () -> {} : signals::end);
      if (hangUp != null) {
        actions.put("HUP", hangUp);
      }
      for (Map.Entry<String, Runnable> entry : actions.entrySet()) {
        Runnable action = entry.getValue();
        Object listener =
            MethodHandleProxies.asInterfaceInstance(
                handler, MethodHandles.dropArguments(run.bindTo(action), 0, type));
        handle.invoke(create.invoke(entry.getKey()), listener);
      }
    } catch (Throwable e) {
      log.debug("signals are left to the JVM", e);
    }
  }

  private void end() {
    if (ending.compareAndSet(false, true)) {
      log.info("told to end: clients are sent away; once more ends at once");
      new Thread(() -> System.exit(0), "roomcast-signal").start();
    } else {
      log.warn("told to end again: ending at once, clients are cut and resume elsewhere");
      atOnce.run();
      Runtime.getRuntime().halt(BY_SIGTERM);
    }
  }
}
