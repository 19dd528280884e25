package dev.roomcast.examples.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server as a child process, on a loopback port and a folder that stay the same however
 * often it is killed and started again: {@code redis-server} from the PATH, or the bundled one.
 *
 * <p>It writes {@code redis.log} into the folder. Guarded by "this".
 */
public final class RedisProcess implements AutoCloseable {

  private static final long SECONDS = 30;
  private static final long POLL_MS = 20;

  private final Path folder;
  private final int port;
  private final String password;
  private final List<String> command;
  private @Nullable Process process;

  private RedisProcess(Path folder, int port, String password, List<String> command) {
    this.folder = folder;
    this.port = port;
    this.password = password;
    this.command = command;
  }

  /** Whether there is a server to start on this system. */
  public static boolean available() {
    String path = searchPath();
    return isOn(path, "redis-server") || RedisProcess.class.getResource(bundled()) != null;
  }

  /** Starts a server that has no password. */
  public static RedisProcess start(Path folder, List<String> arguments)
      throws IOException, InterruptedException {
    RedisProcess redis = prepare(folder, "", arguments);
    redis.start();
    return redis;
  }

  /**
   * Chooses a port and a program for a server that does not run yet.
   *
   * @param folder an existing folder for its data, its log, and the program when it is unpacked
   * @param password what {@code arguments} or their file make it ask for, empty for none
   * @param arguments of its command line, after which come port, address and folder
   */
  public static RedisProcess prepare(Path folder, String password, List<String> arguments)
      throws IOException {
    return prepare(folder, password, arguments, searchPath());
  }

  /** Prepares a server without a password that is the bundled one, whatever is on the PATH. */
  public static RedisProcess prepareBundled(Path folder, List<String> arguments)
      throws IOException {
    return prepare(folder, "", arguments, "");
  }

  static RedisProcess prepare(Path folder, String password, List<String> arguments, String path)
      throws IOException {
    Path where = folder.toAbsolutePath().normalize();
    int port = Ports.free();
    List<String> command = new ArrayList<>();
    // Ctrl-C goes to the whole group: who started Redis decides when it ends.
    if (isOn(path, "setsid")) {
      command.add("setsid");
    }
    command.add(isOn(path, "redis-server") ? "redis-server" : unpacked(where).toString());
    command.addAll(arguments);
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", where.toString()));
    return new RedisProcess(where, port, password, List.copyOf(command));
  }

  private static String searchPath() {
    return System.getenv().getOrDefault("PATH", "");
  }

  private static boolean isOn(String path, String program) {
    return Stream.of(path.split(File.pathSeparator))
        .anyMatch(entry -> !entry.isEmpty() && Files.isExecutable(Path.of(entry, program)));
  }

  private static String system() {
    String name = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    return name.toLowerCase(Locale.ROOT);
  }

  /** The resource with the server for this system. */
  private static String bundled() {
    return switch (system()) {
      case "linux amd64" -> "/redis-server-6.2.6-v5-linux-amd64";
      case "linux aarch64" -> "/redis-server-6.2.7-linux-arm64";
      case "mac os x x86_64" -> "/redis-server-6.2.6-v5-darwin-amd64";
      case "mac os x aarch64" -> "/redis-server-6.2.6-v5-darwin-arm64";
      default -> "/none";
    };
  }

  private static Path unpacked(Path folder) throws IOException {
    try (InputStream in = RedisProcess.class.getResourceAsStream(bundled())) {
      if (in == null) {
        throw new IOException(
            "no redis-server on the PATH, and none is bundled for " + system() + "; give --redis");
      }
      Path program = folder.resolve("redis-server");
      Files.copy(in, program, StandardCopyOption.REPLACE_EXISTING);
      if (!program.toFile().setExecutable(true)) {
        throw new IOException(program + " cannot be made executable");
      }
      return program;
    }
  }

  /** Starts the server, for the first time or again, and waits until it has read its data. */
  public synchronized void start() throws IOException, InterruptedException {
    if (isAlive()) {
      throw new IllegalStateException("this Redis runs already");
    }
    File log = folder.resolve("redis.log").toFile();
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!answers()) {
      if (!isAlive() || System.nanoTime() > deadline) {
        kill();
        throw new IOException("Redis does not start, see " + log);
      }
      Thread.sleep(POLL_MS);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      String question = password.isEmpty() ? "PING\r\n" : "AUTH " + password + "\r\nPING\r\n";
      String expected = password.isEmpty() ? "+PONG" : "+OK\r\n+PONG";
      socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(expected.length());
      return new String(answer, StandardCharsets.US_ASCII).equals(expected);
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends the server as a crash does (SIGKILL), if it runs. */
  public synchronized void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  /** Stops the server from doing anything (SIGSTOP); its connections stay. */
  public void pause() throws IOException, InterruptedException {
    signal("-STOP");
  }

  /** Ends a pause (SIGCONT). */
  public void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, Long.toString(pid())).start().waitFor();
  }

  /** Whether the process is there; it may be paused. */
  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** The process that runs, or ran last. */
  public synchronized long pid() {
    return Objects.requireNonNull(process, "this Redis was never started").pid();
  }

  /** The port, on the loopback address. */
  public int port() {
    return port;
  }

  /** The folder with the server's files. */
  public Path folder() {
    return folder;
  }

  /** Ends the server (SIGTERM), which writes what it has first. Idempotent. */
  @Override
  public synchronized void close() {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "redis://127.0.0.1:" + port;
  }
}
