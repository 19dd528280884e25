package dev.roomcast.examples.demo;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much heap the JVM's G1 keeps though nothing is in it: what a rush needed is given back when
 * it is over, but for {@link #ROOM} to twice that, which the next rush finds.
 *
 * <p>Left to itself G1 keeps for ever what it took, or has so little after a full collection that
 * the next rush collects every few milliseconds, from which it learns to take far more than it
 * needs. Its bounds are parts of what is in use, so they are set anew after each collection; while
 * one follows the other a large heap has what G1 itself would give it. A small heap is collected as
 * soon as it is quiet after a rush, a large one by G1 beside the work, once nothing was collected
 * for a while. Whoever set one of the options on the command line is left alone. Guarded by "this".
 */
final class IdleMemory {

  private static final Logger log = LoggerFactory.getLogger(IdleMemory.class);

  /** What the next rush finds; half as much again took more memory and gained nothing. */
  static final long ROOM = 64L << 20;

  /**
   * Where little is said this is how often it collects: 30 MB take some 50 ms of processor time.
   */
  private static final Duration IDLE = Duration.ofSeconds(15);

  /** Who collects so soon again has much to do, and gets by with fewer in a larger heap. */
  private static final long BUSY_MILLIS = 5_000;

  private static final long LOOK_MILLIS = 250;

  /** So many looks in a row at which next to nothing was allocated since the one before. */
  private static final int QUIET_LOOKS = 3;

  private static final long NEXT_TO_NOTHING = 256 << 10;

  /** Rushes that come one after the other have the memory to themselves. */
  private static final long RESTING_LOOKS = IDLE.toMillis() / LOOK_MILLIS;

  private static final String INTERVAL = "G1PeriodicGCInterval";
  private static final String LEAST_FREE = "MinHeapFreeRatio";
  private static final String MOST_FREE = "MaxHeapFreeRatio";

  private final HotSpotDiagnosticMXBean jvm;
  private final long largest;
  private Bounds bounds;
  private long inUse;
  private long collectedAt = -BUSY_MILLIS;
  private long smallest = Long.MAX_VALUE;
  private long seen;
  private int quiet;
  private long restingLooks;

  /**
   * How many of a hundred bytes of the heap are free when it has been sized.
   *
   * @param least at least so many, or it is made larger
   * @param most at most so many, or it is made smaller
   */
  record Bounds(int least, int most) {

    private static final Bounds QUIET = new Bounds(20, 40);
    private static final Bounds BUSY = new Bounds(40, 70);
    private static final int NEARLY_ALL = 98;

    /**
     * Returns those at which a heap has between the room and twice that; one that is larger,
     * because more is in use, is free by a fifth to two fifths, or while it is busy by what the JVM
     * has for a default.
     */
    static Bounds of(long used, long largest, boolean busy) {
      Bounds ofMuch = busy ? BUSY : QUIET;
      return new Bounds(
          free(used, room(largest), ofMuch.least), free(used, 2 * room(largest), ofMuch.most));
    }

    private static int free(long used, long size, int atLeast) {
      return (int) Math.max(atLeast, Math.min(NEARLY_ALL, 100 - 100 * used / size));
    }
  }

  /** On a small machine the room is not all that there is. */
  private static long room(long largest) {
    return Math.min(ROOM, largest / 8);
  }

  private IdleMemory(HotSpotDiagnosticMXBean jvm, long largest, Bounds bounds) {
    this.jvm = jvm;
    this.largest = largest;
    this.bounds = bounds;
  }

  /** Sizes the heap of this JVM, now and from now on, unless that is not for us to do. */
  static void size() {
    HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    @Nullable IdleMemory idle = jvm == null ? null : of(jvm, memory.getHeapMemoryUsage().getMax());
    if (idle == null) {
      return;
    }
    idle.begin(() -> memory.getHeapMemoryUsage().getUsed(), System::gc);
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (collector instanceof NotificationEmitter emitter) {
        emitter.addNotificationListener(
            (told, none) -> idle.collected(collection(told)), null, null);
      }
    }
    Thread looking = new Thread(() -> idle.look(memory), "roomcast-idle-memory");
    looking.setDaemon(true);
    looking.start();
  }

  /** Sizes the heap at once, which takes some milliseconds while there is little in it. */
  synchronized void begin(LongSupplier used, Runnable collect) {
    collect.run(); // tells what is in use
    inUse = used.getAsLong();
    bound(Bounds.of(inUse, largest, false));
    collect.run(); // by the new bounds
  }

  private void look(MemoryMXBean memory) {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        MemoryUsage heap = memory.getHeapMemoryUsage();
        if (rushIsOver(heap.getUsed(), heap.getCommitted())) {
          // Twice, as only the first tells what is in use: the last one of the rush may be long
          // ago.
          begin(() -> memory.getHeapMemoryUsage().getUsed(), System::gc);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether a rush has ended that left half of the room or more as garbage, or a heap that is by so
   * much larger than one that is sized, with little in use: that is copied, and everybody waits. A
   * heap that has never been smaller ({@code -Xms}) cannot be made so.
   *
   * @param used bytes of the heap that are not free, {@link #LOOK_MILLIS} after the last look
   * @param heap all its bytes
   */
  synchronized boolean rushIsOver(long used, long heap) {
    quiet = Math.abs(used - seen) < NEXT_TO_NOTHING ? quiet + 1 : 0;
    seen = used;
    if (restingLooks > 0) {
      restingLooks--;
      return false;
    }
    long room = room(largest);
    smallest = Math.min(smallest, heap);
    long spare = Math.max(used - inUse, heap - Math.max(smallest, 2 * room));
    boolean over = quiet >= QUIET_LOOKS && inUse <= room && spare >= room / 2;
    if (over) {
      restingLooks = RESTING_LOOKS;
      bound(Bounds.of(inUse, largest, false));
    }
    return over;
  }

  /**
   * A collection that is over.
   *
   * @param atMillis when it began, since the JVM started
   * @param used bytes of the heap that are in use after it
   */
  record Collection(long atMillis, long used) {}

  private static Collection collection(Notification told) {
    GcInfo info =
        GarbageCollectionNotificationInfo.from((CompositeData) told.getUserData()).getGcInfo();
    Map<String, MemoryUsage> after = info.getMemoryUsageAfterGc();
    long used = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      @Nullable MemoryUsage usage = after.get(pool.getName());
      if (usage != null && pool.getType() == MemoryType.HEAP) {
        used += usage.getUsed();
      }
    }
    return new Collection(info.getStartTime(), used);
  }

  /**
   * Returns one that has had the JVM collect from time to time, null where the JVM has another
   * collector, or none of the options, or was told one of them.
   */
  static @Nullable IdleMemory of(HotSpotDiagnosticMXBean jvm, long largest) {
    try {
      if (!Boolean.parseBoolean(jvm.getVMOption("UseG1GC").getValue())) {
        return null;
      }
      for (String option : List.of(INTERVAL, LEAST_FREE, MOST_FREE)) {
        if (jvm.getVMOption(option).getOrigin() != VMOption.Origin.DEFAULT) {
          return null;
        }
      }
      jvm.setVMOption(INTERVAL, Long.toString(IDLE.toMillis()));
      Bounds bounds = new Bounds(number(jvm, LEAST_FREE), number(jvm, MOST_FREE));
      return new IdleMemory(jvm, largest, bounds);
    } catch (IllegalArgumentException e) {
      log.debug("this JVM keeps its memory as it likes", e);
      return null;
    }
  }

  /** Sets the bounds for what is in use now. */
  synchronized void collected(Collection collection) {
    boolean busy = collection.atMillis - collectedAt < BUSY_MILLIS;
    collectedAt = collection.atMillis;
    inUse = collection.used;
    bound(Bounds.of(inUse, largest, busy));
  }

  private void bound(Bounds next) {
    // In this order, for the least free part must never be above the most.
    if (next.most > bounds.most) {
      set(MOST_FREE, next.most);
      set(LEAST_FREE, next.least);
    } else if (!next.equals(bounds)) {
      set(LEAST_FREE, next.least);
      set(MOST_FREE, next.most);
    }
    bounds = next;
  }

  private void set(String option, int value) {
    jvm.setVMOption(option, Integer.toString(value));
  }

  private static int number(HotSpotDiagnosticMXBean jvm, String option) {
    return Integer.parseInt(jvm.getVMOption(option).getValue());
  }
}
