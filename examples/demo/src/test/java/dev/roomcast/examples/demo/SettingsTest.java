package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where settings come from, and what is said about bad ones. */
class SettingsTest {

  @TempDir Path folder;

  private String file(String... lines) throws IOException {
    Path file = folder.resolve("demo.properties");
    return Files.write(file, List.of(lines)).toString();
  }

  @Test
  void theCommandLineWinsOverVariablesWhichWinOverTheFile() throws Exception {
    String file = file("port=1", "host=127.0.0.3", "namespace=file:one");
    Settings settings =
        Settings.read(
            Map.of("port", "3", "config", file),
            Map.of("ROOMCAST_PORT", "2", "ROOMCAST_HOST", "127.0.0.2"));
    assertEquals(3, settings.number(Setting.PORT, 0, 9));
    assertEquals("127.0.0.2", settings.text(Setting.HOST));
    assertEquals("file:one", settings.text(Setting.NAMESPACE));
    assertEquals(1, settings.number(Setting.WORKERS, 1, 9));
  }

  @Test
  void theFileMayBeNamedByAVariable() throws Exception {
    Settings settings =
        Settings.read(Map.of(), Map.of("ROOMCAST_CONFIG", file("port = 7", "# a remark")));
    assertEquals(7, settings.number(Setting.PORT, 0, 9));
  }

  @Test
  void everySettingCanBeGivenInAllThreeWays() throws Exception {
    for (Setting setting : Setting.values()) {
      if (setting != Setting.CONFIG) {
        String key = setting.key();
        String file = file(key + "=x");
        assertEquals("x", Settings.read(Map.of(key, "x"), Map.of()).optional(setting));
        assertEquals(
            "x", Settings.read(Map.of(), Map.of(Settings.variable(key), "x")).optional(setting));
        assertEquals("x", Settings.read(Map.of("config", file), Map.of()).optional(setting));
      }
    }
  }

  @Test
  void redisUrlIsTheLastWordOfTheEnvironmentOnly() throws Exception {
    String file = file("redis=redis://file");
    Map<String, String> usual = Map.of("REDIS_URL", "redis://usual");
    Map<String, String> both =
        Map.of("REDIS_URL", "redis://usual", "ROOMCAST_REDIS", "redis://ours");
    assertEquals(
        "redis://usual", Settings.read(Map.of("config", file), usual).optional(Setting.REDIS));
    assertEquals("redis://ours", Settings.read(Map.of(), both).optional(Setting.REDIS));
  }

  @Test
  void aListHasCommasInFilesAndVariables() {
    Settings settings =
        Settings.read(Map.of(), Map.of("ROOMCAST_ALLOW_ORIGIN", "https://a.example, http://b"));
    assertEquals(List.of("https://a.example", "http://b"), settings.list(Setting.ALLOW_ORIGIN));
  }

  @Test
  void workersGetTheSameSettingsAsVariables() throws Exception {
    Settings settings =
        Settings.read(
            Map.of("config", file("limits.heartbeat=5s", "namespace=a:b"), "port", "0"),
            Map.of("ROOMCAST_LIMITS_JSON_DEPTH", "9", "PATH", "/bin"));
    Map<String, String> variables = settings.toVariables();
    assertEquals(
        Map.of(
            "ROOMCAST_LIMITS_HEARTBEAT", "5s",
            "ROOMCAST_LIMITS_JSON_DEPTH", "9",
            "ROOMCAST_NAMESPACE", "a:b",
            "ROOMCAST_PORT", "0"),
        variables);
    assertEquals(settings.limits(), Settings.read(Map.of(), variables).limits());
  }

  @Test
  void everyLimitHasAName() {
    TreeSet<String> names = new TreeSet<>();
    for (RecordComponent part : Limits.class.getRecordComponents()) {
      names.add(part.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }
    assertEquals(names, new TreeSet<>(LimitSettings.names()));
  }

  @ParameterizedTest
  @CsvSource({
    "history-count,7,7",
    "history-age,36h,PT36H",
    "history-bytes,3GiB,3221225472",
    "frame-bytes,64KiB,65536",
    "json-depth,9,9",
    "json-fields,77,77",
    "text-length,100,100",
    "rooms-per-session,3,3",
    "sessions-per-user,7,7",
    "connections,0,0",
    "connections-per-address,9,9",
    "handshakes-per-second-per-address,8,8",
    "pending-handshakes,33,33",
    "handshake-timeout,3s,PT3S",
    "session-commands,20,20",
    "commands-per-second,0,0",
    "commands-burst,1,1",
    "bytes-per-second,64KiB,65536",
    "bytes-burst,1MiB,1048576",
    "user-commands-per-second,5,5",
    "user-commands-burst,50,50",
    "outbox-bytes,4096,4096",
    "outbox-total-bytes,2GiB,2147483648",
    "write-timeout,1s,PT1S",
    "heartbeat,5m,PT5M",
    "resume-ttl,1d,PT24H",
    "node-lease,2s,PT2S",
    "presence-interval,0,PT0S",
    "presence-list,0,0",
    "edit-age,1h,PT1H",
    "reactions-per-message,12,12",
    "rooms-per-user,3,3",
    "invitations-per-room,44,44",
    "room-idle,2h,PT2H",
    "hook-timeout,750ms,PT0.75S",
    "log-messages,100,100",
    "drain,200ms,PT0.2S"
  })
  void everyLimitIsReadFromTheFileAndFromItsVariable(String name, String text, String expected)
      throws Exception {
    String key = "limits." + name;
    Limits fromFile = Settings.read(Map.of("config", file(key + "=" + text)), Map.of()).limits();
    Limits fromVariable = Settings.read(Map.of(), Map.of(Settings.variable(key), text)).limits();
    assertEquals(fromFile, fromVariable);
    for (RecordComponent part : Limits.class.getRecordComponents()) {
      boolean changed =
          name.equals(part.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
      Object defaultValue = part.getAccessor().invoke(Limits.DEFAULTS);
      assertEquals(
          changed ? expected : String.valueOf(defaultValue),
          String.valueOf(part.getAccessor().invoke(fromFile)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "limits.frame-bytes=5,must be at least 128",
    "limits.frame-bytes=3GiB,a size under 2GiB",
    "limits.frame-bytes=1MB,a size",
    "limits.history-bytes=99999999999999,a size",
    "limits.json-depth=-1,a whole number",
    "limits.json-depth=0,must be at least 1",
    "limits.heartbeat=5,a duration",
    "limits.heartbeat=0,must be more than zero",
    "limits.heartbeat=1 week,a duration",
    "limits.dance=1,there is no such setting here; limits are",
    "dance=1,there is no such setting here",
    "config=x,there is no such setting here"
  })
  void aBadKeyOfTheFileIsToldWithFileKeyAndWhatWasExpected(String line, String expected)
      throws Exception {
    String file = file(line);
    String message = message(Map.of("ROOMCAST_CONFIG", file));
    String key = line.substring(0, line.indexOf('='));
    assertTrue(message.startsWith(file + ": " + key + ": "), message);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void aBadVariableIsToldWithItsName() {
    assertTrue(message(Map.of("ROOMCAST_LIMITS_DRAIN", "x")).startsWith("ROOMCAST_LIMITS_DRAIN: "));
    assertTrue(message(Map.of("ROOMCAST_DANCE", "x")).startsWith("ROOMCAST_DANCE: "));
    assertTrue(message(Map.of("ROOMCAST_CONFIG", "/nowhere")).startsWith("ROOMCAST_CONFIG: "));
  }

  private static String message(Map<String, String> environment) {
    return String.valueOf(
        assertThrows(BadSettingException.class, () -> Settings.read(Map.of(), environment).limits())
            .getMessage());
  }

  @Test
  void aFileThatIsNoneIsTold() throws Exception {
    assertTrue(message(Map.of("ROOMCAST_CONFIG", folder.toString())).contains("can be read"));
    assertTrue(message(Map.of("ROOMCAST_CONFIG", file("a=\\u00zz"))).contains("properties"));
  }

  @Test
  void emptyVariablesAreNone() {
    Settings settings =
        Settings.read(
            Map.of(),
            Stream.of("ROOMCAST_PORT", "REDIS_URL", "ROOMCAST_DANCE")
                .collect(Collectors.toMap(name -> name, name -> "")));
    assertEquals(5_000, settings.number(Setting.PORT, 0, 65_535));
  }

  @Test
  void durationsAndSizesAreWhatTheySay() {
    Limits limits =
        LimitSettings.limits(
            Map.of("drain", "0", "history-bytes", "10B", "frame-bytes", "1 KiB"), name -> name);
    assertEquals(Duration.ZERO, limits.drain());
    assertEquals(10, limits.historyBytes());
    assertEquals(1_024, limits.frameBytes());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0s, 0", "1500ms, 1500", "30s, 30000"})
  void howLongItRehearsesIsADuration(String given, long millis) {
    Settings settings = Settings.read(Map.of("rehearse", given), Map.of());
    assertEquals(
        Duration.ofMillis(millis), settings.duration(Setting.REHEARSE, Duration.ofSeconds(30)));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 'a duration, as in'",
    "-1s, 'a duration, as in'",
    "on, 'a duration, as in'",
    "31s, 0 to 30s",
    "1h, 0 to 30s"
  })
  void whatIsNoDurationOrTooLongAOneIsTold(String given, String expected) {
    Settings settings = Settings.read(Map.of("rehearse", given), Map.of());
    String told =
        String.valueOf(
            assertThrows(
                    BadSettingException.class,
                    () -> settings.duration(Setting.REHEARSE, Duration.ofSeconds(30)))
                .getMessage());
    assertTrue(told.startsWith("--rehearse: ") && told.contains(expected), told);
  }
}
