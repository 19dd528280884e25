package dev.roomcast.tyrus;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Backend;
import dev.roomcast.chat.ChatNode;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChain;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.FilterChainEvent;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.filterchain.TransportFilter;
import org.glassfish.grizzly.http.HttpEvents.ResponseCompleteEvent;
import org.glassfish.grizzly.nio.NIOConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that come in pieces, and what comes after them on the same connection. */
@Timeout(60)
class HttpBodyTest {

  private static final String KEY = "0123456789abcdef0123456789abcdef";
  private static final String BODY =
      "{\"user\":{\"id\":\"u1\",\"name\":\"Ann\"},\"text\":\"hello\"}";
  private static final String OK = "HTTP/1.1 200 OK";

  @TempDir Path folder;
  private final Backend backend = Backend.inMemory();
  private final ChatNode chat =
      ChatNode.builder(backend)
          .limits(Limits.DEFAULTS.toBuilder().frameBytes(1_024).drain(Duration.ZERO).build())
          .start();
  private final Pieces pieces = new Pieces();
  private final Watch watch = new Watch();
  private ChatServer server;
  private Socket socket;

  /** Counts what was read from sockets in one go. */
  private static final class Pieces extends BaseFilter {
    private final AtomicInteger read = new AtomicInteger();

    @Override
    public NextAction handleRead(FilterChainContext context) {
      read.incrementAndGet();
      return context.getInvokeAction();
    }
  }

  /** Sees whether a connection is read from when an answer ends. */
  private static final class Watch extends BaseFilter {
    private final BlockingQueue<Boolean> reading = new LinkedBlockingQueue<>();

    @Override
    public NextAction handleEvent(FilterChainContext context, FilterChainEvent event) {
      if (event.type() == ResponseCompleteEvent.TYPE) {
        SelectionKey key = ((NIOConnection) context.getConnection()).getSelectionKey();
        reading.add((key.interestOps() & SelectionKey.OP_READ) != 0);
      }
      return context.getInvokeAction();
    }
  }

  @BeforeEach
  void start() throws IOException {
    Path keys = Files.write(folder.resolve("keys"), List.of(KEY));
    server = ChatServer.builder(chat).port(0).apiKeys(ApiKeys.read(keys)).start();
    FilterChain filters = server.filters();
    filters.add(filters.size() - 1, watch);
    filters.add(filters.indexOfType(TransportFilter.class) + 1, pieces);
    socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    chat.close();
    server.close();
    backend.close();
  }

  private static String head(String length) {
    return """
        POST /api/rooms/general/messages HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: Bearer %s\r
        Content-Type: application/json\r
        %s\r
        \r
        """
        .formatted(KEY, length);
  }

  private static final String CHUNKED = head("Transfer-Encoding: chunked");
  private static final String WHOLE = head("Content-Length: " + BODY.length());

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  /** Sends each piece when the one before it has been read. */
  private void say(String... parts) throws IOException {
    for (String part : parts) {
      int before = pieces.read.get();
      socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
      await().until(() -> pieces.read.get() > before);
    }
  }

  /** The first line of one answer, which has a body. */
  private String answer() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder all = new StringBuilder();
    while (all.indexOf("\r\n\r\n{") < 0 || all.charAt(all.length() - 1) != '}') {
      int c = in.read();
      assertTrue(c >= 0, () -> "closed after: " + all);
      all.append((char) c);
    }
    return all.substring(0, all.indexOf("\r\n"));
  }

  @Test
  void aConnectionIsNotReadFromUntilTheRequestThatCameIsAnswered() throws Exception {
    for (int i = 0; i < 20; i++) {
      say(WHOLE, BODY);
      assertEquals(OK, answer());
      assertEquals(false, watch.reading.poll(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void aBodyMayComeWithItsHeadOrInPieces() throws IOException {
    for (int i = 0; i < 5; i++) {
      say(WHOLE + BODY);
      assertEquals(OK, answer());
      say(WHOLE + BODY.substring(0, 5), BODY.substring(5, 9), BODY.substring(9));
      assertEquals(OK, answer());
    }
  }

  @Test
  void aBodyMayComeInChunks() throws IOException {
    String first = chunk(BODY.substring(0, 7));
    String second = chunk(BODY.substring(7));
    String last = "0\r\n\r\n";
    for (int i = 0; i < 5; i++) {
      for (String[] pieces :
          new String[][] {
            {CHUNKED + first + second + last},
            {CHUNKED, first + second + last},
            {CHUNKED, first, second + last},
            {CHUNKED, first + second, last},
            {CHUNKED + first, second, last},
            {CHUNKED + first, second + last},
          }) {
        say(pieces);
        assertEquals(OK, answer());
      }
    }
  }

  @Test
  void chunksOfWhichThereAreTooManyAreRefused() throws IOException {
    say(CHUNKED, chunk("x".repeat(1_000)), chunk("x".repeat(25)));
    assertTrue(answer().startsWith("HTTP/1.1 413 "));
    say(chunk("the rest is skipped"), "0\r\n\r\n");
    assertEquals(-1, socket.getInputStream().read());
  }

  @Test
  void requestsMayBeSentBeforeTheAnswers() throws IOException {
    say(WHOLE + BODY + WHOLE + BODY + WHOLE, BODY);
    for (int i = 0; i < 3; i++) {
      assertEquals(OK, answer());
    }
  }
}
