package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page, read as strictly as XML is. */
class LoadReportTest {

  private static final Set<String> ELEMENTS =
      Set.of(
          "html", "head", "meta", "title", "style", "body", "main", "header", "section", "div",
          "details", "summary", "h1", "h2", "p", "span", "strong", "b", "ul", "li", "pre", "table",
          "thead", "tbody", "tr", "th", "td", "svg", "path", "line", "text", "rect");
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "lang",
          "charset",
          "http-equiv",
          "content",
          "name",
          "class",
          "id",
          "role",
          "aria-label",
          "viewBox",
          "preserveAspectRatio",
          "width",
          "height",
          "d",
          "x",
          "y",
          "x1",
          "x2",
          "y1",
          "y2",
          "dy");

  private final Tally tally = new Tally();
  private final List<Violation> violations = new ArrayList<>();

  private String page() {
    LoadRun.Plan plan =
        new LoadRun.Plan(3, 2, 1, 1_200, 60, 100, Duration.ofMillis(15), Duration.ofSeconds(60));
    URI server = URI.create("ws://127.0.0.1:5000/chat?x='onclick='alert(1)&y");
    return new LoadReport(
            new LoadRun.Outcome(List.of(server), plan, Instant.EPOCH, tally, 2_400, violations))
        .html();
  }

  private static Document read(String page) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
    Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    Set<String> elements = new TreeSet<>();
    Set<String> attributes = new TreeSet<>();
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      elements.add(all.item(i).getNodeName());
      for (int j = 0; j < all.item(i).getAttributes().getLength(); j++) {
        attributes.add(all.item(i).getAttributes().item(j).getNodeName());
      }
    }
    elements.removeAll(ELEMENTS);
    attributes.removeAll(ATTRIBUTES);
    assertEquals(Set.of(), elements);
    assertEquals(Set.of(), attributes);
    return document;
  }

  private static Element byId(Document document, String id) {
    NodeList all = document.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      if (((Element) all.item(i)).getAttribute("id").equals(id)) {
        return (Element) all.item(i);
      }
    }
    throw new AssertionError("there is no " + id);
  }

  private static List<List<String>> rows(Document document, String table) {
    List<List<String>> rows = new ArrayList<>();
    NodeList all = byId(document, table).getElementsByTagName("tr");
    for (int i = 0; i < all.getLength(); i++) {
      List<String> row = new ArrayList<>();
      NodeList cells = all.item(i).getChildNodes();
      for (int j = 0; j < cells.getLength(); j++) {
        row.add(cells.item(j).getTextContent());
      }
      rows.add(row);
    }
    return rows;
  }

  /** Twenty seconds with 60 messages each, acknowledged after i ms, for two members. */
  private void run() {
    long start = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      tally.welcomed(start);
    }
    for (int i = 0; i < 1_200; i++) {
      long due = start + TimeUnit.SECONDS.toNanos(i) / 60;
      long now = due + TimeUnit.MICROSECONDS.toNanos(i * 10L);
      tally.sent(due);
      tally.acked(due, now);
      tally.delivered(due, now);
      tally.delivered(due, now + TimeUnit.MILLISECONDS.toNanos(100));
    }
    tally.closes.put(4013, 2);
    tally.errors.put("rate_limited", 7);
  }

  @Test
  void theNumbersAreThoseOfTheRun() throws Exception {
    run();
    Document page = read(page());
    assertTrue(byId(page, "acknowledged").getTextContent().contains("1,200of 1,200"));
    assertTrue(byId(page, "delivered").getTextContent().contains("2,400of 2,400"));
    String ack = byId(page, "due-to-ack").getTextContent();
    assertTrue(ack.contains(LoadReport.millis(tally.toAck.percentile(50)) + "p50"), ack);
    assertTrue(ack.contains("p99 " + LoadReport.millis(tally.toAck.percentile(99))), ack);
    assertTrue(ack.contains("max 12.0 ms"), ack);
    List<String> p999 = rows(page, "percentiles").get(6);
    assertEquals("p99.9", p999.get(0));
    assertEquals(LoadReport.millis(tally.toAck.percentile(99.9)), p999.get(1));
    assertEquals(LoadReport.millis(tally.toMember.percentile(99.9)), p999.get(2));
    assertEquals(
        List.of(
            List.of("", "times"),
            List.of("closed 4013 (too slow)", "2"),
            List.of("error rate_limited", "7")),
        rows(page, "troubles"));
  }

  @Test
  void theSecondsAddUpAndHaveTheTimesOfWhatWasDueInThem() throws Exception {
    run();
    List<List<String>> rows = rows(read(page()), "seconds");
    assertEquals(
        List.of("", "connected", "lost", "sent", "acks", "deliveries", "p50", "p99", "max"),
        rows.get(0));
    int[] sums = new int[5];
    for (List<String> row : rows.subList(1, rows.size())) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += Integer.parseInt(row.get(i + 1));
      }
    }
    assertEquals("[3, 0, 1200, 1200, 2400]", java.util.Arrays.toString(sums));
    Timeline.Step eighth = tally.timeline.steps().get(8);
    assertEquals("8 s", rows.get(9).get(0));
    assertEquals(LoadReport.millis(eighth.toMember.percentile(50)), rows.get(9).get(6));
    assertEquals(LoadReport.millis(eighth.toMember.max()), rows.get(9).get(8));
  }

  @Test
  void textsOfOthersAreNothingButText() throws Exception {
    run();
    String script = "</pre></title><script>alert(1)</script>";
    String image = "\"><img src=x onerror=alert(1)>\u202e\u0000\ud800";
    tally.errors.put(script + image, 1);
    violations.add(new Violation(Violation.Kind.LOST, image, script, List.of(script, image)));
    Document page = read(page());
    String shown = page.getDocumentElement().getTextContent();
    assertTrue(shown.contains(script), shown);
    assertTrue(shown.contains("<img src=x onerror=alert(1)>\\u202e\\u0000\\ud800"), shown);
    assertTrue(shown.contains("x='onclick='alert(1)&y"), shown);
    assertTrue(byId(page, "troubles").getTextContent().contains("error " + script));
  }

  @Test
  void nothingIsLoadedFromElsewhereAndNoScriptMayRun() {
    run();
    String page = page();
    assertTrue(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
    for (String way : List.of("src=", "href", "url(", "@import", "http:", "https:", "<script")) {
      assertFalse(page.contains(way), way);
    }
  }

  @Test
  void aRunWithoutDeliveriesIsToldOfToo() throws Exception {
    tally.closes.put(1006, 40);
    violations.add(
        new Violation(Violation.Kind.STUCK, "the run", "only 0 of 3 clients", List.of()));
    String html = page();
    Document page = read(html);
    assertTrue(byId(page, "delivered").getTextContent().contains("0of 2,400, 0 a second"));
    assertTrue(byId(page, "due-to-ack").getTextContent().contains("none"));
    assertTrue(html.contains("only 0 of 3 clients"));
    assertTrue(html.contains("closed 1006 (no connection, or it broke)"));
    assertTrue(html.contains("There were none."));
    assertFalse(html.contains("NaN") || html.contains("Infinity"), html);
  }

  @Test
  void onePublicationIsEnoughForEveryPlot() throws Exception {
    long now = System.nanoTime();
    tally.sent(now);
    tally.acked(now, now);
    tally.delivered(now, now);
    String html = page();
    read(html);
    assertFalse(html.contains("NaN") || html.contains("Infinity"), html);
  }
}
