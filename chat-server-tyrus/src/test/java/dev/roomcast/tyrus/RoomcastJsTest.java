package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Runs the tests of the browser client, which are JavaScript, where there is a Node. */
class RoomcastJsTest {

  private static final int LEAST_NODE = 20;

  @Test
  void theBrowserClientPassesItsOwnTests() throws Exception {
    requireNode();
    Path tests = Path.of("src", "test", "js", "roomcast.test.mjs");
    assertEquals(0, run(List.of("node", "--test", tests.toString())).code());
  }

  private static void requireNode() throws IOException, InterruptedException {
    boolean isOnPath =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
    if (isOnPath && major(run(List.of("node", "--version")).output()) >= LEAST_NODE) {
      return;
    }
    String skipped = "skipped: no node of version " + LEAST_NODE + " or later on the PATH";
    System.out.println(skipped);
    if (Set.of(System.getProperty("roomcast.require", "").split(",")).contains("node")) {
      throw new AssertionError(skipped);
    }
    Assumptions.abort(skipped);
  }

  private static int major(String version) {
    return Integer.parseInt(version.strip().replaceFirst("^v(\\d+).*$", "$1"));
  }

  private static Ended run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      System.out.println(output);
    }
    return new Ended(code, output);
  }

  private record Ended(int code, String output) {}
}
