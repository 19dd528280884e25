package dev.roomcast.examples.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: a process that says on its output when it listens and when it is ready, and ends when
 * its input does. Thread-safe.
 */
final class WorkerProcess {

  /** What it prints when clients may come, beside the line that says where it listens. */
  static final String READY = "ready";

  private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);

  private final Process process;
  private final long began = System.nanoTime();
  private final CompletableFuture<@Nullable Void> listening = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();

  private final AtomicBoolean told = new AtomicBoolean();

  private WorkerProcess(Process process) {
    this.process = process;
  }

  /** Starts it; settings are variables, because anybody can read a command line. */
  static WorkerProcess start(Program program, List<String> options, Map<String, String> variables)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // An agent may want a port or a file for itself.
      if (!argument.startsWith("-agentlib") && !argument.startsWith("-javaagent")) {
        command.add(argument);
      }
    }
    command.addAll(List.of("-cp", program.classPath(), Demo.class.getName(), "--worker"));
    command.addAll(options);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(Settings::isVariable);
    builder.environment().putAll(variables);
    WorkerProcess worker = new WorkerProcess(builder.start());
    Thread reader = new Thread(worker::read, "roomcast-worker-" + worker.pid());
    reader.setDaemon(true);
    reader.start();
    return worker;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        (line.equals(READY) ? ready : listening).complete(null);
      }
    } catch (IOException e) {
      log.debug("the output of worker {} cannot be read", process.pid(), e);
    }
    IOException over = new IOException("the worker ended");
    listening.completeExceptionally(over);
    ready.completeExceptionally(over);
  }

  /** Ends when it listens, exceptionally when it never will. */
  CompletableFuture<@Nullable Void> listening() {
    return listening;
  }

  /** Ends when it is ready for clients, exceptionally when it never will be. */
  CompletableFuture<@Nullable Void> ready() {
    return ready;
  }

  boolean listened() {
    return listening.isDone() && !listening.isCompletedExceptionally();
  }

  /** How long it has been there. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - began);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** Waits for its end and returns the exit code. */
  int await() throws InterruptedException {
    return process.waitFor();
  }

  /** Has it drain and end, and waits for that so long; then it is killed. */
  void end(Duration patience) throws InterruptedException {
    terminate();
    if (!process.waitFor(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS)) {
      log.warn("worker {} did not end in time and was killed", process.pid());
      kill();
    }
  }

  /** Has it drain and end. It is told once: a second time would be to end at once. */
  void terminate() {
    if (told.compareAndSet(false, true)) {
      process.toHandle().destroy();
    }
  }

  void kill() {
    process.destroyForcibly();
  }
}
