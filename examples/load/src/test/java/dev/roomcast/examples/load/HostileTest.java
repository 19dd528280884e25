package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of attackers, and that the honest do not notice; speed is for the long run. */
class HostileTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int run(String line) {
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Load.run(print, print, line.split(" "));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private void became(String attack, String... outcomes) {
    String row =
        printed()
            .lines()
            .filter(line -> line.startsWith(attack + " "))
            .findFirst()
            .orElseThrow(() -> new AssertionError(printed()));
    for (String outcome : outcomes) {
      assertTrue(row.contains(outcome), () -> outcome + " in " + row);
    }
  }

  @Test
  void attackersAreThrownOutAndTheHonestDoNotNotice() {
    int code =
        run(
            "hostile --seconds 1 --clients 20 --rate 20 --p99 60000 --attacks unmasked-frame,"
                + "invalid-utf8,oversized-frame,command-flood,rooms-not-joined,deep-json");
    assertEquals(Load.KEPT, code, this::printed);
    became("unmasked-frame", "closed 1002");
    became("invalid-utf8", "closed 1007");
    became("oversized-frame", "closed 1009");
    became("command-flood", "rate_limited ");
    became("rooms-not-joined", "not_in_room ");
    became("deep-json", "bad_json ");
    assertTrue(printed().contains("nobody of them disturbed"), this::printed);
  }

  @Test
  void whoComesAndGoesLeavesNothing() {
    int code = run("soak --connects 2000 --at-a-time 40 --rest 4");
    assertEquals(Load.KEPT, code, this::printed);
    assertTrue(printed().contains("everything is where it was"), this::printed);
  }

  @Test
  void everyAttackHasANameOfItsOwn() {
    List<String> names = Attacks.all(Honest.rooms()).stream().map(Attack::name).toList();
    assertEquals(names.size(), Set.copyOf(names).size());
    assertTrue(names.size() >= 25, names::toString);
  }

  @Test
  void namesThatCollideInJavaAreDifferentNames() {
    String fields = Attacks.sameHashes(64);
    Set<String> names =
        Arrays.stream(fields.split(","))
            .map(field -> field.split(":")[0])
            .collect(Collectors.toSet());
    assertEquals(64, names.size());
    assertEquals(1, names.stream().map(String::hashCode).distinct().count());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hostile --attacks dance",
        "hostile --seconds 0",
        "hostile --clients 5",
        "soak --connects 10",
        "soak --at-a-time 1",
        "soak --rest 0"
      })
  void badOptionsGiveOneLineAndTwo(String line) {
    assertEquals(Load.BAD_OPTIONS, run(line));
    assertEquals(1, printed().lines().count(), this::printed);
  }
}
