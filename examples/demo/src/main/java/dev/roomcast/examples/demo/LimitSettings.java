package dev.roomcast.examples.demo;

import dev.roomcast.chat.Limits;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The names that {@link Limits} have in settings, and how their values are read. Stateless. */
final class LimitSettings {

  /** What their keys begin with. */
  static final String PREFIX = "limits.";

  /** What is told to who gave something else than a duration. */
  static final String DURATION_EXPECTED = "a duration, as in 200ms, 10s, 5m or 24h,";

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,10}) ?(|B|KiB|MiB|GiB)");

  private static final Map<String, Limit> TABLE = table();

  private LimitSettings() {}

  private static Map<String, Limit> table() {
    Map<String, Limit> table = new LinkedHashMap<>();
    table.put("history-count", count(Limits.Builder::historyCount));
    table.put("history-age", duration(Limits.Builder::historyAge));
    table.put("history-bytes", size(Limits.Builder::historyBytes));
    table.put("frame-bytes", intSize(Limits.Builder::frameBytes));
    table.put("json-depth", count(Limits.Builder::jsonDepth));
    table.put("json-fields", count(Limits.Builder::jsonFields));
    table.put("text-length", count(Limits.Builder::textLength));
    table.put("rooms-per-session", count(Limits.Builder::roomsPerSession));
    table.put("sessions-per-user", count(Limits.Builder::sessionsPerUser));
    table.put("connections", count(Limits.Builder::connections));
    table.put("connections-per-address", count(Limits.Builder::connectionsPerAddress));
    table.put(
        "handshakes-per-second-per-address", count(Limits.Builder::handshakesPerSecondPerAddress));
    table.put(
        "requests-per-second-per-address", count(Limits.Builder::requestsPerSecondPerAddress));
    table.put("pending-handshakes", count(Limits.Builder::pendingHandshakes));
    table.put("handshake-timeout", duration(Limits.Builder::handshakeTimeout));
    table.put("session-commands", count(Limits.Builder::sessionCommands));
    table.put("commands-per-second", count(Limits.Builder::commandsPerSecond));
    table.put("commands-burst", count(Limits.Builder::commandsBurst));
    table.put("bytes-per-second", intSize(Limits.Builder::bytesPerSecond));
    table.put("bytes-burst", intSize(Limits.Builder::bytesBurst));
    table.put("user-commands-per-second", count(Limits.Builder::userCommandsPerSecond));
    table.put("user-commands-burst", count(Limits.Builder::userCommandsBurst));
    table.put("control-frames-per-second", count(Limits.Builder::controlFramesPerSecond));
    table.put("outbox-bytes", intSize(Limits.Builder::outboxBytes));
    table.put("outbox-total-bytes", size(Limits.Builder::outboxTotalBytes));
    table.put("write-timeout", duration(Limits.Builder::writeTimeout));
    table.put("heartbeat", duration(Limits.Builder::heartbeat));
    table.put("resume-ttl", duration(Limits.Builder::resumeTtl));
    table.put("waiting-sessions", count(Limits.Builder::waitingSessions));
    table.put("node-lease", duration(Limits.Builder::nodeLease));
    table.put("presence-interval", duration(Limits.Builder::presenceInterval));
    table.put("presence-list", count(Limits.Builder::presenceList));
    table.put("edit-age", duration(Limits.Builder::editAge));
    table.put("reactions-per-message", count(Limits.Builder::reactionsPerMessage));
    table.put("rooms-per-user", count(Limits.Builder::roomsPerUser));
    table.put("invitations-per-room", count(Limits.Builder::invitationsPerRoom));
    table.put("room-idle", duration(Limits.Builder::roomIdle));
    table.put("hook-timeout", duration(Limits.Builder::hookTimeout));
    table.put("log-messages", count(Limits.Builder::logMessages));
    table.put("drain", duration(Limits.Builder::drain));
    return Collections.unmodifiableMap(table);
  }

  /** Reads one value into the builder. */
  private interface Limit {
    /** Returns what was expected when it is not that, else null. */
    @Nullable String set(Limits.Builder limits, String text);
  }

  private static Limit count(BiConsumer<Limits.Builder, Integer> set) {
    return limit(
        "a whole number", text -> text.matches("[0-9]{1,9}") ? Integer.valueOf(text) : null, set);
  }

  private static Limit size(BiConsumer<Limits.Builder, Long> set) {
    return limit("a size, as in 1MiB, 32KiB or 8192,", LimitSettings::bytes, set);
  }

  private static Limit intSize(BiConsumer<Limits.Builder, Integer> set) {
    return limit(
        "a size under 2GiB, as in 1MiB, 32KiB or 8192,",
        text -> {
          Long bytes = bytes(text);
          return bytes == null || bytes > Integer.MAX_VALUE
              ? null
              : Integer.valueOf(bytes.intValue());
        },
        set);
  }

  private static Limit duration(BiConsumer<Limits.Builder, Duration> set) {
    return limit(DURATION_EXPECTED, LimitSettings::time, set);
  }

  private static <T> Limit limit(
      String expected, Function<String, @Nullable T> read, BiConsumer<Limits.Builder, T> set) {
    return (limits, text) -> {
      T value = read.apply(text);
      if (value == null) {
        return expected;
      }
      set.accept(limits, value);
      return null;
    };
  }

  private static @Nullable Long bytes(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      return null;
    }
    int shift =
        switch (size.group(2)) {
          case "KiB" -> 10;
          case "MiB" -> 20;
          case "GiB" -> 30;
          default -> 0;
        };
    long number = Long.parseLong(size.group(1));
    return number > Long.MAX_VALUE >> shift ? null : number << shift;
  }

  /** Reads a duration, null when it is none. */
  static @Nullable Duration time(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher duration = DURATION.matcher(text);
    if (!duration.matches()) {
      return null;
    }
    long number = Long.parseLong(duration.group(1));
    return switch (duration.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /** All names, in the order of the table. */
  static Set<String> names() {
    return TABLE.keySet();
  }

  /**
   * Returns the defaults with these values.
   *
   * @param where tells for a name where its value was given
   */
  static Limits limits(Map<String, String> given, UnaryOperator<String> where) {
    Limits.Builder limits = Limits.DEFAULTS.toBuilder();
    given.forEach(
        (name, text) -> {
          Limit limit = TABLE.get(name);
          String expected = limit == null ? "a known limit" : limit.set(limits, text);
          if (expected != null) {
            throw new BadSettingException(where.apply(name), expected, text);
          }
        });
    try {
      return limits.build();
    } catch (IllegalArgumentException e) {
      // "frameBytes must be at least 128, but is 5": the first word is the name in Java.
      String message = String.valueOf(e.getMessage());
      int space = message.indexOf(' ');
      String name =
          message.substring(0, space).replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      throw new BadSettingException(where.apply(name), message.substring(space + 1));
    }
  }
}
