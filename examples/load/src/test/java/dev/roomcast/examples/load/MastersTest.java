package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A short run on clusters of one and of two masters. */
class MastersTest {

  @Test
  void everyMasterCarriesItsPartAndNothingIsLost() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code =
        Load.run(
            out,
            out,
            "masters --counts 1,2 --nodes 1 --clients 12 --rooms 12 --window 12 --seconds 1"
                .split(" "));
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(Load.KEPT, code, printed);
    List<List<String>> rows =
        printed
            .lines()
            .filter(line -> line.matches("\\| \\d.*"))
            .map(line -> List.of(line.split(" \\| ")))
            .toList();
    assertEquals(2, rows.size(), printed);
    for (int masters = 1; masters <= 2; masters++) {
      List<String> row = rows.get(masters - 1);
      assertEquals("| " + masters, row.get(0), printed);
      double messages = number(row.get(1));
      assertTrue(messages > 0, printed);
      // Each room has two members, and what is delivered just before the end is told just after it.
      assertEquals(2, number(row.get(2)) / messages, 0.5, printed);
      String[] each = row.get(8).replace("|", "").split(";");
      assertEquals(masters, each.length, printed);
      Stream.of(each).forEach(one -> assertTrue(number(one.strip().split(" ")[0]) > 0, printed));
      double shares = Stream.of(each).mapToDouble(one -> number(one.strip().split(" ")[0])).sum();
      assertEquals(100, shares, 1, printed);
    }
  }

  private static double number(String text) {
    return Double.parseDouble(text.replace(",", "").strip());
  }

  @Test
  void anImpossibleNumberOfMastersIsABadOption() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertEquals(Load.BAD_OPTIONS, Load.run(out, out, "masters", "--counts", "1,0"));
    assertTrue(bytes.toString(StandardCharsets.UTF_8).contains("--counts: 1 to 16 expected"));
  }
}
