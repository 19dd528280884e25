package dev.roomcast.examples.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** The demo as a process of its own, with its workers. Confined to the test's thread. */
final class DemoProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;
  private final List<String> lines = new ArrayList<>();
  private final String url;

  private DemoProcess(Process process) throws IOException {
    this.process = process;
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = "";
    while (!line.startsWith("roomcast listening on ")) {
      line = out.readLine();
      Assertions.assertNotNull(line, "ended before it listened: " + lines);
      lines.add(line);
    }
    url = line.split(" ")[3];
  }

  static DemoProcess start(Path data, String... options) throws IOException {
    return start(data, ProcessBuilder.Redirect.INHERIT, Map.of(), options);
  }

  /** Starts it with its log and its variables. */
  static DemoProcess start(
      Path data, ProcessBuilder.Redirect log, Map<String, String> variables, String... options)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Demo.class.getName(),
                "--port",
                "0",
                "--data",
                data.toString()));
    command.addAll(List.of(options));
    if (!variables.containsKey("ROOMCAST_REHEARSE")) {
      command.addAll(List.of("--rehearse", "0")); // only the test that is about it waits for it
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log);
    builder.environment().keySet().removeIf(name -> name.matches("REDIS_URL|ROOMCAST_.*"));
    builder.environment().putAll(variables);
    return new DemoProcess(builder.start());
  }

  String url() {
    return url;
  }

  List<String> lines() {
    return lines;
  }

  /** The flags of its JVM, as they are now. */
  Map<String, String> flags() throws IOException {
    Map<String, String> flags = new HashMap<>();
    jvm("VM.flags", "-all").stream()
        .map(line -> line.split("\\s+"))
        .filter(words -> words.length > 3 && words[2].equals("="))
        .forEach(words -> flags.put(words[1], words[3]));
    return flags;
  }

  /** What its JVM answers to a command of {@code jcmd}. */
  List<String> jvm(String... question) throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    List<String> command = new ArrayList<>(List.of(jcmd, Long.toString(process.pid())));
    command.addAll(List.of(question));
    Process asking = new ProcessBuilder(command).start();
    try (BufferedReader answer =
        new BufferedReader(
            new InputStreamReader(asking.getInputStream(), StandardCharsets.UTF_8))) {
      return answer.lines().map(String::trim).toList();
    }
  }

  /** The worker processes. */
  List<ProcessHandle> workers() {
    return process
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** The process of Redis. */
  ProcessHandle redis() {
    return process
        .children()
        .filter(child -> child.info().command().orElse("").contains("redis"))
        .findFirst()
        .orElseThrow();
  }

  /** Sends SIGTERM and returns the exit code. */
  int end() throws InterruptedException {
    terminate();
    return awaitEnd();
  }

  /** What it prints after the line that it listens, until it ends. */
  List<String> restOfOutput() {
    return out.lines().toList();
  }

  /** Sends SIGTERM, and waits for nothing; what it prints can still be read. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Sends SIGHUP. */
  void hangUp() throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
    Assertions.assertEquals(0, code);
  }

  /** Waits for the end and returns the exit code. */
  int awaitEnd() throws InterruptedException {
    Assertions.assertTrue(process.waitFor(30, TimeUnit.SECONDS), "does not end");
    return process.exitValue();
  }

  /** The command line of a process. */
  static String line(ProcessHandle process) {
    return process.info().commandLine().orElseThrow();
  }

  /** Ends the parent as a crash does; the workers find out by themselves. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
  }
}
