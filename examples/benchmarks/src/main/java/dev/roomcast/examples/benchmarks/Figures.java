package dev.roomcast.examples.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What was measured, by name; told as it comes in. Confined to one thread. */
final class Figures {

  private final PrintStream out;
  private final Map<String, Double> values = new TreeMap<>();

  Figures(PrintStream out) {
    this.out = out;
  }

  void add(String name, double value) {
    values.put(name, value);
    out.println(line(name, value));
  }

  private static String line(String name, double value) {
    return name + "=" + String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
  }

  double get(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  /** Writes properties, with {@code head} as comments. */
  void write(Path file, List<String> head) throws IOException {
    List<String> lines = new ArrayList<>();
    head.forEach(one -> lines.add("# " + one));
    values.forEach((name, value) -> lines.add(line(name, value)));
    Files.write(file, lines);
  }
}
