package dev.roomcast.examples.load;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prints a judgement for people. Stateless. */
final class Verdict {

  private static final int SHOWN = 3;

  /** What is kept when nothing is broken. */
  static final String ORDER = "no loss, no duplicate, no hole, the same order everywhere";

  private Verdict() {}

  static void print(PrintStream out, String kept, List<Violation> violations) {
    if (violations.isEmpty()) {
      out.println("kept          " + kept);
      return;
    }
    Map<Violation.Kind, List<Violation>> byKind = new TreeMap<>();
    violations.forEach(
        violation ->
            byKind
                .computeIfAbsent(violation.kind(), kind -> new java.util.ArrayList<>())
                .add(violation));
    byKind.forEach(
        (kind, all) -> {
          out.printf("BROKEN        %s, %d times: %s%n", kind, all.size(), kind.meaning);
          all.stream()
              .sorted(Comparator.comparingInt(violation -> violation.evidence().size()))
              .limit(SHOWN)
              .forEach(
                  violation -> {
                    out.println("  " + violation.where() + ": " + violation.what());
                    violation.evidence().forEach(line -> out.println("    " + line));
                  });
        });
  }
}
