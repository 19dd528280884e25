package dev.roomcast.examples.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that serve one port together, each looked after by a thread: one that died is started
 * again, after a pause that grows while it does not live for long, see {@link Restarts}.
 *
 * <p>On Linux the system spreads connections over all listeners of a port. Elsewhere it does not,
 * and each worker has a port of its own, counted up from the first. Guarded by "this".
 */
final class Workers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Workers.class);
  private static final Duration BEYOND_DRAIN = Duration.ofSeconds(5);

  private final String host;
  private final int port;
  private final Map<String, String> variables;
  private final Duration drain;
  private final @Nullable SocketChannel reserved;
  private final @Nullable Process[] processes;
  private final CountDownLatch listening;
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean failed;
  private boolean closing;

  private Workers(
      int count,
      String host,
      int port,
      Map<String, String> variables,
      Duration drain,
      @Nullable SocketChannel reserved) {
    this.host = host;
    this.port = port;
    this.variables = Map.copyOf(variables);
    this.drain = drain;
    this.reserved = reserved;
    this.processes = new Process[count];
    this.listening = new CountDownLatch(count);
  }

  /**
   * Starts the processes; their settings are variables, because anybody can read a command line.
   */
  static Workers start(
      int count, String host, int port, Map<String, String> variables, Duration drain)
      throws IOException {
    SocketChannel reserved = sharesPort() ? reserve(host, port) : null;
    int chosen =
        reserved != null && reserved.getLocalAddress() instanceof InetSocketAddress address
            ? address.getPort()
            : port;
    Workers workers = new Workers(count, host, chosen, variables, drain, reserved);
    for (int i = 0; i < count; i++) {
      int number = i;
      Thread thread = new Thread(() -> workers.lookAfter(number), "roomcast-worker-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    return workers;
  }

  /** Whether the system spreads the connections to a port over the processes that listen on it. */
  static boolean sharesPort() {
    return System.getProperty("os.name", "").startsWith("Linux");
  }

  /** Binds the port without listening on it: nobody else takes it while workers are restarted. */
  private static SocketChannel reserve(String host, int port) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      return channel.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "cannot listen on " + host + ":" + port + " (" + e.getMessage() + "); try --port 0", e);
    }
  }

  private void lookAfter(int number) {
    Restarts restarts = new Restarts();
    while (!restarts.hopeless()) {
      try {
        TimeUnit.NANOSECONDS.sleep(restarts.pause().toNanos());
        long began = System.nanoTime();
        Process process = launch(number);
        if (process == null) {
          return;
        }
        boolean listened = readUntilEnd(process);
        int code = process.waitFor();
        if (isClosing()) {
          return;
        }
        restarts.ended(listened, Duration.ofNanos(System.nanoTime() - began));
        log.warn(
            "worker {} ended with code {}; it is started again after {} ms",
            number,
            code,
            restarts.pause().toMillis());
      } catch (IOException e) {
        log.warn("worker {} cannot be started: {}", number, e.getMessage());
        restarts.ended(false, Duration.ZERO);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    log.error("worker {} does not get to listen: giving up", number);
    synchronized (this) {
      failed = true;
    }
    ended.countDown();
    while (listening.getCount() > 0) {
      listening.countDown();
    }
  }

  private synchronized @Nullable Process launch(int number) throws IOException {
    if (closing) {
      return null;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // An agent may want a port or a file for itself.
      if (!argument.startsWith("-agentlib") && !argument.startsWith("-javaagent")) {
        command.add(argument);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Demo.class.getName()));
    command.add("--worker");
    command.addAll(List.of("--host", host, "--port", Integer.toString(portOf(number))));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().keySet().removeIf(Settings::isVariable);
    builder.environment().putAll(variables);
    Process process = builder.start();
    processes[number] = process;
    return process;
  }

  private boolean readUntilEnd(Process process) throws IOException {
    boolean listened = false;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      while (lines.readLine() != null) {
        // The only line that a worker prints says that it listens.
        if (!listened) {
          listened = true;
          listening.countDown();
        }
      }
    }
    return listened;
  }

  private int portOf(int number) {
    return sharesPort() || port == 0 ? port : port + number;
  }

  /** Whether one of them could not be started. */
  synchronized boolean failed() {
    return failed;
  }

  private synchronized boolean isClosing() {
    return closing;
  }

  /** Waits until every worker has listened once, or one never will. */
  void awaitListening() throws InterruptedException, IOException {
    listening.await();
    if (failed()) {
      throw new IOException("the workers cannot be started, see above");
    }
  }

  /** Waits for the end and returns the exit code. */
  int awaitEnd() throws InterruptedException {
    ended.await();
    return failed() ? 1 : 0;
  }

  /** Where they listen; several places where the system does not spread connections. */
  String urls() {
    return IntStream.range(0, sharesPort() ? 1 : processes.length)
        .mapToObj(number -> "http://" + host + ":" + portOf(number))
        .collect(Collectors.joining(", "));
  }

  /** Ends all without a drain, and does not wait. */
  synchronized void kill() {
    closing = true;
    for (Process process : processes) {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }

  @Override
  public void close() {
    end();
  }

  /** Has all drain and end, and waits for that. Idempotent. */
  void end() {
    List<Process> running = new ArrayList<>();
    synchronized (this) {
      closing = true;
      for (Process process : processes) {
        if (process != null) {
          running.add(process);
        }
      }
    }
    running.forEach(Process::destroy);
    try {
      long deadline = System.nanoTime() + drain.plus(BEYOND_DRAIN).toNanos();
      for (Process process : running) {
        if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          log.warn("worker {} did not end in time and was killed", process.pid());
          process.destroyForcibly();
        }
      }
      if (reserved != null) {
        reserved.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.debug("the reserved port could not be given back", e);
    }
    ended.countDown();
  }
}
