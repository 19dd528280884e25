package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChartTest {

  private static List<String> names(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::name).toList();
  }

  private static String html(Axis y, Chart.Point... points) {
    Axis x = Axis.time(10);
    return new Chart("x", x, y, List.of(new Chart.Line("p50", List.of(points))), List.of()).html();
  }

  @Test
  void pointsAreWhereTheirValuesAre() {
    Axis y = Axis.of(100, "");
    String html = html(y, new Chart.Point(0, 0), new Chart.Point(5, 50), new Chart.Point(10, 100));
    assertTrue(html.contains("d=\"M0.0 240.0h.1L500.0 120.0L1000.0 0.0\""), html);
  }

  @Test
  void aLineHasGapsAndAPointBetweenTwoIsSeen() {
    String html =
        html(
            Axis.of(100, ""),
            new Chart.Point(0, Double.NaN),
            new Chart.Point(5, 50),
            new Chart.Point(10, Double.NaN));
    assertTrue(html.contains("d=\"M500.0 120.0h.1\""), html);
  }

  @Test
  void aPowerOfTenIsAsLongAsTheNext() {
    Axis axis = Axis.millis(3, 700);
    assertEquals(List.of("1 ms", "10 ms", "100 ms", "1 s"), names(axis));
    assertEquals(2.0 / 3, axis.part(100), 1e-9);
    assertEquals(0, axis.part(0), 1e-9);
    assertEquals(1, axis.part(5_000), 1e-9);
  }

  @Test
  void aNineIsAsLongAsTheNext() {
    Axis axis = Axis.percentiles(10_000);
    assertEquals(List.of("50%", "90%", "99%", "99.9%", "99.99%"), names(axis));
    assertEquals(0.5, axis.part(Axis.nines(99)), 1e-9);
    assertEquals(99.9, Axis.percent(Axis.nines(99.9)), 1e-9);
  }

  @Test
  void axesHaveFewRoundNames() {
    assertEquals(List.of("0 s", "5 s", "10 s", "15 s", "20 s", "25 s"), names(Axis.time(29)));
    assertEquals(List.of("0", "5k", "10k", "15k", "20k", "25k", "30k"), names(Axis.of(28_000, "")));
    assertEquals(List.of("0", "1"), names(Axis.of(0, "")));
  }
}
