package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a connection of the embedded server leaves in memory while nothing happens on it. */
class ConnectionMemoryTest {

  private static final int CONNECTIONS = 40;
  private static final String OF_GRIZZLY = "org.glassfish.grizzly.nio.transport.TCPNIOConnection";

  @Test
  void nothingOfGrizzlyIsKept() throws Exception {
    Limits limits =
        Limits.DEFAULTS.toBuilder()
            .handshakesPerSecondPerAddress(0)
            .drain(Duration.ofSeconds(2))
            .build();
    long before = instances(OF_GRIZZLY); // of other tests in this JVM
    try (Backend backend = Backend.inMemory();
        ChatNode chat = ChatNode.builder(backend).limits(limits).start();
        ChatServer server = ChatServer.builder(chat).port(0).start()) {
      List<WebSocketClient> clients = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        WebSocketClient client = new WebSocketClient(server.url() + "/chat?name=Ann" + i);
        client.await("welcome");
        clients.add(client);
      }
      Awaitility.await().until(() -> instances(OF_GRIZZLY) < before + CONNECTIONS / 2);
      assertTrue(clients.stream().noneMatch(client -> client.closed.isDone()));
      assertEquals(CONNECTIONS, chat.stats().connections());
    }
  }

  /** How many objects of a class can still be reached. */
  static long instances(String type) throws JMException {
    Object histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return ((String) histogram)
        .lines()
        .map(line -> line.trim().split("\\s+"))
        .filter(columns -> columns.length >= 4 && columns[3].equals(type))
        .mapToLong(columns -> Long.parseLong(columns[1]))
        .sum();
  }
}
