package dev.roomcast.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that GUARANTEES.md names as a proof is there. */
class GuaranteesDocumentTest {

  private static final Pattern PROOF = Pattern.compile("`(\\w+(?:Test|Contract))\\.(\\w+)`");

  private static final List<String> MODULES =
      List.of("chat-core", "chat-redis", "chat-server-tyrus", "examples/load", "examples/archive");

  @Test
  void everyProofExists() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "test", "java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          // Two modules may have tests of one name.
          String name = file.getFileName().toString().replace(".java", "");
          sources.merge(name, Files.readString(file), String::concat);
        }
      }
    }
    List<String> missing = new ArrayList<>();
    int proofs = 0;
    Matcher proof = PROOF.matcher(Files.readString(Path.of("GUARANTEES.md")));
    while (proof.find()) {
      proofs++;
      if (!sources.getOrDefault(proof.group(1), "").contains(" void " + proof.group(2) + "(")) {
        missing.add(proof.group());
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(proofs > 30, "only " + proofs + " proofs were found");
  }
}
