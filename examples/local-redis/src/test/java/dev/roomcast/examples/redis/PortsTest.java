package dev.roomcast.examples.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ports for processes that have to be told theirs. */
class PortsTest {

  @Test
  void theyAreFreeAndNoneThatTheSystemGivesToClients() throws Exception {
    List<ServerSocket> taken = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        int port = Ports.free();
        assertTrue(port >= 10_000, "port " + port + " is another service's");
        assertTrue(port < 20_000, "port " + port + " is another one's bus, or its own a client's");
        ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        taken.add(socket);
      }
    } finally {
      for (ServerSocket socket : taken) {
        socket.close();
      }
    }
    assertEquals(200, taken.stream().map(ServerSocket::getLocalPort).distinct().count());
  }
}
