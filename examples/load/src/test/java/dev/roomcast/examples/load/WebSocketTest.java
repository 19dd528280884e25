package dev.roomcast.examples.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client's end, against a server that writes its bytes by hand. */
class WebSocketTest {

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private Loop loop;
  private ServerSocket listening;
  private WebSocket client;
  private Socket server;

  @BeforeEach
  void connect() throws Exception {
    loop = Loop.start();
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    URI url = URI.create("ws://127.0.0.1:" + listening.getLocalPort() + "/chat");
    client = loop.ask(() -> open(url));
    server = listening.accept();
    server.setSoTimeout(10_000);
    String head = readHead();
    assertTrue(head.startsWith("GET /chat?name=a HTTP/1.1\r\n"), head);
  }

  private WebSocket open(URI url) {
    try {
      return WebSocket.connect(
          loop,
          url,
          "?name=a",
          new WebSocket.Listener() {
            @Override
            public void opened() {
              events.add("opened");
            }

            @Override
            public void text(String frame) {
              events.add(frame);
            }

            @Override
            public void closed(int code) {
              events.add("closed " + code);
            }
          });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) server.getInputStream().read());
    }
    return head.toString();
  }

  @AfterEach
  void end() throws IOException {
    server.close();
    listening.close();
    loop.close();
  }

  private void write(byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part);
    }
    server.getOutputStream().write(all.toByteArray());
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void upgrade() throws IOException {
    write(text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"));
  }

  private String next() throws InterruptedException {
    return String.valueOf(events.poll(10, TimeUnit.SECONDS));
  }

  /** Reads a short frame of the client and takes its mask off. */
  private byte[] readFrame(int opcode) throws IOException {
    DataInputStream in = new DataInputStream(server.getInputStream());
    assertEquals(128 | opcode, in.readUnsignedByte());
    int length = in.readUnsignedByte() - 128;
    byte[] mask = in.readNBytes(4);
    byte[] body = in.readNBytes(length);
    for (int i = 0; i < body.length; i++) {
      body[i] ^= mask[i % 4];
    }
    return body;
  }

  @Test
  void framesThatComeTogetherWithTheAnswerAreRead() throws Exception {
    write(text("HTTP/1.1 101 OK\r\n\r\n"), bytes(0x81, 2), text("ab"), bytes(0x81, 1), text("c"));
    assertEquals("opened", next());
    assertEquals("ab", next());
    assertEquals("c", next());
  }

  @Test
  void partsOfAMessageAreOneAndAPingBetweenThemIsAnswered() throws Exception {
    upgrade();
    write(bytes(0x01, 3), bytes(0xc3, 0xa4, 0xc3), bytes(0x89, 1, 'p'), bytes(0x80, 1, 0xb6));
    assertEquals("opened", next());
    assertEquals("äö", next());
    assertArrayEquals(text("p"), readFrame(10));
  }

  @Test
  void longFramesAreRead() throws Exception {
    upgrade();
    String medium = "m".repeat(30_000);
    String large = "l".repeat(200_000);
    write(bytes(0x81, 126, 30_000 >> 8, 30_000 & 255), text(medium));
    write(bytes(0x81, 127, 0, 0, 0, 0, 0, 200_000 >> 16, 200_000 >> 8 & 255, 200_000 & 255));
    write(text(large));
    assertEquals("opened", next());
    assertEquals(medium, next());
    assertEquals(large, next());
  }

  @Test
  void whatIsSentIsMasked() throws Exception {
    upgrade();
    assertEquals("opened", next());
    loop.execute(() -> client.send("häll"));
    assertArrayEquals(text("häll"), readFrame(1));
  }

  @Test
  void theCloseCodeIsToldAndEchoed() throws Exception {
    upgrade();
    write(bytes(0x88, 2, 4013 >> 8, 4013 & 255));
    assertEquals("opened", next());
    assertEquals("closed 4013", next());
    assertArrayEquals(bytes(4013 >> 8, 4013 & 255), readFrame(8));
  }

  @Test
  void aRefusalIsToldAsItsStatus() throws Exception {
    write(text("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));
    assertEquals("closed 503", next());
  }

  @Test
  void anEndWithoutAWordIsAClose() throws Exception {
    upgrade();
    assertEquals("opened", next());
    server.close();
    assertEquals("closed 1006", next());
  }

  @Test
  void aCutResetsTheConnection() throws Exception {
    upgrade();
    assertEquals("opened", next());
    loop.execute(client::cut);
    assertEquals("closed 1006", next());
    assertThrows(SocketException.class, () -> server.getInputStream().read());
  }

  @Test
  void whoDoesNotReadGetsNothingUntilItReadsAgain() throws Exception {
    upgrade();
    assertEquals("opened", next());
    loop.ask(
        () -> {
          client.reading(false);
          return true;
        });
    write(bytes(0x81, 1), text("x"));
    loop.ask(() -> true);
    assertTrue(events.isEmpty());
    loop.execute(() -> client.reading(true));
    assertEquals("x", next());
  }
}
