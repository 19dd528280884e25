package dev.roomcast.examples.benchmarks;

import java.time.Duration;
import redis.clients.jedis.Jedis;

/**
 * What a Redis server has used up to a moment. Immutable.
 *
 * @param cpu user and system time of its process
 * @param in bytes it was sent
 * @param out bytes it has sent
 * @param commands it has done, those in scripts too
 */
record Usage(Duration cpu, long in, long out, long commands) {

  static Usage of(long pid, Jedis jedis) {
    String info = jedis.info("stats");
    return new Usage(
        cpu(pid),
        number(info, "total_net_input_bytes"),
        number(info, "total_net_output_bytes"),
        number(info, "total_commands_processed"));
  }

  /** User and system time of a process. */
  static Duration cpu(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow(() -> new IllegalStateException("this system does not tell of " + pid));
  }

  static long number(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1).trim()))
        .findFirst()
        .orElseThrow();
  }

  Usage since(Usage before) {
    return new Usage(
        cpu.minus(before.cpu), in - before.in, out - before.out, commands - before.commands);
  }

  double micros() {
    return micros(cpu);
  }

  static double micros(Duration time) {
    return time.toNanos() / 1e3;
  }
}
