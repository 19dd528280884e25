package dev.roomcast.examples.load;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server as a process of this JVM's kind, with this class path, that says on its standard output
 * where it listens. Thread-safe.
 */
final class ServerProcess implements AutoCloseable {

  private static final long END_SECONDS = 30;
  private static final long READY_SECONDS = 30;
  private static final long LOOK_MS = 50;

  private final Process process;
  private final String url;

  private ServerProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param jvm options of its JVM
   * @param main its main class, and {@code arguments} for it
   * @param environment what it has beside ours
   * @param log where its standard error goes
   */
  static ServerProcess start(
      List<String> jvm,
      Class<?> main,
      List<String> arguments,
      Map<String, String> environment,
      File log)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(java(jvm, main, arguments))
            .redirectError(ProcessBuilder.Redirect.appendTo(log));
    builder.environment().remove("REDIS_URL");
    builder.environment().putIfAbsent("ROOMCAST_REHEARSE", "0"); // the load itself warms it up
    builder.environment().putAll(environment);
    Process process = builder.start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int at = line.indexOf("listening on ");
      if (at >= 0) {
        return new ServerProcess(
            process, line.substring(at + "listening on ".length()).split("[ ,]")[0]);
      }
    }
    throw new IOException("a server ended before it listened, see " + log);
  }

  /** Waits until it takes clients: its store may know it a moment later. */
  void awaitReady() throws IOException, InterruptedException {
    HttpRequest ready = HttpRequest.newBuilder(URI.create(url + "/health/ready")).build();
    HttpClient http = HttpClient.newHttpClient();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() != 200) {
      if (System.nanoTime() > deadline) {
        throw new IOException("a server does not become ready at " + url);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MS);
    }
  }

  /** The command that runs a class of ours. */
  static List<String> java(List<String> jvm, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }

  /** Where it listens, as {@code http://host:port}. */
  String url() {
    return url;
  }

  Process process() {
    return process;
  }

  /** Sends SIGKILL and waits for the end. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Sends SIGTERM and waits for the end; one that takes too long is killed. */
  @Override
  public void close() {
    // Process.destroy would close its input too, which tells a node that its parent is gone.
    process.toHandle().destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
