package dev.roomcast.chat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A scrape in Prometheus's text format 0.0.4, read strictly: what breaks the format's rules is an
 * {@link IllegalArgumentException} that quotes the line. Immutable.
 */
public final class PrometheusText {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)(?: -?[0-9]+)?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");
  private static final Set<String> TYPES =
      Set.of("counter", "gauge", "histogram", "summary", "untyped");

  private final Map<String, String> types = new HashMap<>();
  private final List<Sample> samples = new ArrayList<>();

  /** A value of a series. */
  public record Sample(String name, Map<String, String> labels, double value) {
    /** Copies the labels. */
    public Sample {
      labels = Map.copyOf(labels);
    }
  }

  /** Reads a scrape. */
  public PrometheusText(String text) {
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException("the last line has to end");
    }
    Set<Object> series = new HashSet<>();
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("# TYPE ")) {
        type(line);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        Sample sample = sample(line);
        if (family(sample.name()).isEmpty()) {
          throw new IllegalArgumentException("a sample without a type: " + line);
        }
        if (!series.add(List.of(sample.name(), sample.labels()))) {
          throw new IllegalArgumentException("a series comes twice: " + line);
        }
        samples.add(sample);
      }
    }
    types.forEach(
        (name, type) -> {
          if (type.equals("histogram")) {
            checkHistogram(name);
          }
        });
  }

  private void type(String line) {
    String[] parts = line.split(" ", -1);
    if (parts.length != 4 || !NAME.matcher(parts[2]).matches() || !TYPES.contains(parts[3])) {
      throw new IllegalArgumentException(line);
    }
    if (types.put(parts[2], parts[3]) != null) {
      throw new IllegalArgumentException("a type comes twice: " + line);
    }
  }

  private static Sample sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(line);
    }
    Map<String, String> labels = new LinkedHashMap<>();
    String text = matcher.group(2) == null ? "" : matcher.group(2);
    Matcher label = LABEL.matcher(text);
    int at = 0;
    while (at < text.length()) {
      if (!label.find(at) || label.start() != at) {
        throw new IllegalArgumentException("labels: " + line);
      }
      String value =
          label.group(2).replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
      if (labels.put(label.group(1), value) != null) {
        throw new IllegalArgumentException("a label comes twice: " + line);
      }
      at = label.end();
    }
    return new Sample(matcher.group(1), labels, number(matcher.group(3)));
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /** The family that a series belongs to; empty when it has no type. */
  private String family(String name) {
    if (types.containsKey(name)) {
      return name;
    }
    for (String suffix : List.of("_bucket", "_count", "_sum")) {
      if (name.endsWith(suffix)) {
        String family = name.substring(0, name.length() - suffix.length());
        String type = types.getOrDefault(family, "");
        if (type.equals("histogram") || type.equals("summary")) {
          return family;
        }
      }
    }
    return "";
  }

  private void checkHistogram(String name) {
    Map<Map<String, String>, TreeMap<Double, Double>> histograms = new HashMap<>();
    for (Sample sample : samples) {
      if (sample.name().equals(name + "_bucket")) {
        Map<String, String> labels = new HashMap<>(sample.labels());
        double bound = number(String.valueOf(labels.remove("le")));
        histograms.computeIfAbsent(labels, any -> new TreeMap<>()).put(bound, sample.value());
      }
    }
    histograms.forEach(
        (labels, buckets) -> {
          double before = 0;
          for (double count : buckets.values()) {
            if (count < before) {
              throw new IllegalArgumentException(
                  name + labels + ": a bucket is less than one below");
            }
            before = count;
          }
          if (buckets.lastKey() != Double.POSITIVE_INFINITY
              || before != value(name + "_count", labels)) {
            throw new IllegalArgumentException(name + labels + ": the last bucket has to have all");
          }
        });
  }

  private double value(String name, Map<String, String> labels) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name) && sample.labels().equals(labels))
        .mapToDouble(Sample::value)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no " + name + labels));
  }

  /** The value of the only series of this name with these labels, given as name, value, ... */
  public double value(String name, String... labels) {
    Map<String, String> wanted = new HashMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      wanted.put(labels[i], labels[i + 1]);
    }
    return value(name, wanted);
  }

  /** Every sample. */
  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** The names of all series. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    samples.forEach(sample -> names.add(sample.name()));
    return names;
  }

  /** The type of each family. */
  public Map<String, String> types() {
    return Map.copyOf(types);
  }
}
