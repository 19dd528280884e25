package dev.roomcast.examples.demo;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JVM's G1 give back what a rush needed, once nothing was collected for a while: left to
 * itself it keeps that for ever, and an idle member costs several times the memory.
 *
 * <p>These options may be set while the JVM runs. Whoever set one of them on the command line is
 * left alone. Has no state.
 */
final class IdleMemory {

  private static final Logger log = LoggerFactory.getLogger(IdleMemory.class);

  /**
   * Where little is said this is how often it collects: 30 MB take some 50 ms of processor time.
   */
  private static final Duration IDLE = Duration.ofSeconds(15);

  /** In this order, for the least free part must never be above the most. */
  private static final List<Option> OPTIONS =
      List.of(
          new Option("MinHeapFreeRatio", 20),
          new Option("MaxHeapFreeRatio", 40),
          new Option("G1PeriodicGCInterval", IDLE.toMillis()));

  private record Option(String name, long value) {}

  private IdleMemory() {}

  /** Sets the options, unless the JVM has another collector or none of these options. */
  static void giveBack(HotSpotDiagnosticMXBean jvm) {
    try {
      if (!Boolean.parseBoolean(jvm.getVMOption("UseG1GC").getValue())) {
        return;
      }
      for (Option option : OPTIONS) {
        if (jvm.getVMOption(option.name()).getOrigin() != VMOption.Origin.DEFAULT) {
          return;
        }
      }
      for (Option option : OPTIONS) {
        jvm.setVMOption(option.name(), Long.toString(option.value()));
      }
    } catch (IllegalArgumentException e) {
      log.debug("this JVM keeps its memory as it likes", e);
    }
  }
}
