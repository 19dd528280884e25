package dev.roomcast.examples.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a core that a process may use and no more: a control group of Linux for each process.
 * The groups go when this is closed, which is after their processes have ended. Confined to one
 * thread.
 */
final class CpuShare implements AutoCloseable {

  /** The least that Linux takes; so the period is as short as can be. */
  private static final long QUOTA_MICROS = 1_000;

  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  private final int percent;
  private final List<Path> groups = new ArrayList<>();

  private CpuShare(int percent) {
    this.percent = percent;
  }

  /** With 0 nothing is limited. */
  static CpuShare percent(int percent) {
    return new CpuShare(percent);
  }

  /** Limits a process. */
  void limit(long pid) throws IOException {
    if (percent == 0) {
      return;
    }
    String quota = Long.toString(QUOTA_MICROS);
    String period = Long.toString(QUOTA_MICROS * 100 / percent);
    Path first = GROUPS.resolve("cpu/cgroup.procs");
    Path group = (Files.exists(first) ? GROUPS.resolve("cpu") : GROUPS).resolve("roomcast-" + pid);
    try {
      Files.createDirectory(group);
      groups.add(group);
      if (Files.exists(first)) {
        write(group.resolve("cpu.cfs_period_us"), period);
        write(group.resolve("cpu.cfs_quota_us"), quota);
      } else {
        write(group.resolve("cpu.max"), quota + " " + period);
      }
      write(group.resolve("cgroup.procs"), Long.toString(pid));
    } catch (IOException e) {
      throw new IOException("--share: no control group can be made: " + e, e);
    }
  }

  /** Into a file that is there already. */
  private static void write(Path file, String value) throws IOException {
    Files.writeString(file, value, StandardOpenOption.WRITE);
  }

  @Override
  public void close() throws IOException {
    for (Path group : groups) {
      Files.deleteIfExists(group);
    }
  }
}
