package dev.roomcast.examples.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a server's process holds: heap after a collection, threads, open files. Immutable.
 *
 * @param heapBytes heap in use
 * @param threads -1 where the system does not tell
 * @param files -1 where the system does not tell
 */
record Gauges(long heapBytes, int threads, int files) {

  private static final Pattern USED = Pattern.compile("used (\\d+)K");

  /** Asks for a full collection and reads, the least of a few looks. */
  static Gauges read(long pid) throws IOException, InterruptedException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      jcmd(pid, "GC.run");
      Matcher used = USED.matcher(jcmd(pid, "GC.heap_info"));
      long bytes = 0;
      // The first one is the heap, the ones of class metadata follow; with several generations
      // each has its own.
      while (used.find() && bytes == 0) {
        bytes = Long.parseLong(used.group(1)) << 10;
      }
      least = Math.min(least, bytes);
    }
    return new Gauges(least, threads(pid), files(pid));
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("jcmd " + command + " failed: " + text);
    }
    return text;
  }

  private static int threads(long pid) throws IOException {
    Path status = Path.of("/proc/" + pid + "/status");
    if (!Files.exists(status)) {
      return -1;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("Threads:"))
        .mapToInt(line -> Integer.parseInt(line.substring(8).strip()))
        .findFirst()
        .orElse(-1);
  }

  private static int files(long pid) throws IOException {
    Path folder = Path.of("/proc/" + pid + "/fd");
    if (!Files.exists(folder)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.count();
    }
  }

  String heap() {
    return String.format(java.util.Locale.ROOT, "%.1f MB", heapBytes / 1048576.0);
  }

  @Override
  public String toString() {
    return "heap " + heap() + ", " + threads + " threads, " + files + " files";
  }
}
