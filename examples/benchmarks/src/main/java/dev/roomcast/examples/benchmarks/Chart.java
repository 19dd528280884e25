package dev.roomcast.examples.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Curves over two axes as SVG, each axis linear or logarithmic. Confined to one thread. */
final class Chart {

  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int RIGHT = 45;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;

  /** Curves that lie on each other are both seen. */
  private static final List<String> DASHES = List.of("none", "10 3", "3 5", "1 3");

  private static final List<String> COLOURS = List.of("#1f6feb", "#d29922", "#2da44e", "#8250df");

  private final String title;
  private final Axis across;
  private final Axis up;
  private final List<Curve> curves = new ArrayList<>();

  /** An axis from one value to another. Immutable. */
  record Axis(String title, double from, double to, boolean log) {
    private double part(double value) {
      double bounded = Math.max(from, Math.min(to, value));
      return log ? Math.log(bounded / from) / Math.log(to / from) : (bounded - from) / (to - from);
    }

    private List<Double> marks() {
      List<Double> marks = new ArrayList<>();
      if (log) {
        for (double at = from; at <= to * 1.001; at *= 10) {
          marks.add(at);
        }
      } else {
        for (int i = 0; i <= 5; i++) {
          marks.add(from + (to - from) * i / 5);
        }
      }
      return marks;
    }
  }

  /** A point. Immutable. */
  record Point(double x, double y) {}

  private record Curve(String name, List<Point> points) {}

  Chart(String title, Axis across, Axis up) {
    this.title = title;
    this.across = across;
    this.up = up;
  }

  Chart curve(String name, List<Point> points) {
    curves.add(new Curve(name, List.copyOf(points)));
    return this;
  }

  String svg() {
    StringBuilder svg = new StringBuilder();
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"12\" role=\"img\">",
            WIDTH,
            HEIGHT));
    line(svg, String.format(Locale.ROOT, "<title>%s</title>", escaped(title)));
    line(
        svg,
        String.format(
            Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT));
    text(svg, WIDTH / 2.0, 22, "middle", "#1f2328", title);
    for (double mark : across.marks()) {
      double x = x(mark);
      rule(svg, x, TOP, x, HEIGHT - BOTTOM);
      text(svg, x, HEIGHT - BOTTOM + 18, "middle", "#57606a", number(mark));
    }
    for (double mark : up.marks()) {
      double y = y(mark);
      rule(svg, LEFT, y, WIDTH - RIGHT, y);
      text(svg, LEFT - 6, y + 4, "end", "#57606a", number(mark));
    }
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", "#1f2328", across.title());
    text(svg, 8, TOP - 8, "start", "#1f2328", up.title());
    for (int i = 0; i < curves.size(); i++) {
      curve(svg, curves.get(i), i);
    }
    svg.append("</svg>\n");
    return svg.toString();
  }

  private void curve(StringBuilder svg, Curve curve, int number) {
    String colour = COLOURS.get(number % COLOURS.size());
    StringBuilder points = new StringBuilder();
    for (Point point : curve.points()) {
      points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point.x()), y(point.y())));
    }
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\""
                + " points=\"%s\"/>",
            colour,
            DASHES.get(number % DASHES.size()),
            points.toString().strip()));
    text(svg, LEFT + 12, TOP + 18 + 18 * number, "start", colour, curve.name());
  }

  private double x(double value) {
    return LEFT + across.part(value) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - up.part(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static void rule(StringBuilder svg, double x1, double y1, double x2, double y2) {
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#d0d7de\"/>",
            x1,
            y1,
            x2,
            y2));
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, String colour, String text) {
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>",
            x,
            y,
            anchor,
            colour,
            escaped(text)));
  }

  private static void line(StringBuilder svg, String line) {
    svg.append(line).append('\n');
  }

  private static String number(double value) {
    return value >= 10
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3f", value).replaceFirst("\\.?0+$", "");
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
