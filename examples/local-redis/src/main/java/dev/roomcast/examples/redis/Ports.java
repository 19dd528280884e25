package dev.roomcast.examples.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports of the loopback address, for a process that has to be told its port. They are from
 * below those that systems give to clients, so that no connection of anybody has one by the time
 * the process takes it. So are the ports 10,000 above them, which members of a Redis cluster take
 * too, and nothing of ours has those. No state.
 */
public final class Ports {

  /** So far above its port is the one on which a Redis talks to the others of its cluster. */
  private static final int CLUSTER = 10_000;

  /** Linux gives clients ports from 32768 on unless told otherwise, others from 49152 on. */
  private static final int FIRST = 10_000;

  private static final int BEYOND = FIRST + CLUSTER;

  private static final int ATTEMPTS = 100;

  private Ports() {}

  /**
   * Returns a port on which nothing listens.
   *
   * @throws IOException when none is found
   */
  public static int free() throws IOException {
    IOException last = new IOException("no attempt was made");
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, BEYOND);
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException e) {
        last = e;
      }
    }
    throw new IOException("no free port from " + FIRST + " to " + (BEYOND - 1), last);
  }
}
