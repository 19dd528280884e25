package dev.roomcast.tyrus;

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

/** Every test that SECURITY.md names is there. */
class SecurityDocumentTest {

  private static final Pattern PROOF = Pattern.compile("`(\\w+(?:Test|Contract))(?:\\.(\\w+))?`");

  @Test
  void everyTestThatShowsADefenceExists() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String module : List.of("chat-core", "chat-redis", "chat-server-tyrus", "examples/demo")) {
      try (Stream<Path> files =
          Files.walk(Path.of("..").resolve(module).resolve("src/test/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
        }
      }
    }
    List<String> missing = new ArrayList<>();
    int proofs = 0;
    Matcher proof = PROOF.matcher(Files.readString(Path.of("../SECURITY.md")));
    while (proof.find()) {
      proofs++;
      String source = sources.getOrDefault(proof.group(1), "");
      String method = proof.group(2);
      if (source.isEmpty() || method != null && !source.contains(" void " + method + "(")) {
        missing.add(proof.group());
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(proofs > 30, "only " + proofs + " tests were found");
  }
}
