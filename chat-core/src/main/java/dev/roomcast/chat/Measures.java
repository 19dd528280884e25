package dev.roomcast.chat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node measures, besides its {@link Counters}: how long things take, how large they are, and
 * what ended or refused them. Everything that may be counted under a name is known beforehand, so
 * that no client can make up another one. Thread-safe.
 */
final class Measures {

  /** What a close code is counted as that no server or client of ours has. */
  static final String OTHER = "other";

  private static final int ABNORMAL = 1006;
  private static final int PROTOCOL_ERROR = 1002;

  /** From the call that publishes to the store's answer, on the publishing node. */
  final Buckets publishToAck = Buckets.ofTimes();

  /** From the publication's time, by the publishing node's clock, to the local fan-out. */
  final Buckets publishToDelivery = Buckets.ofTimes();

  /** Publications that are sent to members together. */
  final Buckets fanOutBatch = Buckets.ofSizes();

  /** Publications that are logged in one step of the store. */
  final Buckets storeBatch = Buckets.ofSizes();

  /** From the request to the store's answer. */
  final Buckets storeRoundTrip = Buckets.ofTimes();

  final BusyRooms busyRooms = new BusyRooms();
  final Health health = new Health();
  private final Map<String, LongAdder> closed = new TreeMap<>();
  private final Map<ErrorCode, LongAdder> refused = adders();
  private final Map<ErrorCode, LongAdder> unauthenticated = adders();
  private final Map<ErrorCode, LongAdder> publishFailures = adders();
  private final Map<String, Buckets> hookTimes = new TreeMap<>();

  Measures() {
    for (CloseCode code : CloseCode.values()) {
      closed.put(Integer.toString(code.code()), new LongAdder());
    }
    for (String code :
        List.of(Integer.toString(PROTOCOL_ERROR), Integer.toString(ABNORMAL), OTHER)) {
      closed.put(code, new LongAdder());
    }
    for (String hook :
        List.of("authenticator", "authorizer", "interceptor", "message hook", "listener", OTHER)) {
      hookTimes.put(hook, Buckets.ofTimes());
    }
  }

  private static Map<ErrorCode, LongAdder> adders() {
    Map<ErrorCode, LongAdder> adders = new EnumMap<>(ErrorCode.class);
    for (ErrorCode code : ErrorCode.values()) {
      adders.put(code, new LongAdder());
    }
    return adders;
  }

  /** Publications were sent to the members here, together. */
  void fannedOut(List<Publication> publications, long now) {
    publishToDelivery.addAges(publications, now);
    fanOutBatch.add(publications.size());
  }

  /** A connection that had been opened is over. */
  void closed(int code) {
    known(closed, Integer.toString(code)).increment();
  }

  /** A client was not let in. */
  void refused(ErrorCode why) {
    Objects.requireNonNull(refused.get(why)).increment();
  }

  /** An authenticator did not say who somebody is. */
  void unauthenticated(ErrorCode why) {
    Objects.requireNonNull(unauthenticated.get(why)).increment();
  }

  /** Something could not be logged. */
  void publishFailed(ErrorCode why) {
    Objects.requireNonNull(publishFailures.get(why)).increment();
  }

  /** Runs the application's code and measures how long it takes, whatever it ends with. */
  <T extends @Nullable Object> T timed(String hook, Supplier<T> code) {
    long begun = System.nanoTime();
    try {
      return code.get();
    } finally {
      known(hookTimes, hook).add(System.nanoTime() - begun);
    }
  }

  private static <V> V known(Map<String, V> named, String name) {
    V value = named.get(name);
    return value == null ? Objects.requireNonNull(named.get(OTHER)) : value;
  }

  Map<String, Buckets> hookTimes() {
    return hookTimes;
  }

  Map<String, LongAdder> closed() {
    return closed;
  }

  Map<ErrorCode, LongAdder> refused() {
    return refused;
  }

  Map<ErrorCode, LongAdder> unauthenticated() {
    return unauthenticated;
  }

  Map<ErrorCode, LongAdder> publishFailures() {
    return publishFailures;
  }
}
