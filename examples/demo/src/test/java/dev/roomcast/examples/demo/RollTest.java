package dev.roomcast.examples.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP to a parent: the workers are replaced one by one, or stay. */
class RollTest {

  @TempDir Path folder;

  @BeforeEach
  void onlyWhereProcessesShareAPort() {
    Assumptions.assumeTrue(Workers.sharesPort(), "SO_REUSEPORT");
  }

  private DemoProcess start(String... options) throws IOException {
    return DemoProcess.start(
        folder.resolve("redis"),
        ProcessBuilder.Redirect.to(folder.resolve("log").toFile()),
        Map.of("ROOMCAST_LIMITS_DRAIN", "1s"),
        options);
  }

  private void awaitLog(String text) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> Files.readString(folder.resolve("log")).contains(text));
  }

  private static Set<Long> pids(DemoProcess demo) {
    return demo.workers().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
  }

  @Test
  void theWorkersAreReplacedWhileOneIsAlwaysThereAndASecondSighupWaits() throws Exception {
    try (DemoProcess demo = start("--workers", "2")) {
      Set<Long> before = pids(demo);
      demo.hangUp();
      awaitLog("told to replace the 2 workers");
      demo.hangUp();
      awaitLog("once more after that");
      Publisher ann = new Publisher(demo.url(), "Ann");
      ann.publish("general", "during the roll");
      awaitLog("all 2 workers are replaced");
      Set<Long> both = new HashSet<>(pids(demo));
      both.retainAll(before);
      assertEquals(Set.of(), both);
      Publisher bob = new Publisher(demo.url(), "Bob");
      bob.publish("general", "after the roll");
      assertEquals(0, demo.end());
    }
  }

  @Test
  void aNewWorkerThatDoesNotStartLeavesTheOldOnesInPlaceAndTheLogSaysWhy() throws Exception {
    Path keys = Files.writeString(folder.resolve("keys"), "a-key-of-an-application");
    try (DemoProcess demo = start("--workers", "2", "--api-key-file", keys.toString())) {
      Set<Long> before = pids(demo);
      Files.delete(keys);
      demo.hangUp();
      awaitLog("the old one stays");
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> pids(demo).equals(before));
      Publisher ann = new Publisher(demo.url(), "Ann");
      ann.publish("general", "as ever");
      assertEquals(0, demo.end());
    }
  }

  @Test
  void aSigtermDuringARollEndsAllOfThem() throws Exception {
    List<ProcessHandle> all;
    try (DemoProcess demo = start("--workers", "2")) {
      demo.hangUp();
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> demo.workers().size() == 3);
      all = demo.workers();
      assertEquals(0, demo.end());
    }
    assertTrue(all.stream().noneMatch(ProcessHandle::isAlive), "a worker was left behind");
  }

  @Test
  void workersRunACopyOfTheJarAsItWas() throws Exception {
    Path jar = folder.resolve("demo.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("dev/roomcast/examples/demo/Demo.class"));
    }
    byte[] then = Files.readAllBytes(jar);
    Program.loadAll(jar.toString());
    String copy;
    try (Program program = Program.now(jar.toString())) {
      copy = program.classPath();
      assertNotEquals(jar.toString(), copy);
      Files.writeString(jar, "another one");
      assertEquals(then.length, Files.size(Path.of(copy)));
    }
    assertTrue(Files.notExists(Path.of(copy)));
    String several = "classes" + File.pathSeparator + jar;
    try (Program program = Program.now(several)) {
      assertEquals(several, program.classPath());
    }
  }
}
