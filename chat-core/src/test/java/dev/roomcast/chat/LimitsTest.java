package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LimitsTest {

  /** A limit, its smallest value, and one that is too small. */
  private record Edge(String name, Limits.Builder smallest, Limits.Builder tooSmall) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static <T> Edge edge(
      String name, BiFunction<Limits.Builder, T, Limits.Builder> setter, T smallest, T tooSmall) {
    return new Edge(
        name,
        setter.apply(Limits.DEFAULTS.toBuilder(), smallest),
        setter.apply(Limits.DEFAULTS.toBuilder(), tooSmall));
  }

  static Stream<Edge> edges() {
    Duration least = Duration.ofNanos(1);
    Duration negative = Duration.ofNanos(-1);
    return Stream.of(
        edge("historyCount", Limits.Builder::historyCount, 1, 0),
        edge("historyAge", Limits.Builder::historyAge, least, Duration.ZERO),
        edge("historyBytes", Limits.Builder::historyBytes, 1L, 0L),
        edge("frameBytes", Limits.Builder::frameBytes, 128, 127),
        edge("jsonDepth", Limits.Builder::jsonDepth, 1, 0),
        edge("jsonFields", Limits.Builder::jsonFields, 1, 0),
        edge("textLength", Limits.Builder::textLength, 1, 0),
        edge("roomsPerSession", Limits.Builder::roomsPerSession, 1, 0),
        edge("sessionsPerUser", Limits.Builder::sessionsPerUser, 0, -1),
        edge("connections", Limits.Builder::connections, 0, -1),
        edge("connectionsPerAddress", Limits.Builder::connectionsPerAddress, 0, -1),
        edge("handshakesPerSecondPerAddress", Limits.Builder::handshakesPerSecondPerAddress, 0, -1),
        edge("requestsPerSecondPerAddress", Limits.Builder::requestsPerSecondPerAddress, 0, -1),
        edge("pendingHandshakes", Limits.Builder::pendingHandshakes, 0, -1),
        edge("handshakeTimeout", Limits.Builder::handshakeTimeout, least, Duration.ZERO),
        edge("sessionCommands", Limits.Builder::sessionCommands, 1, 0),
        edge("commandsPerSecond", Limits.Builder::commandsPerSecond, 0, -1),
        edge("commandsBurst", Limits.Builder::commandsBurst, 1, 0),
        edge("bytesPerSecond", Limits.Builder::bytesPerSecond, 0, -1),
        edge("bytesBurst", Limits.Builder::bytesBurst, 32 << 10, (32 << 10) - 1),
        edge("userCommandsPerSecond", Limits.Builder::userCommandsPerSecond, 0, -1),
        edge("userCommandsBurst", Limits.Builder::userCommandsBurst, 1, 0),
        edge("controlFramesPerSecond", Limits.Builder::controlFramesPerSecond, 0, -1),
        edge("outboxBytes", Limits.Builder::outboxBytes, 1_024, 1_023),
        edge("outboxTotalBytes", Limits.Builder::outboxTotalBytes, 0L, -1L),
        edge("writeTimeout", Limits.Builder::writeTimeout, least, Duration.ZERO),
        edge("heartbeat", Limits.Builder::heartbeat, least, Duration.ZERO),
        edge("resumeTtl", Limits.Builder::resumeTtl, least, Duration.ZERO),
        edge("waitingSessions", Limits.Builder::waitingSessions, 1, 0),
        edge("nodeLease", Limits.Builder::nodeLease, least, Duration.ZERO),
        edge("presenceInterval", Limits.Builder::presenceInterval, Duration.ZERO, negative),
        edge("presenceList", Limits.Builder::presenceList, 0, -1),
        edge("editAge", Limits.Builder::editAge, Duration.ZERO, negative),
        edge("reactionsPerMessage", Limits.Builder::reactionsPerMessage, 0, -1),
        edge("roomsPerUser", Limits.Builder::roomsPerUser, 0, -1),
        edge("invitationsPerRoom", Limits.Builder::invitationsPerRoom, 1, 0),
        edge("roomIdle", Limits.Builder::roomIdle, least, Duration.ZERO),
        edge("hookTimeout", Limits.Builder::hookTimeout, least, Duration.ZERO),
        edge("logMessages", Limits.Builder::logMessages, 0, -1),
        edge("drain", Limits.Builder::drain, Duration.ZERO, negative));
  }

  @ParameterizedTest
  @MethodSource("edges")
  void theSmallestValueIsTakenAndASmallerOneRefusedByName(Edge edge) {
    Limits limits = edge.smallest().build();
    assertEquals(limits, limits.toBuilder().build());
    IllegalArgumentException problem =
        assertThrows(IllegalArgumentException.class, () -> edge.tooSmall().build());
    assertTrue(String.valueOf(problem.getMessage()).startsWith(edge.name() + " must"));
  }

  @Test
  void everyLimitIsTested() {
    assertEquals(
        Stream.of(Limits.class.getRecordComponents()).map(c -> c.getName()).toList(),
        edges().map(Edge::name).toList());
  }

  @Test
  void aFrameHasAnUpperBoundAndABurstOfBytesHoldsOne() {
    Limits.Builder largest = Limits.DEFAULTS.toBuilder().frameBytes(16 << 20).bytesBurst(16 << 20);
    assertEquals(16 << 20, largest.build().frameBytes());
    for (Limits.Builder bad :
        List.of(
            Limits.DEFAULTS.toBuilder().frameBytes((16 << 20) + 1).bytesBurst(1 << 30),
            Limits.DEFAULTS.toBuilder().frameBytes(1 << 30).bytesPerSecond(0),
            Limits.DEFAULTS.toBuilder().frameBytes(4_096).bytesBurst(4_095))) {
      assertThrows(IllegalArgumentException.class, bad::build);
    }
    assertEquals(
        0,
        Limits.DEFAULTS.toBuilder().bytesPerSecond(0).bytesBurst(0).build().bytesBurst(),
        "no rate, no burst");
  }

  @Test
  void aBurstOfZeroIsRightWhereThereIsNoRate() {
    assertEquals(
        0,
        Limits.DEFAULTS.toBuilder().commandsPerSecond(0).commandsBurst(0).build().commandsBurst());
  }

  @Test
  void retentionIsPositive() {
    Duration hour = Duration.ofHours(1);
    for (List<Object> bad :
        List.<List<Object>>of(
            List.of(0, hour, 1L), List.of(1, Duration.ZERO, 1L), List.of(1, hour, 0L))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Retention((int) bad.get(0), (Duration) bad.get(1), (long) bad.get(2)));
    }
    assertEquals(new Retention(1_000, Duration.ofHours(24), 16 << 20), Limits.DEFAULTS.retention());
  }
}
