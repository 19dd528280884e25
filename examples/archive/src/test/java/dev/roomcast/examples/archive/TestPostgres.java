package dev.roomcast.examples.archive;

import dev.roomcast.examples.redis.Ports;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL of its own, with its data in a folder of its own. Where there is none the test is
 * skipped, with a line that says so; {@code -Droomcast.require=postgres} turns that into a failure.
 * Confined to the test's thread.
 */
final class TestPostgres implements AutoCloseable {

  /** PostgreSQL refuses to run as root; packages of it bring this user. */
  private static final String USER = "postgres";

  private final Path programs;
  private final Path folder;
  private final int port;

  private TestPostgres(Path programs, Path folder, int port) {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
  }

  /** Starts a server without data. */
  static TestPostgres start() throws IOException, InterruptedException {
    Path programs = programs();
    if (programs == null || isRoot() && !hasUser()) {
      String skipped = "skipped: no initdb and pg_ctl of PostgreSQL that can be run here";
      System.out.println(skipped);
      if (List.of(System.getProperty("roomcast.require", "").split(",")).contains("postgres")) {
        throw new AssertionError(skipped);
      }
      Assumptions.abort(skipped);
    }
    Path folder = Files.createTempDirectory("roomcast-postgres");
    if (isRoot()) {
      Files.setOwner(
          folder,
          FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(USER));
    }
    int port = Ports.free();
    TestPostgres postgres = new TestPostgres(Objects.requireNonNull(programs), folder, port);
    postgres.run("initdb", "-D", postgres.data(), "-U", "archive", "-A", "trust", "-E", "UTF8");
    postgres.goOn();
    return postgres;
  }

  private static @Nullable Path programs() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    Path packaged = Path.of("/usr/lib/postgresql"); // where Debian has them, outside of the PATH
    if (Files.isDirectory(packaged)) {
      try (Stream<Path> versions = Files.list(packaged)) {
        versions
            .map(version -> version.resolve("bin"))
            .sorted(Comparator.reverseOrder())
            .forEach(folders::add);
      }
    }
    return folders.stream()
        .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
        .filter(folder -> Files.isExecutable(folder.resolve("pg_ctl")))
        .findFirst()
        .orElse(null);
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static boolean hasUser() throws IOException {
    Path users = Path.of("/etc/passwd");
    return Files.exists(users)
        && Files.readAllLines(users).stream().anyMatch(line -> line.startsWith(USER + ":"));
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private void run(String program, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("runuser", "-u", USER, "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    File said = Files.createTempFile("roomcast-postgres", ".log").toFile();
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said)
              .start();
      if (process.waitFor() != 0) {
        String why = Files.readString(said.toPath(), StandardCharsets.UTF_8);
        throw new IllegalStateException(String.join(" ", command) + ": " + why);
      }
    } finally {
      Files.delete(said.toPath());
    }
  }

  /** Starts it, with what it had. */
  void goOn() throws IOException, InterruptedException {
    String options = "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=''";
    String log = folder.resolve("log").toString();
    run("pg_ctl", "start", "-w", "-D", data(), "-l", log, "-o", options);
  }

  /** Ends it without a word to anybody, as when its machine fails. */
  void crash() throws IOException, InterruptedException {
    run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data());
  }

  PGSimpleDataSource dataSource() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url());
    return source;
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=archive";
  }

  @Override
  public void close() throws IOException {
    try {
      crash();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while PostgreSQL ended");
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
