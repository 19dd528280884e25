package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the JVM about memory that nobody needs. */
class IdleMemoryTest {

  private static final Map<String, String> SET =
      Map.of("MinHeapFreeRatio", "20", "MaxHeapFreeRatio", "40", "G1PeriodicGCInterval", "15000");

  private final Jvm jvm = new Jvm();

  /** A JVM that has the options in the map and refuses what a real one would. */
  private static final class Jvm implements HotSpotDiagnosticMXBean {
    final Map<String, VMOption> options = new LinkedHashMap<>();
    final Map<String, String> set = new LinkedHashMap<>();

    void has(String name, String value, VMOption.Origin origin) {
      options.put(name, new VMOption(name, value, true, origin));
    }

    private long number(String name) {
      return Long.parseLong(getVMOption(name).getValue());
    }

    @Override
    public VMOption getVMOption(String name) {
      VMOption option = options.get(name);
      if (option == null) {
        throw new IllegalArgumentException("no " + name);
      }
      return option;
    }

    @Override
    public void setVMOption(String name, String value) {
      has(name, value, VMOption.Origin.MANAGEMENT);
      if (number("MinHeapFreeRatio") > number("MaxHeapFreeRatio")) {
        throw new IllegalArgumentException("the least above the most");
      }
      set.put(name, value);
    }

    @Override
    public List<VMOption> getDiagnosticOptions() {
      return List.copyOf(options.values());
    }

    @Override
    public void dumpHeap(String file, boolean live) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ObjectName getObjectName() {
      throw new UnsupportedOperationException();
    }
  }

  @BeforeEach
  void defaults() {
    jvm.has("UseG1GC", "true", VMOption.Origin.ERGONOMIC);
    jvm.has("MinHeapFreeRatio", "40", VMOption.Origin.DEFAULT);
    jvm.has("MaxHeapFreeRatio", "70", VMOption.Origin.DEFAULT);
    jvm.has("G1PeriodicGCInterval", "0", VMOption.Origin.DEFAULT);
  }

  @Test
  void g1GivesBackWhatIsNotNeeded() {
    IdleMemory.giveBack(jvm);
    assertEquals(SET, jvm.set);
  }

  @Test
  void theDemoAsksForIt(@TempDir Path data) throws Exception {
    try (DemoProcess demo = DemoProcess.start(data)) {
      Map<String, String> flags = demo.flags();
      boolean g1 = "true".equals(flags.get("UseG1GC"));
      SET.forEach((name, value) -> assertEquals(g1, value.equals(flags.get(name)), name));
    }
  }

  @Test
  void whatTheCommandLineSaysCounts() {
    jvm.has("MaxHeapFreeRatio", "50", VMOption.Origin.VM_CREATION);
    IdleMemory.giveBack(jvm);
    assertEquals(Map.of(), jvm.set);
  }

  @Test
  void otherCollectorsAreLeftAlone() {
    jvm.has("UseG1GC", "false", VMOption.Origin.VM_CREATION);
    IdleMemory.giveBack(jvm);
    assertEquals(Map.of(), jvm.set);
  }

  @Test
  void aJvmWithoutTheOptionsIsLeftAlone() {
    jvm.options.remove("G1PeriodicGCInterval");
    IdleMemory.giveBack(jvm);
    assertEquals(Map.of(), jvm.set);
  }
}
