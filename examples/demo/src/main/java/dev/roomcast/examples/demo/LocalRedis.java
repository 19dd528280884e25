package dev.roomcast.examples.demo;

import dev.roomcast.examples.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis server of our own, for workers on this machine: it wants a password, and keeps its data
 * in a folder.
 *
 * <p>The folder is locked, so that two demos never share it. {@code closing} is guarded by "this";
 * the rest is immutable.
 */
final class LocalRedis implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LocalRedis.class);
  private static final long START_SECONDS = 30;
  private static final long POLL_MS = 20;

  private final FileChannel lock;
  private final RedisProcess process;
  private final String password;
  private boolean closing;

  private LocalRedis(FileChannel lock, RedisProcess process, String password) {
    this.lock = lock;
    this.process = process;
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
    Path settings = folder.resolve("redis.conf");
    Files.writeString(settings, configuration(folder, password));
    RedisProcess process = RedisProcess.prepare(folder, password, List.of(settings.toString()));
    LocalRedis redis = new LocalRedis(channel, process, password);
    try {
      process.start();
    } catch (IOException e) {
      redis.close();
      throw e;
    }
    Thread watch = new Thread(redis::lookAfter, "roomcast-redis");
    watch.setDaemon(true);
    watch.start();
    return redis;
  }

  /** Starts it again where it was, with what it had written, as often as it dies. */
  private void lookAfter() {
    Restarts restarts = new Restarts();
    try {
      while (true) {
        long began = System.nanoTime();
        ProcessHandle.of(process.pid()).ifPresent(handle -> handle.onExit().join());
        restarts.ended(true, Duration.ofNanos(System.nanoTime() - began));
        TimeUnit.NANOSECONDS.sleep(restarts.pause().toNanos());
        synchronized (this) {
          if (closing) {
            return;
          }
          log.warn(
              "our Redis ended and is started again; until then nothing can be said, and what was"
                  + " acknowledged stays. Why it ended is in {}/redis.log",
              folder());
          process.start();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.error("our Redis cannot be started again: nothing can be said until the demo is", e);
    }
  }

  private static byte[] randomBytes() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  private static String configuration(Path folder, String password) {
    String quoted = folder.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return String.join(
        "\n",
        "requirepass " + password,
        "pidfile \"" + quoted + "/redis.pid\"",
        "appendonly yes",
        "appendfsync everysec",
        "save \"\"",
        "");
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

  /** Where it is, with the password: not for logs. */
  String url() {
    return "redis://:" + password + "@127.0.0.1:" + process.port();
  }

  Path folder() {
    return process.folder();
  }

  /** Ends the server, which writes what it has first. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    process.close();
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return process.toString();
  }
}
