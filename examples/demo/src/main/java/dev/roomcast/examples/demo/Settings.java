package dev.roomcast.examples.demo;

import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the demo was told, and where: on the command line, else by variables, else in the file.
 *
 * <p>Every way to read a value throws {@link BadSettingException} when it is not one. Immutable.
 */
final class Settings {

  private static final String VARIABLE = "ROOMCAST_";

  private final Map<String, Value> values;

  /** A value, and the place to name when it is bad. */
  private record Value(String text, String where) {}

  private Settings(Map<String, Value> values) {
    this.values = values;
  }

  /** Gathers what the command line says, by key, the variables, and the file that they name. */
  static Settings read(Map<String, String> line, Map<String, String> environment) {
    Map<String, Value> values = new HashMap<>();
    line.forEach((key, text) -> values.put(key, new Value(text, "--" + key)));
    variables(environment).forEach(values::putIfAbsent);
    Value config = values.remove(Setting.CONFIG.key());
    if (config != null) {
      file(config).forEach(values::putIfAbsent);
    }
    return new Settings(values);
  }

  private static Map<String, Value> variables(Map<String, String> environment) {
    Map<String, Value> values = new HashMap<>();
    environment.forEach(
        (name, text) -> {
          // An empty variable is how scripts say that there is none.
          if (name.startsWith(VARIABLE) && !text.isEmpty()) {
            String key = name.substring(VARIABLE.length()).toLowerCase(Locale.ROOT);
            key = key.replace('_', '-').replaceFirst("^limits-", LimitSettings.PREFIX);
            if (!known(key)) {
              throw new BadSettingException(name, "there is no such setting" + hint(key));
            }
            values.put(key, new Value(text, name));
          }
        });
    String redis = environment.getOrDefault("REDIS_URL", "");
    if (!redis.isEmpty()) {
      values.putIfAbsent(Setting.REDIS.key(), new Value(redis, "REDIS_URL"));
    }
    return values;
  }

  private static Map<String, Value> file(Value config) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(Path.of(config.text()))) {
      properties.load(in);
    } catch (NoSuchFileException e) {
      throw new BadSettingException(config.where(), "a file that exists", config.text());
    } catch (IOException | InvalidPathException e) {
      throw new BadSettingException(config.where(), "a file that can be read", config.text());
    } catch (IllegalArgumentException e) {
      throw new BadSettingException(config.text(), "not a properties file: " + e.getMessage());
    }
    Map<String, Value> values = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      String where = config.text() + ": " + key;
      if (!known(key) || key.equals(Setting.CONFIG.key())) {
        throw new BadSettingException(where, "there is no such setting here" + hint(key));
      }
      values.put(key, new Value(properties.getProperty(key).strip(), where));
    }
    return values;
  }

  private static boolean known(String key) {
    return key.startsWith(LimitSettings.PREFIX)
        ? LimitSettings.names().contains(key.substring(LimitSettings.PREFIX.length()))
        : Stream.of(Setting.values()).anyMatch(setting -> setting.key().equals(key));
  }

  private static String hint(String key) {
    return key.startsWith(LimitSettings.PREFIX)
        ? "; limits are " + String.join(", ", LimitSettings.names())
        : "; "
            + String.join(", ", Stream.of(Setting.values()).map(Setting::key).toList())
            + " or a limit expected";
  }

  /** These settings as variables, for a process that shall have the same and no file. */
  Map<String, String> toVariables() {
    Map<String, String> variables = new TreeMap<>();
    values.forEach((key, value) -> variables.put(variable(key), value.text()));
    return variables;
  }

  static String variable(String key) {
    return VARIABLE + key.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  /** Whether a variable is one of ours. */
  static boolean isVariable(String name) {
    return name.startsWith(VARIABLE);
  }

  /** What was given, else the default; null when there is neither. */
  @Nullable String optional(Setting setting) {
    Value value = values.get(setting.key());
    if (value == null) {
      return setting.otherwise();
    }
    if (value.text().isEmpty()) {
      throw bad(setting, "a value", "");
    }
    return value.text();
  }

  /** As {@link #optional}, for a setting that has a default. */
  String text(Setting setting) {
    return Objects.requireNonNull(optional(setting), setting::key);
  }

  int number(Setting setting, int least, int most) {
    String text = text(setting);
    if (text.matches("[0-9]{1,9}")) {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw bad(setting, least + " to " + most, text);
  }

  /** A duration, up to a most. */
  Duration duration(Setting setting, Duration most) {
    String text = text(setting);
    @Nullable Duration duration = LimitSettings.time(text);
    if (duration == null) {
      throw bad(setting, LimitSettings.DURATION_EXPECTED, text);
    }
    if (duration.compareTo(most) > 0) {
      throw bad(setting, "0 to " + most.toSeconds() + "s", text);
    }
    return duration;
  }

  /** The only one of these words that was given. */
  String word(Setting setting, String... words) {
    String text = text(setting);
    if (!List.of(words).contains(text)) {
      throw bad(setting, String.join(" or ", words), text);
    }
    return text;
  }

  Path path(Setting setting) {
    String text = text(setting);
    try {
      return Path.of(text.replaceFirst("^~(?=/|$)", System.getProperty("user.home")));
    } catch (InvalidPathException e) {
      throw bad(setting, "a path", text);
    }
  }

  List<String> list(Setting setting) {
    String text = optional(setting);
    return text == null
        ? List.of()
        : Stream.of(text.split(",")).map(String::strip).filter(part -> !part.isEmpty()).toList();
  }

  /** The limits: the defaults, with what was given. */
  Limits limits() {
    Map<String, String> given = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(LimitSettings.PREFIX)) {
            given.put(key.substring(LimitSettings.PREFIX.length()), value.text());
          }
        });
    return LimitSettings.limits(given, name -> where(LimitSettings.PREFIX + name));
  }

  /** What is wrong with a setting, with the place where it was given. */
  BadSettingException bad(Setting setting, String expected, String got) {
    return new BadSettingException(where(setting.key()), expected, got);
  }

  /** As {@link #bad(Setting, String, String)}, for what may be a secret. */
  BadSettingException bad(Setting setting, String problem) {
    return new BadSettingException(where(setting.key()), problem);
  }

  private String where(String key) {
    Value value = values.get(key);
    return value == null ? "--" + key : value.where();
  }
}
