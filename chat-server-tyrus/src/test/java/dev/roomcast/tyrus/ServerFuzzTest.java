package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Fuzz;
import dev.roomcast.chat.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Requests and frames of strangers on real sockets, made from seeds; see {@link Fuzz}. */
@Timeout(600)
class ServerFuzzTest {

  private static final int PATIENCE_MILLIS = 20_000;

  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final Appender appender = new Appender();
  private final JulHandler julHandler = new JulHandler();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Backend backend = Backend.inMemory();
  private final ChatNode chat =
      ChatNode.builder(backend)
          .limits(
              Limits.DEFAULTS.toBuilder()
                  .handshakesPerSecondPerAddress(0)
                  .connectionsPerAddress(0)
                  .drain(Duration.ofMillis(10))
                  .build())
          .start();
  private ChatServer server;
  private List<String> requests;
  private List<byte[]> frames;

  /** Whatever is worth a stack trace or an error is a fault. */
  private final class Appender extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel().isGreaterOrEqual(Level.ERROR)
          || event.getThrowableProxy() != null && event.getLevel().isGreaterOrEqual(Level.INFO)) {
        faults.add(event + " " + event.getThrowableProxy());
      }
    }
  }

  /** The same for what Grizzly and Tyrus log. */
  private final class JulHandler extends Handler {
    @Override
    public void publish(LogRecord record) {
      if (record.getLevel().intValue() >= java.util.logging.Level.SEVERE.intValue()
          || record.getThrown() != null
              && record.getLevel().intValue() >= java.util.logging.Level.INFO.intValue()) {
        faults.add(record.getLoggerName() + ": " + record.getMessage() + " " + record.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    Path keys = Files.writeString(folder.resolve("keys"), "a-key-of-an-application");
    server = ChatServer.builder(chat).port(0).apiKeys(ApiKeys.read(keys)).start();
    requests =
        Fuzz.corpus("requests.txt").stream()
            .map(line -> line.replace("|", "\r\n").replace("{host}", "127.0.0.1:" + server.port()))
            .toList();
    frames =
        Fuzz.corpus("frames.hex").stream()
            .map(line -> HexFormat.of().parseHex(line.replace(" ", "")))
            .toList();
    appender.start();
    logger.addAppender(appender);
    LogManager.getLogManager().getLogger("").addHandler(julHandler);
  }

  @AfterEach
  void close() {
    logger.detachAppender(appender);
    LogManager.getLogManager().getLogger("").removeHandler(julHandler);
    chat.close();
    server.close();
    backend.close();
  }

  @Test
  void whateverAStrangerSendsIsAnsweredOrClosedAndLeavesNothing() throws IOException {
    new Fuzz(400).play(this::stranger, this::send);
    for (String request : requests) {
      send(request.getBytes(StandardCharsets.ISO_8859_1));
    }
    for (byte[] frame : frames) {
      send(joined(requests.get(0).getBytes(StandardCharsets.ISO_8859_1), frame));
    }
    await().untilAsserted(() -> assertEquals(0, chat.stats().connections()));
    assertEquals(List.of(), faults);
    try (RawClient decent = new RawClient(server.url(), "/chat?name=Ann")) {
      assertEquals(101, decent.status);
      decent.await("\"type\":\"welcome\"");
      assertEquals(1, chat.stats().connections());
    }
    await().untilAsserted(() -> assertEquals(0, chat.stats().connections()));
  }

  @ParameterizedTest
  @CsvSource({
    "GET /chat?name=Eve, AQIDBAUGBwgJCgsMDQ4PEA==, close, Connection: Upgrade expected",
    "GET /chat?name=Eve, x, Upgrade, Sec-WebSocket-Key: 16 bytes in Base64 expected",
    "GET /chat/a|b?name=Eve, AQIDBAUGBwgJCgsMDQ4PEA==, Upgrade, the path: percent-encoding expected",
    "POST /chat?name=Eve, AQIDBAUGBwgJCgsMDQ4PEA==, Upgrade, the method: GET expected"
  })
  void anUpgradeThatIsNoneIsRefusedWithTheReason(
      String line, String key, String connection, String reason) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String request =
          line
              + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "
              + connection
              + "\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
              + key
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
      assertTrue(answer.contains(reason), answer);
    }
  }

  /** A request, right or broken, and frames after it; half of the requests are fine upgrades. */
  private byte[] stranger(Random random) {
    String request = requests.get(0);
    if (random.nextBoolean()) {
      request = Fuzz.mutated(random, Fuzz.pick(random, requests), requests);
    }
    byte[] all = request.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = random.nextInt(6); i > 0; i--) {
      byte[] frame = Fuzz.pick(random, frames);
      all = joined(all, random.nextBoolean() ? frame : Fuzz.mutated(random, frame));
    }
    return all;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first);
    all.writeBytes(second);
    return all.toByteArray();
  }

  private void send(byte[] bytes) throws IOException {
    Random random = new Random(bytes.length);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      try {
        OutputStream out = socket.getOutputStream();
        int cut = random.nextInt(bytes.length + 1);
        out.write(bytes, 0, cut);
        out.flush();
        out.write(bytes, cut, bytes.length - cut);
        out.flush();
        if (random.nextInt(4) == 0) {
          socket.setSoLinger(true, 0);
          return;
        }
        socket.shutdownOutput();
        // Throws SocketTimeoutException when the server neither answers nor closes.
        check(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
      } catch (SocketException e) {
        // It was closed while we wrote: that is an answer too.
      }
    }
  }

  private static void check(String answer) {
    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1."), answer);
    assertFalse(answer.contains("Exception"), answer);
    assertFalse(answer.contains("\tat "), answer);
    if (!answer.isEmpty()) {
      int status = Integer.parseInt(answer.substring(9, 12));
      assertTrue(status < 500 || status == 501 || status == 503 || status == 505, answer);
    }
  }
}
