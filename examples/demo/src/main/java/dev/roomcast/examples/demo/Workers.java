package dev.roomcast.examples.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that serve one port together, each looked after by a thread: one that died is started
 * again, after a pause that grows while it does not live for long, see {@link Restarts}. {@link
 * Roll} replaces them one by one.
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
  private final @Nullable WorkerProcess[] processes;
  private final Set<WorkerProcess> alive = new HashSet<>();
  private final CountDownLatch listening;
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean failed;
  private boolean closing;
  private Program program;

  private Workers(
      int count,
      String host,
      int port,
      Map<String, String> variables,
      Duration drain,
      Program program,
      @Nullable SocketChannel reserved) {
    this.host = host;
    this.port = port;
    this.variables = Map.copyOf(variables);
    this.drain = drain;
    this.reserved = reserved;
    this.program = program;
    this.processes = new WorkerProcess[count];
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
    String classPath = System.getProperty("java.class.path");
    Program.loadAll(classPath);
    Workers workers =
        new Workers(count, host, chosen, variables, drain, Program.now(classPath), reserved);
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
  static SocketChannel reserve(String host, int port) throws IOException {
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
    WorkerProcess process = null;
    while (!restarts.hopeless()) {
      try {
        if (process == null) {
          TimeUnit.NANOSECONDS.sleep(restarts.pause().toNanos());
          process = launch(number, null);
          if (process == null) {
            return;
          }
          process.listening().thenRun(listening::countDown);
        }
        int code = process.await();
        if (isClosing()) {
          return;
        }
        WorkerProcess ended = process;
        process = successor(number, ended);
        if (process == null) {
          restarts.ended(ended.listened(), ended.age());
          log.warn(
              "worker {} ended with code {}, its clients resume on the others; it is started again"
                  + " after {} ms. Look at what it logged last",
              number,
              code,
              restarts.pause().toMillis());
        }
      } catch (IOException e) {
        log.warn(
            "worker {} cannot be started: {}. The others go on, and it is tried again",
            number,
            e.getMessage());
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

  /**
   * Starts a worker, of the program that the others run, or of a newer one, which then does not
   * take its place yet. Returns null when all are about to end.
   */
  synchronized @Nullable WorkerProcess launch(int number, @Nullable Program newer)
      throws IOException {
    if (closing) {
      return null;
    }
    List<String> options =
        new ArrayList<>(List.of("--host", host, "--port", Integer.toString(portOf(number))));
    if (!mayRehearse(processes.length, Runtime.getRuntime().availableProcessors())) {
      options.addAll(List.of(Setting.REHEARSE.option(), "0"));
    }
    WorkerProcess process =
        WorkerProcess.start(newer == null ? program : newer, options, variables);
    alive.removeIf(other -> !other.isAlive());
    alive.add(process);
    if (newer == null) {
      processes[number] = process;
    }
    return process;
  }

  /** Workers that share processors would take them from each other, and from clients. */
  static boolean mayRehearse(int workers, int processors) {
    return workers <= processors;
  }

  /** Gives a worker's place to a new one, and returns the old one. */
  synchronized @Nullable WorkerProcess swap(int number, WorkerProcess fresh, Program newer) {
    if (newer != program) {
      program.close();
      program = newer;
    }
    WorkerProcess old = processes[number];
    processes[number] = fresh;
    return old;
  }

  private synchronized @Nullable WorkerProcess successor(int number, WorkerProcess ended) {
    WorkerProcess now = processes[number];
    return now == ended ? null : now;
  }

  private int portOf(int number) {
    return sharesPort() || port == 0 ? port : port + number;
  }

  /** Whether one of them could not be started. */
  synchronized boolean failed() {
    return failed;
  }

  /** Whether all are about to end. */
  synchronized boolean isClosing() {
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
    boolean tls = variables.containsKey(Settings.variable(Setting.TLS_CERT.key()));
    String scheme = tls ? "https://" : "http://";
    return IntStream.range(0, sharesPort() ? 1 : processes.length)
        .mapToObj(number -> scheme + host + ":" + portOf(number))
        .collect(Collectors.joining(", "));
  }

  /** How many there are. */
  int count() {
    return processes.length;
  }

  /** How long one may take to drain and end. */
  Duration patience() {
    return drain.plus(BEYOND_DRAIN);
  }

  /** Ends all without a drain, and does not wait. */
  synchronized void kill() {
    closing = true;
    alive.forEach(WorkerProcess::kill);
    program.close();
  }

  @Override
  public void close() {
    end();
  }

  /** Has all drain and end, those that are being replaced too, and waits for that. Idempotent. */
  void end() {
    List<WorkerProcess> running;
    synchronized (this) {
      closing = true;
      running = List.copyOf(alive);
    }
    running.forEach(WorkerProcess::terminate);
    try {
      long deadline = System.nanoTime() + patience().toNanos();
      for (WorkerProcess process : running) {
        process.end(Duration.ofNanos(deadline - System.nanoTime()));
      }
      if (reserved != null) {
        reserved.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.debug("the reserved port could not be given back", e);
    }
    synchronized (this) {
      program.close();
    }
    ended.countDown();
  }
}
