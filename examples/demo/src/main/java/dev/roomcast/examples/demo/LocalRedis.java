package dev.roomcast.examples.demo;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server of our own, for workers on this machine: {@code redis-server} from the PATH, or
 * the bundled one. It listens on loopback, wants a password, and keeps its data in a folder.
 *
 * <p>The folder is locked, so that two demos never share it. Confined to one thread, but for {@link
 * #close}.
 */
final class LocalRedis implements AutoCloseable {

  private static final long START_SECONDS = 30;
  private static final long POLL_MS = 20;

  private final Path folder;
  private final FileChannel lock;
  private final Process process;
  private final int port;
  private final String password;

  private LocalRedis(Path folder, FileChannel lock, Process process, int port, String password) {
    this.folder = folder;
    this.lock = lock;
    this.process = process;
    this.port = port;
    this.password = password;
  }

  /** Starts the server on what the folder has, and waits until it has read all of it. */
  static LocalRedis start(Path where) throws IOException, InterruptedException {
    Path folder = where.toAbsolutePath().normalize();
    Files.createDirectories(folder);
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = channel.tryLock();
    if (held == null) {
      channel.close();
      throw new IOException(folder + " is in use by another demo; give --data or --redis");
    }
    endOrphan(folder);
    String password = HexFormat.of().formatHex(randomBytes());
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(folder.resolve("redis.conf"), configuration(folder, port, password));
    Process process =
        new ProcessBuilder(command(folder))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    LocalRedis redis = new LocalRedis(folder, channel, process, port, password);
    redis.awaitAnswer();
    return redis;
  }

  private static byte[] randomBytes() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  private static String configuration(Path folder, int port, String password) {
    String quoted = folder.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return String.join(
        "\n",
        "port " + port,
        "bind 127.0.0.1",
        "requirepass " + password,
        "dir \"" + quoted + "\"",
        "pidfile \"" + quoted + "/redis.pid\"",
        "logfile \"" + quoted + "/redis.log\"",
        "appendonly yes",
        "appendfsync everysec",
        "save \"\"",
        "");
  }

  private static List<String> command(Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    // Ctrl-C goes to the whole group: Redis has to stay until the workers are done.
    if (isOnPath("setsid")) {
      command.add("setsid");
    }
    command.add(isOnPath("redis-server") ? "redis-server" : unpacked(folder).toString());
    command.add(folder.resolve("redis.conf").toString());
    return command;
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
  }

  private static Path unpacked(Path folder) throws IOException {
    String system =
        (System.getProperty("os.name") + " " + System.getProperty("os.arch"))
            .toLowerCase(Locale.ROOT);
    String name =
        switch (system) {
          case "linux amd64" -> "redis-server-6.2.6-v5-linux-amd64";
          case "linux aarch64" -> "redis-server-6.2.7-linux-arm64";
          case "mac os x x86_64" -> "redis-server-6.2.6-v5-darwin-amd64";
          case "mac os x aarch64" -> "redis-server-6.2.6-v5-darwin-arm64";
          default -> "";
        };
    try (InputStream in = name.isEmpty() ? null : resource(name)) {
      if (in == null) {
        throw new IOException(
            "no redis-server on the PATH, and none is bundled for " + system + "; give --redis");
      }
      Path program = folder.resolve("redis-server");
      Files.copy(in, program, StandardCopyOption.REPLACE_EXISTING);
      if (!program.toFile().setExecutable(true)) {
        throw new IOException(program + " cannot be made executable");
      }
      return program;
    }
  }

  private static @Nullable InputStream resource(String name) {
    return LocalRedis.class.getResourceAsStream("/" + name);
  }

  /** Ends the server of a demo that was killed: it would go on writing to our files. */
  private static void endOrphan(Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve("redis.pid");
    if (!Files.exists(file)) {
      return;
    }
    String pid = Files.readString(file).trim();
    Optional<ProcessHandle> orphan =
        pid.matches("[0-9]{1,18}") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
    boolean ours =
        orphan
            .flatMap(process -> process.info().command())
            .filter(command -> command.contains("redis"))
            .isPresent();
    if (ours) {
      orphan.get().destroy();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
      while (orphan.get().isAlive()) {
        if (System.nanoTime() > deadline) {
          throw new IOException("the Redis of an earlier run, process " + pid + ", does not end");
        }
        Thread.sleep(POLL_MS);
      }
    }
    Files.deleteIfExists(file);
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        throw new IOException("Redis does not start, see " + folder.resolve("redis.log"));
      }
      Thread.sleep(POLL_MS);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      String question = "AUTH " + password + "\r\nPING\r\n";
      socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes("+OK\r\n+PONG".length());
      return new String(answer, StandardCharsets.US_ASCII).equals("+OK\r\n+PONG");
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it is, with the password: not for logs. */
  String url() {
    return "redis://:" + password + "@127.0.0.1:" + port;
  }

  Path folder() {
    return folder;
  }

  /** Ends the server, which writes what it has first. Idempotent. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      lock.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "redis://127.0.0.1:" + port;
  }
}
