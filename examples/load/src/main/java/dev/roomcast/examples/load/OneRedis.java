package dev.roomcast.examples.load;

import dev.roomcast.examples.redis.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One Redis server as a process. Its faults must not overlap. Thread-safe. */
final class OneRedis implements Store {

  private final RedisProcess redis;

  private OneRedis(RedisProcess redis) {
    this.redis = redis;
  }

  /**
   * Starts it.
   *
   * @param durable whether it writes everything to disk before it answers, or nothing at all
   */
  static OneRedis start(Path where, boolean durable) throws IOException, InterruptedException {
    List<String> persistence =
        durable
            ? List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always")
            : List.of("--save", "");
    return new OneRedis(startRedis(where, persistence));
  }

  private static RedisProcess startRedis(Path where, List<String> persistence)
      throws IOException, InterruptedException {
    Files.createDirectories(where);
    List<String> withDebug = new ArrayList<>(persistence);
    withDebug.addAll(List.of("--enable-debug-command", "yes"));
    try {
      return launch(where, withDebug);
    } catch (IOException e) {
      // Before Redis 7 there is no such option, and the command is allowed.
      return launch(where, persistence);
    }
  }

  private static RedisProcess launch(Path where, List<String> arguments)
      throws IOException, InterruptedException {
    RedisProcess redis = RedisProcess.prepare(where, "", arguments);
    // Nodes end with this process, whatever ends it; Redis does not.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(redis)));
    redis.start();
    return redis;
  }

  private static void end(RedisProcess redis) {
    try {
      redis.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String url() {
    return redis.toString();
  }

  @Override
  public void suffer(Fault fault) throws IOException, InterruptedException {
    switch (fault.kind()) {
      case REDIS_PAUSE -> pause(fault.millis());
      case REDIS_SLEEP -> sleep(fault.millis());
      case REDIS_KILL -> kill(fault.millis());
      default -> throw new IllegalArgumentException("not of one Redis: " + fault.kind());
    }
  }

  @Override
  public void killLinks(int count) throws IOException {
    int left = count;
    for (String line : ask("CLIENT LIST").split("\n")) {
      if (left > 0 && line.contains("name=roomcast")) {
        left--;
        ask("CLIENT KILL ID " + line.replaceAll(".*\\bid=(\\d+).*", "$1"));
      }
    }
  }

  private void pause(long millis) throws IOException, InterruptedException {
    redis.pause();
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } finally {
      redis.resume();
    }
  }

  private void sleep(long millis) throws IOException {
    String answer = ask("DEBUG SLEEP " + millis / 1e3);
    if (!answer.startsWith("+OK")) {
      throw new IOException("DEBUG SLEEP was answered with " + answer);
    }
  }

  private void kill(long millis) throws IOException, InterruptedException {
    redis.kill();
    TimeUnit.MILLISECONDS.sleep(millis);
    redis.start();
  }

  @Override
  public long longestQueue() throws IOException {
    for (String line : ask("INFO clients").split("\n")) {
      if (line.startsWith("client_recent_max_output_buffer:")) {
        return Long.parseLong(line.substring(line.indexOf(':') + 1).trim());
      }
    }
    return 0;
  }

  @Override
  public List<String> keys() throws IOException {
    return ask("KEYS *").lines().toList();
  }

  @Override
  public boolean lasts(String key) throws IOException {
    return ask("PTTL " + key).equals(":-1");
  }

  /** Sends a command that has no spaces in its arguments; returns its answer, a line an item. */
  private String ask(String command) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return answer(
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1)));
    }
  }

  private static String answer(BufferedReader in) throws IOException {
    String first = String.valueOf(in.readLine());
    if (first.startsWith("*")) {
      List<String> items = new ArrayList<>();
      for (int left = Integer.parseInt(first.substring(1)); left > 0; left--) {
        items.add(answer(in));
      }
      return String.join("\n", items);
    } else if (!first.startsWith("$")) {
      return first;
    }
    char[] body = new char[Integer.parseInt(first.substring(1)) + 2];
    int length = 0;
    while (length < body.length) {
      int read = in.read(body, length, body.length - length);
      if (read < 0) {
        throw new IOException("Redis ended in the middle of an answer");
      }
      length += read;
    }
    return new String(body, 0, length - 2);
  }

  @Override
  public void close() {
    end(redis);
  }
}
