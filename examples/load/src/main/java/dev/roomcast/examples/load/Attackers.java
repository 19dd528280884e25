package dev.roomcast.examples.load;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The attackers as a process of their own: what they do must not delay those who measure. Where the
 * system can, it has a lower priority, for a stranger's computer has processors of its own.
 * Confined to one thread.
 */
final class Attackers implements AutoCloseable {

  private static final Path NICE = Path.of("/usr/bin/nice");

  private final Process process;
  private final PrintStream orders;
  private final BufferedReader answers;

  private Attackers(Process process) {
    this.process = process;
    this.orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts the process.
   *
   * @param rooms where the honest are
   * @param log where its standard error goes
   */
  static Attackers start(URI server, List<String> rooms, File log) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(NICE)) {
      command.addAll(List.of(NICE.toString(), "-n", "10"));
    }
    command.addAll(
        ServerProcess.java(
            List.of("-Xmx256m"),
            Load.class,
            List.of("attack", "--server", server.toString(), "--rooms", String.join(",", rooms))));
    return new Attackers(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log)).start());
  }

  void begin(Attack attack) {
    orders.println(attack.name());
  }

  /** Ends the attack and tells what became of the attackers. */
  String end() throws IOException {
    orders.println(AttackCommand.END);
    String outcomes = answers.readLine();
    if (outcomes == null) {
      throw new IOException("the attackers' process ended by itself");
    }
    return outcomes;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
