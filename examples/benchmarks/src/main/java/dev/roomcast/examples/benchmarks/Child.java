package dev.roomcast.examples.benchmarks;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import dev.roomcast.redis.RedisBackend;
import dev.roomcast.tyrus.ChatServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process of our own that is told on its standard input what to do, so that what it uses is not
 * what we use: a server in memory, or a publisher to Redis. It ends with its input. Confined to one
 * thread.
 */
public final class Child implements AutoCloseable {

  private final Process process;
  private final PrintStream in;
  private final BufferedReader out;

  private Child(Process process) {
    this.process = process;
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
    out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
  }

  static Child start(List<String> jvm, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));
    command.addAll(List.of(arguments));
    return new Child(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
  }

  long pid() {
    return process.pid();
  }

  /** Sends a line and returns the answer. */
  long ask(String line) throws IOException {
    in.println(line);
    return answer();
  }

  long answer() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("a process of the measurement ended");
    }
    return Long.parseLong(line);
  }

  @Override
  public void close() {
    in.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** {@code serve}, or {@code publish URL ROOMS}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    if (args[0].equals("serve")) {
      serve(lines);
    } else {
      publish(lines, args[1], Integer.parseInt(args[2]));
    }
  }

  /** Says its port; then a number for each line: {@code N} publishes so many, 0 tells the heap. */
  private static void serve(BufferedReader lines) throws IOException, InterruptedException {
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(Nodes.LIMITS).start();
        ChatServer server = ChatServer.builder(chat).host("127.0.0.1").port(0).start()) {
      System.out.println(URI.create(server.url()).getPort());
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        int count = Integer.parseInt(line);
        for (int i = 0; i < count; i++) {
          chat.room("crowd")
              .publish("said", Json.of("text", "x".repeat(127) + "^"))
              .toCompletableFuture()
              .join();
        }
        System.out.println(count == 0 ? Nodes.heap() : count);
      }
    }
  }

  /** Says 0 when it publishes, until a line comes, and then how many were acknowledged. */
  private static void publish(BufferedReader lines, String url, int rooms)
      throws IOException, InterruptedException {
    try (RedisBackend backend = Nodes.connect(url)) {
      Listener listener = new Listener();
      backend.start("publisher", Nodes.LIMITS, listener);
      Nodes.await(
          "Redis",
          () ->
              backend
                  .broker()
                  .publish("room-0", Publishing.draft())
                  .handle((ack, failure) -> failure == null)
                  .toCompletableFuture()
                  .join());
      Publishing publishing = Publishing.start(backend.broker(), rooms, 1);
      System.out.println(0);
      boolean asked = lines.readLine() != null;
      publishing.stop();
      if (asked) {
        System.out.println(listener.drafts());
      }
    }
  }
}
