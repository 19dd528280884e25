package dev.roomcast.examples.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/** Curves as SVG. */
class ChartTest {

  @Test
  void titlesAreEscapedAndTheFileIsXml() throws Exception {
    String svg =
        new Chart(
                "a <b> & \"c\"",
                new Chart.Axis("x < y", 0, 10, false),
                new Chart.Axis("n", 1, 100, true))
            .curve(
                "</svg><script>",
                List.of(new Chart.Point(0, 1), new Chart.Point(5, 10), new Chart.Point(99, 1e9)))
            .svg();
    assertFalse(svg.contains("<script>"), svg);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertEquals("a <b> & \"c\"", document.getElementsByTagName("title").item(0).getTextContent());
    String points =
        document
            .getElementsByTagName("polyline")
            .item(0)
            .getAttributes()
            .getNamedItem("points")
            .getTextContent();
    // The corner, the middle of both axes, and what is beyond them at their ends.
    assertEquals("70.0,350.0 332.5,195.0 595.0,40.0", points);
    assertTrue(svg.contains(">100</text>"), "the marks of a logarithmic axis");
  }
}
