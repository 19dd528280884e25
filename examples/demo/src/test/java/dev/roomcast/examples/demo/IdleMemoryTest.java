package dev.roomcast.examples.demo;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the JVM about memory that nobody needs. */
class IdleMemoryTest {

  private static final long MB = 1L << 20;
  private static final long LARGEST = 2_048 * MB;

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

  private IdleMemory idle() {
    return Objects.requireNonNull(IdleMemory.of(jvm, LARGEST));
  }

  @Test
  void g1CollectsNowAndThen() {
    idle();
    assertEquals(Map.of("G1PeriodicGCInterval", "15000"), jvm.set);
  }

  /** What the ratios make of the heap: least and most, in MB. */
  private static List<Long> size(long used, long largest) {
    IdleMemory.Bounds bounds = IdleMemory.Bounds.of(used * MB, largest * MB);
    return List.of(used * 100 / (100 - bounds.least()), used * 100 / (100 - bounds.most()));
  }

  @Test
  void aHeapWithLittleInItIsNeitherSmallNorLarge() {
    for (long used = 3; used < 50; used++) {
      List<Long> size = size(used, 2_048);
      assertTrue(size.get(0) >= 64 && size.get(0) <= 75, used + ": " + size);
      assertTrue(size.get(1) >= 128 && size.get(1) <= 175, used + ": " + size);
    }
  }

  @Test
  void ofAHeapWithMuchInItTwoFifthsAreFreeAtMost() {
    assertEquals(new IdleMemory.Bounds(20, 40), IdleMemory.Bounds.of(500 * MB, LARGEST));
    assertEquals(List.of(625L, 833L), size(500, 2_048));
  }

  @Test
  void whereTheHeapIsSmallLessIsKept() {
    assertEquals(List.of(16L, 33L), size(3, 128));
  }

  @Test
  void theLeastIsNeverAboveTheMostOnTheWay() {
    IdleMemory idle = idle();
    // The JVM of this test refuses as the real one does.
    for (long used : new long[] {3, 500, 3, 60, 0, 2_048, 30}) {
      idle.collected(used * MB);
      IdleMemory.Bounds bounds = IdleMemory.Bounds.of(used * MB, LARGEST);
      assertEquals(bounds.least(), jvm.number("MinHeapFreeRatio"));
      assertEquals(bounds.most(), jvm.number("MaxHeapFreeRatio"));
    }
  }

  private static int looks(IdleMemory idle, long used, int atMost) {
    for (int i = 1; i <= atMost; i++) {
      if (idle.rushIsOver(used * MB)) {
        return i;
      }
    }
    return 0;
  }

  @Test
  void whenItIsQuietAfterARushItCollects() {
    IdleMemory idle = idle();
    idle.collected(20 * MB);
    for (long used = 20; used < 80; used += 5) {
      assertFalse(idle.rushIsOver(used * MB));
    }
    assertEquals(4, looks(idle, 80, 100), "the first look sees that there was less before");
    idle.collected(22 * MB);
    assertEquals(0, looks(idle, 22, 100));
  }

  @Test
  void ofManyRushesNotEachIsFollowedByACollection() {
    IdleMemory idle = idle();
    idle.collected(20 * MB);
    assertEquals(4, looks(idle, 80, 100));
    idle.collected(20 * MB);
    assertEquals(0, looks(idle, 80, 60), "15 seconds at four looks a second");
    assertEquals(1, looks(idle, 80, 100));
  }

  @Test
  void aLittleGarbageIsNotWorthACollection() {
    IdleMemory idle = idle();
    idle.collected(20 * MB);
    assertEquals(0, looks(idle, 51, 100));
  }

  @Test
  void aHeapWithMuchInUseIsLeftToG1() {
    IdleMemory idle = idle();
    idle.collected(65 * MB);
    assertEquals(0, looks(idle, 500, 100));
  }

  @Test
  void asLongAsThereIsWorkItDoesNotCollect() {
    IdleMemory idle = idle();
    idle.collected(20 * MB);
    for (int i = 0; i < 100; i++) {
      assertFalse(idle.rushIsOver(60 * MB + i * MB / 2));
    }
    for (int i = 0; i < 100; i++) {
      assertFalse(idle.rushIsOver(60 * MB + i / 3 * MB), "two quiet looks are no quiet second");
    }
  }

  private static DemoProcess withG1(Path data) throws IOException {
    return DemoProcess.start(
        data,
        ProcessBuilder.Redirect.INHERIT,
        Map.of("JDK_JAVA_OPTIONS", "-XX:+UseG1GC")); // small machines choose another one
  }

  @Test
  void theDemoKeepsRoomForTheNextRush(@TempDir Path data) throws Exception {
    try (DemoProcess demo = withG1(data)) {
      Map<String, String> flags = demo.flags();
      assertEquals("15000", flags.get("G1PeriodicGCInterval"));
      long largest = Long.parseLong(flags.get("MaxHeapSize"));
      assertEquals(2, fullCollections(demo), "one to know what is in use, one to size the heap");
      demo.jvm("GC.run"); // after it the bounds are those of what is in use
      long used = heap(demo, "used (\\d+)K");
      await()
          .untilAsserted(
              () ->
                  assertEquals(
                      IdleMemory.Bounds.of(used, largest).most(),
                      Integer.parseInt(demo.flags().get("MaxHeapFreeRatio")),
                      5));
      demo.jvm("GC.run");
      long heap = heap(demo, "(?:total|committed) (\\d+)K");
      long room = Math.min(IdleMemory.ROOM, largest / 8);
      assertTrue(heap >= room, "heap of " + heap);
      assertTrue(heap <= 3 * room, "heap of " + heap);
    }
  }

  @Test
  void theDemoCollectsWhenARushIsOver(@TempDir Path data) throws Exception {
    try (DemoProcess demo = withG1(data)) {
      long before = fullCollections(demo);
      HttpClient http = HttpClient.newHttpClient();
      HttpRequest request = HttpRequest.newBuilder(URI.create(demo.url() + "/metrics")).build();
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofSeconds(2)) // of quiet, after which there is to be one
          .until(
              () -> {
                boolean collected = fullCollections(demo) > before;
                for (int i = 0; i < 100 && !collected; i++) {
                  http.send(request, HttpResponse.BodyHandlers.discarding());
                }
                return collected;
              });
    }
  }

  /** G1 makes none of these by itself in a heap with little in it. */
  private static long fullCollections(DemoProcess demo) throws IOException {
    String counter = "sun.gc.collector.1.invocations=";
    for (String line : demo.jvm("PerfCounter.print")) {
      if (line.startsWith(counter)) {
        return Long.parseLong(line.substring(counter.length()));
      }
    }
    throw new AssertionError("no counter of full collections");
  }

  /** The first figure of this form that the JVM tells of its heap, in bytes. */
  private static long heap(DemoProcess demo, String figure) throws IOException {
    String info = String.join(" ", demo.jvm("GC.heap_info"));
    Matcher found = Pattern.compile(figure).matcher(info);
    assertTrue(found.find(), info);
    return Long.parseLong(found.group(1)) << 10;
  }

  @Test
  void whatTheCommandLineSaysCounts() {
    jvm.has("MaxHeapFreeRatio", "50", VMOption.Origin.VM_CREATION);
    assertNull(IdleMemory.of(jvm, LARGEST));
    assertEquals(Map.of(), jvm.set);
  }

  @Test
  void otherCollectorsAreLeftAlone() {
    jvm.has("UseG1GC", "false", VMOption.Origin.VM_CREATION);
    assertNull(IdleMemory.of(jvm, LARGEST));
    assertEquals(Map.of(), jvm.set);
  }

  @Test
  void aJvmWithoutTheOptionsIsLeftAlone() {
    jvm.options.remove("G1PeriodicGCInterval");
    assertNull(IdleMemory.of(jvm, LARGEST));
    assertEquals(Map.of(), jvm.set);
  }
}
