package dev.roomcast.chat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes client frames that are right, nearly right, or broken. Immutable.
 *
 * <p>The grammar knows the fields, not which command they belong to: so each meets every other.
 */
final class FuzzFrames implements Fuzz.Maker<String> {

  private static final Pattern EXAMPLE =
      Pattern.compile("```json client\n(.*?)\n```", Pattern.DOTALL);
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-0",
          "1",
          "-1",
          "7",
          "41",
          "500",
          "501",
          "1.0",
          "1.5",
          "1e3",
          "1E+2",
          "1e-1",
          "1e400",
          "1e999999999",
          "-1e-999999999",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551616",
          "0.1e1",
          "\"\"",
          "\"a\"",
          "\"general\"",
          "\"text\"",
          "\"action\"",
          "\"k3\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\ud83d\\ude00\"",
          "\"\\u202e\"",
          "\"\\ufeff\"",
          "\"\ud800\"",
          "\"dm:u42\"",
          "\"ü€😀\"",
          "[]",
          "{}",
          "[[[[]]]]",
          "{\"offset\":41,\"epoch\":\"k3\"}",
          "{\"offset\":-1,\"epoch\":\"\"}",
          "{\"offset\":1e2,\"epoch\":\"e\"}",
          "{\"epoch\":1}",
          "[1,\"two\",{\"three\":3}]");

  private final List<String> corpus;
  private final List<String> types = new ArrayList<>();
  private final List<String> fields = new ArrayList<>();

  /** Takes types and fields out of the examples of the protocol and of the corpus. */
  FuzzFrames() throws IOException {
    corpus = new ArrayList<>(Fuzz.corpus("commands.txt"));
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("PROTOCOL.md")));
    while (example.find()) {
      corpus.add(example.group(1).replaceAll("\\s*\n\\s*", ""));
    }
    for (String frame : corpus) {
      Matcher field = Pattern.compile("\"(\\w{1,20})\" ?:").matcher(frame);
      while (field.find()) {
        fields.add(field.group(1));
      }
      Matcher type = Pattern.compile("\"type\" ?: ?(\"\\w+\")").matcher(frame);
      while (type.find()) {
        types.add(type.group(1));
      }
    }
  }

  List<String> corpus() {
    return corpus;
  }

  @Override
  public String make(Random random) {
    String frame = random.nextBoolean() ? Fuzz.pick(random, corpus) : frame(random);
    return random.nextInt(3) == 0 ? frame : Fuzz.mutated(random, frame, corpus);
  }

  private String frame(Random random) {
    StringBuilder frame = new StringBuilder("{\"type\":").append(Fuzz.pick(random, types));
    if (random.nextInt(4) > 0) {
      frame.append(",\"room\":\"general\"");
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      frame.append(",\"").append(Fuzz.pick(random, fields)).append("\":");
      frame.append(value(random, 3));
    }
    return frame.append('}').toString();
  }

  private String value(Random random, int depth) {
    return switch (random.nextInt(12)) {
      case 0 -> '"' + "x".repeat(random.nextInt(300)) + '"';
      case 1 -> Long.toString(random.nextLong());
      case 2 -> depth == 0 ? "[]" : "[" + value(random, depth - 1) + "]";
      case 3 ->
          depth == 0
              ? "{}"
              : "{\"" + Fuzz.pick(random, fields) + "\":" + value(random, depth - 1) + "}";
      case 4 -> "[".repeat(random.nextInt(100)) + "]".repeat(random.nextInt(100));
      default -> Fuzz.pick(random, VALUES);
    };
  }
}
