package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The embedded server on a port that speaks TLS and nothing else. */
class TlsServerTest {

  private final Backend backend = Backend.inMemory();
  private final ChatNode chat = ChatNode.builder(backend).start();
  private ChatServer server;

  @BeforeEach
  void start() throws IOException {
    server = ChatServer.builder(chat).port(0).tls(TestTls.files()).start();
  }

  @AfterEach
  void close() {
    chat.close();
    server.close();
    backend.close();
  }

  @Test
  void theHttpApiIsThereToo() throws Exception {
    assertTrue(server.url().startsWith("https://"));
    chat.room("general").publish("e", Json.of("x", 1)).toCompletableFuture().join();
    HttpResponse<String> page =
        HttpClient.newBuilder()
            .sslContext(TestTls.client())
            .build()
            .send(
                HttpRequest.newBuilder(URI.create(server.url() + "/api/rooms/general/history"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, page.statusCode());
    assertTrue(page.body().contains("\"x\":1"), page.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bothVersionsAreSpoken(String version) throws IOException {
    try (SSLSocket socket =
        TestTls.over(new Socket(InetAddress.getLoopbackAddress(), server.port()))) {
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      assertEquals(version, socket.getSession().getProtocol());
    }
  }

  @Test
  void whoSpeaksNoTlsIsCutOffWithoutAWordInTheLog() throws Exception {
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    java.util.logging.Logger grizzly = java.util.logging.Logger.getLogger("org.glassfish.grizzly");
    List<String> warnings = new java.util.concurrent.CopyOnWriteArrayList<>();
    java.util.logging.Handler handler =
        new java.util.logging.Handler() {
          @Override
          public void publish(java.util.logging.LogRecord entry) {
            if (entry.getLevel().intValue() >= java.util.logging.Level.WARNING.intValue()) {
              warnings.add(entry.getMessage());
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logged.start();
    root.addAppender(logged);
    grizzly.addHandler(handler);
    try {
      for (String said :
          List.of("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u0016\u0003\u0001x")) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
          socket.setSoTimeout(20_000);
          socket.getOutputStream().write(said.repeat(3).getBytes(StandardCharsets.US_ASCII));
          socket.shutdownOutput();
          while (socket.getInputStream().read() >= 0) {
            // An alert may come before the end.
          }
        } catch (IOException e) {
          assertTrue(String.valueOf(e.getMessage()).contains("reset"), e.getMessage());
        }
      }
      await().until(() -> server.unfinished() == 0);
    } finally {
      root.detachAppender(logged);
      grizzly.removeHandler(handler);
    }
    assertEquals(List.of(), warnings);
    assertEquals(
        List.of(),
        logged.list.stream()
            .filter(entry -> entry.getLevel().isGreaterOrEqual(Level.WARN))
            .toList());
  }
}
