package dev.roomcast.examples.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Lines over two axes as SVG, of any width: the lines stretch, the letters do not. Immutable.
 *
 * @param name what it shows, for who cannot see it
 * @param spots what is told of a stretch of the x axis when it is pointed at
 */
record Chart(String name, Axis x, Axis y, List<Line> lines, List<Spot> spots) {

  private static final int WIDTH = 1_000;
  private static final int HEIGHT = 240;

  /** One line, with gaps where {@code y} is not a number. Immutable. */
  record Line(String name, List<Point> points) {
    Line {
      points = List.copyOf(points);
    }
  }

  /** A place. Immutable. */
  record Point(double x, double y) {}

  /** From a place on the x axis to another one, and what is to be told of it. Immutable. */
  record Spot(double from, double to, String text) {}

  Chart {
    lines = List.copyOf(lines);
    spots = List.copyOf(spots);
  }

  /** Returns it with its legend, as part of a page. */
  String html() {
    StringBuilder html = new StringBuilder("<div class=\"legend\">");
    for (int i = 0; i < lines.size(); i++) {
      html.append("<span><svg class=\"key\" viewBox=\"0 0 26 4\"><path class=\"line l")
          .append(i)
          .append("\" d=\"M1 2H25\"/></svg>")
          .append(Markup.text(lines.get(i).name()))
          .append("</span>");
    }
    html.append("</div><div class=\"chart\"><svg class=\"axes\" role=\"img\" aria-label=\"")
        .append(Markup.text(name))
        .append("\">");
    ticks(html);
    html.append("<svg width=\"100%\" height=\"100%\" viewBox=\"0 0 ")
        .append(WIDTH + " " + HEIGHT)
        .append("\" preserveAspectRatio=\"none\">");
    for (int i = 0; i < lines.size(); i++) {
      html.append("<path class=\"line l")
          .append(i)
          .append("\" d=\"")
          .append(path(lines.get(i)))
          .append("\"/>");
    }
    for (Spot spot : spots) {
      double left = x.part(spot.from()) * WIDTH;
      html.append(
              String.format(
                  Locale.ROOT,
                  "<rect class=\"spot\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"><title>",
                  left,
                  x.part(spot.to()) * WIDTH - left,
                  HEIGHT))
          .append(Markup.text(spot.text()))
          .append("</title></rect>");
    }
    return html.append("</svg></svg></div>").toString();
  }

  private void ticks(StringBuilder html) {
    for (Axis.Tick tick : y.ticks()) {
      String at = percent(1 - y.part(tick.value()));
      html.append("<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"" + at + "\" y2=\"" + at + "\"/>")
          .append("<text class=\"y\" x=\"-8\" dy=\"4\" y=\"" + at + "\">")
          .append(Markup.text(tick.name()))
          .append("</text>");
    }
    for (int i = 0; i < x.ticks().size(); i++) {
      Axis.Tick tick = x.ticks().get(i);
      String at = percent(x.part(tick.value()));
      // Where it is narrow, only each second name has room.
      String name = x.ticks().size() > 4 && i % 2 == 1 ? "x less" : "x";
      html.append("<line class=\"grid\" x1=\"" + at + "\" x2=\"" + at + "\" y1=\"0\" y2=\"100%\"/>")
          .append("<text class=\"" + name + "\" x=\"" + at + "\" dy=\"18\" y=\"100%\">")
          .append(Markup.text(tick.name()))
          .append("</text>");
    }
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.2f%%", part * 100);
  }

  private String path(Line line) {
    List<String> path = new ArrayList<>();
    boolean drawing = false;
    for (Point point : line.points()) {
      if (Double.isNaN(point.y())) {
        drawing = false;
        continue;
      }
      String at =
          String.format(
              Locale.ROOT,
              "%.1f %.1f",
              x.part(point.x()) * WIDTH,
              (1 - y.part(point.y())) * HEIGHT);
      // A point that stands alone has to be seen too.
      path.add(drawing ? "L" + at : "M" + at + "h.1");
      drawing = true;
    }
    return String.join("", path);
  }
}
