package dev.roomcast.examples.demo;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
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

  private long now = 60_000;

  private IdleMemory idle() {
    return Objects.requireNonNull(IdleMemory.of(jvm, LARGEST));
  }

  /** One that has seen a collection leave so many MB. */
  private IdleMemory idle(long inUse) {
    IdleMemory idle = idle();
    collected(idle, inUse);
    return idle;
  }

  /** A collection leaves so many MB, long after the one before. */
  private void collected(IdleMemory idle, long inUse) {
    now += 60_000;
    idle.collected(new IdleMemory.Collection(now, inUse * MB));
  }

  @Test
  void g1CollectsNowAndThen() {
    idle();
    assertEquals(Map.of("G1PeriodicGCInterval", "15000"), jvm.set);
  }

  /** What the ratios make of the heap: least and most, in MB. */
  private static List<Long> size(long used, long largest) {
    IdleMemory.Bounds bounds = IdleMemory.Bounds.of(used * MB, largest * MB, false);
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
    assertEquals(new IdleMemory.Bounds(20, 40), IdleMemory.Bounds.of(500 * MB, LARGEST, false));
    assertEquals(List.of(625L, 833L), size(500, 2_048));
  }

  private IdleMemory.Bounds bounds() {
    int least = (int) jvm.number("MinHeapFreeRatio");
    return new IdleMemory.Bounds(least, (int) jvm.number("MaxHeapFreeRatio"));
  }

  @Test
  void whileOneCollectionFollowsTheOtherALargeHeapHasWhatTheJvmWouldGiveIt() {
    IdleMemory idle = idle(500);
    assertEquals(new IdleMemory.Bounds(20, 40), bounds());
    idle.collected(new IdleMemory.Collection(now + 4_999, 500 * MB));
    assertEquals(new IdleMemory.Bounds(40, 70), bounds());
    idle.collected(new IdleMemory.Collection(now + 9_999, 500 * MB));
    assertEquals(new IdleMemory.Bounds(20, 40), bounds());
  }

  @Test
  void afterARushASmallHeapIsNotLeftAsItWasWhileItWasBusy() {
    IdleMemory idle = idle(60);
    IdleMemory.Bounds quiet = bounds();
    idle.collected(new IdleMemory.Collection(now + 1_000, 60 * MB));
    assertNotEquals(quiet, bounds());
    assertEquals(4, looks(idle, 160, 100));
    assertEquals(quiet, bounds());
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
      collected(idle, used);
      IdleMemory.Bounds bounds = IdleMemory.Bounds.of(used * MB, LARGEST, false);
      assertEquals(bounds.least(), jvm.number("MinHeapFreeRatio"));
      assertEquals(bounds.most(), jvm.number("MaxHeapFreeRatio"));
    }
  }

  @Test
  void atTheStartItCollectsSizesAndCollectsAgain() {
    List<String> free = new ArrayList<>();
    idle().begin(() -> 20 * MB, () -> free.add(jvm.getVMOption("MaxHeapFreeRatio").getValue()));
    assertEquals(List.of("70", "85"), free, "what was most when it collected");
  }

  /** The look, of so many, at which the rush is over; 0 for none. */
  private static int looks(IdleMemory idle, long used, int atMost) {
    return looks(idle, used, used, atMost);
  }

  private static int looks(IdleMemory idle, long used, long heap, int atMost) {
    for (int i = 1; i <= atMost; i++) {
      if (idle.rushIsOver(used * MB, heap * MB)) {
        return i;
      }
    }
    return 0;
  }

  @Test
  void whenItIsQuietAfterARushItCollects() {
    IdleMemory idle = idle(20);
    for (long used = 20; used < 80; used += 5) {
      assertFalse(idle.rushIsOver(used * MB, 128 * MB));
    }
    assertEquals(4, looks(idle, 80, 100), "the first look sees that there was less before");
    collected(idle, 22);
    assertEquals(0, looks(idle, 22, 100));
  }

  @Test
  void ofManyRushesNotEachIsFollowedByACollection() {
    IdleMemory idle = idle(20);
    assertEquals(4, looks(idle, 80, 100));
    collected(idle, 20);
    assertEquals(0, looks(idle, 80, 60), "15 seconds at four looks a second");
    assertEquals(1, looks(idle, 80, 100));
  }

  @Test
  void aLittleGarbageIsNotWorthACollection() {
    assertEquals(0, looks(idle(20), 51, 100));
  }

  @Test
  void aHeapThatARushMadeLargeIsCollectedForItsSizeAlone() {
    IdleMemory idle = idle(20);
    assertEquals(0, looks(idle, 30, 100, 100));
    assertEquals(0, looks(idle, 30, 159, 100));
    assertEquals(1, looks(idle, 30, 160, 100), "it has been quiet");
  }

  @Test
  void aLargeHeapWithMuchInUseIsNotCollectedForItsSize() {
    IdleMemory idle = idle(65);
    assertEquals(0, looks(idle, 70, 100, 1));
    assertEquals(0, looks(idle, 70, 500, 100));
  }

  @Test
  void aHeapThatCannotBeSmallerIsNotCollectedForItsSize() {
    IdleMemory idle = idle(20);
    assertEquals(0, looks(idle, 30, 512, 100));
    assertEquals(0, looks(idle, 30, 543, 100));
    assertEquals(1, looks(idle, 30, 544, 100));
  }

  @Test
  void aHeapWithMuchInUseIsLeftToG1() {
    assertEquals(0, looks(idle(65), 500, 100));
  }

  @Test
  void asLongAsThereIsWorkItDoesNotCollect() {
    IdleMemory idle = idle(20);
    for (int i = 0; i < 100; i++) {
      assertFalse(idle.rushIsOver(60 * MB + i * MB / 2, 128 * MB));
    }
    for (int i = 0; i < 100; i++) {
      assertFalse(
          idle.rushIsOver(60 * MB + i / 3 * MB, 128 * MB), "two quiet looks are no quiet second");
    }
  }

  private static DemoProcess withG1(Path data, Path log) throws IOException {
    String g1 = "-XX:+UseG1GC"; // small machines choose another one
    return DemoProcess.start(
        data,
        ProcessBuilder.Redirect.INHERIT,
        Map.of("JDK_JAVA_OPTIONS", g1 + " \"-Xlog:gc:file=" + log + "\""));
  }

  /** A collection as the JVM logs it, with what was in use after it and the heap's size, in MB. */
  private record Collection(String kind, long used, long heap) {

    private static final Pattern LINE =
        Pattern.compile(".*Pause ((?:Young|Full) .*) \\d+M->(\\d+)M\\((\\d+)M\\).*");

    static List<Collection> all(Path log) throws IOException {
      List<Collection> all = new ArrayList<>();
      for (String line : Files.readAllLines(log)) {
        Matcher found = LINE.matcher(line);
        if (found.matches()) {
          long used = Long.parseLong(found.group(2));
          all.add(new Collection(found.group(1), used, Long.parseLong(found.group(3))));
        }
      }
      return all;
    }

    static Collection last(Path log) throws IOException {
      List<Collection> all = all(log);
      return all.get(all.size() - 1);
    }

    /** How many the demo asked for. */
    static long asked(Path log) throws IOException {
      return all(log).stream().filter(one -> one.kind().equals("Full (System.gc())")).count();
    }
  }

  @Test
  void theDemoKeepsRoomForTheNextRush(@TempDir Path data, @TempDir Path logs) throws Exception {
    Path log = logs.resolve("gc.log");
    try (DemoProcess demo = withG1(data, log)) {
      assertEquals("15000", demo.flags().get("G1PeriodicGCInterval"));
      assertTrue(Collection.asked(log) >= 2, "at the start");
      long largest = Long.parseLong(demo.flags().get("MaxHeapSize"));
      demo.jvm("GC.run"); // after it the bounds are those of what is in use
      await()
          .untilAsserted(
              () -> {
                long used = Collection.last(log).used(); // and up to a MB more
                int most = Integer.parseInt(demo.flags().get("MaxHeapFreeRatio"));
                assertTrue(most <= IdleMemory.Bounds.of(used * MB, largest, false).most());
                assertTrue(most >= IdleMemory.Bounds.of((used + 1) * MB, largest, false).most());
              });
      demo.jvm("GC.run");
      long heap = Collection.last(log).heap();
      long room = Math.min(IdleMemory.ROOM, largest / 8) / MB;
      assertTrue(heap >= room, "heap of " + heap);
      assertTrue(heap <= 3 * room, "heap of " + heap);
    }
  }

  @Test
  void theDemoCollectsWhenARushIsOver(@TempDir Path data, @TempDir Path logs) throws Exception {
    Path log = logs.resolve("gc.log");
    try (DemoProcess demo = withG1(data, log)) {
      long before = Collection.asked(log);
      HttpClient http = HttpClient.newHttpClient();
      HttpRequest request = HttpRequest.newBuilder(URI.create(demo.url() + "/metrics")).build();
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofSeconds(2)) // of quiet, after which there is to be one
          .until(
              () -> {
                boolean collected = Collection.asked(log) > before;
                for (int i = 0; i < 100 && !collected; i++) {
                  http.send(request, HttpResponse.BodyHandlers.discarding());
                }
                return collected;
              });
    }
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
