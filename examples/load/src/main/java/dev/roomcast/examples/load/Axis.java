package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One side of a chart: which values it shows, and which of them it names. Immutable.
 *
 * @param low the value at its beginning
 * @param high the value at its end, above {@code low}
 * @param logarithmic whether equal steps multiply
 */
record Axis(double low, double high, boolean logarithmic, List<Tick> ticks) {

  private static final int MOST_STEPS = 6;
  private static final int[] ROUND = {1, 2, 5};

  /** A value with a name. Immutable. */
  record Tick(double value, String name) {}

  Axis {
    ticks = List.copyOf(ticks);
  }

  /** From zero, in round steps. */
  static Axis of(double most, String unit) {
    double step = roundStep(Math.max(most, 1) / MOST_STEPS);
    List<Tick> ticks = new ArrayList<>();
    double high = Math.max(1, Math.ceil(most / step)) * step;
    boolean thousands = high >= 10_000;
    for (int i = 0; i * step <= high; i++) {
      double value = i * step;
      String name = thousands && i > 0 ? number(value / 1_000) + "k" : number(value);
      ticks.add(new Tick(value, name + unit));
    }
    return new Axis(0, high, false, ticks);
  }

  /** Over a time: all of it and no more. */
  static Axis time(double seconds) {
    Axis round = of(seconds, " s");
    double high = Math.max(1, seconds);
    return new Axis(
        0, high, false, round.ticks().stream().filter(tick -> tick.value() <= high).toList());
  }

  private static double roundStep(double least) {
    double step = 1;
    for (int i = 0; step < least; i++) {
      int power = i / ROUND.length;
      step = ROUND[i % ROUND.length] * Math.pow(10, power);
    }
    return step;
  }

  /** Durations in milliseconds, each power of ten as long as the next one. */
  static Axis millis(double least, double most) {
    double low = Math.pow(10, Math.floor(Math.log10(Math.max(0.01, least))));
    double high = Math.pow(10, Math.ceil(Math.log10(Math.max(most, low * 10))));
    List<Tick> ticks = new ArrayList<>();
    for (double at = low; at <= high * 1.001; at *= 10) {
      ticks.add(new Tick(at, at < 1_000 ? number(at) + " ms" : number(at / 1_000) + " s"));
    }
    return new Axis(low, high, true, ticks);
  }

  /** Per cents, where each further nine is as far away as the one before. */
  static Axis percentiles(long count) {
    double high = Math.max(1, nines(100 - 100.0 / Math.max(2, count)));
    List<Tick> ticks = new ArrayList<>();
    for (double percent : new double[] {50, 90, 99, 99.9, 99.99, 99.999, 99.9999}) {
      if (nines(percent) <= high) {
        ticks.add(new Tick(nines(percent), number(percent) + "%"));
      }
    }
    return new Axis(0, high, false, ticks);
  }

  /** How many nines: 1 for 90 %, 2 for 99 %. */
  static double nines(double percent) {
    return -Math.log10(1 - percent / 100);
  }

  /** The inverse of {@link #nines}. */
  static double percent(double nines) {
    return 100 - 100 * Math.pow(10, -nines);
  }

  /** Where a value is, from 0 to 1. */
  double part(double value) {
    double part =
        logarithmic
            ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
            : (value - low) / (high - low);
    return Math.min(1, Math.max(0, part));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value).replaceAll("0+$", "").replaceAll("\\.$", "");
  }
}
