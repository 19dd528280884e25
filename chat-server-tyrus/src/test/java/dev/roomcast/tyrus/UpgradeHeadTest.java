package dev.roomcast.tyrus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.chat.Fuzz;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests are read the short way, and what is read. */
class UpgradeHeadTest {

  private static final String HEAD =
      """
      GET /chat/a%2Fb?name=Ann&x= HTTP/1.1\r
      Host: localhost\r
      upgrade: WebSocket\r
      Connection: keep-alive, Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key:   AQIDBAUGBwgJCgsMDQ4PEA==\r
      X-Forwarded-For: ::1, 10.0.0.1\r
      \r
      """;

  private static @Nullable UpgradeHead read(String text) {
    return UpgradeHead.read(
        ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)), "127.0.0.1");
  }

  @Test
  void anOrdinaryRequestIsReadAndWhatIsBehindItIsLeft() {
    ByteBuffer bytes =
        ByteBuffer.wrap(("??" + HEAD + "frames").getBytes(StandardCharsets.US_ASCII)).position(2);
    UpgradeHead head = UpgradeHead.read(bytes, "127.0.0.1");
    assertNotNull(head);
    assertEquals("frames", StandardCharsets.US_ASCII.decode(bytes).toString());
    assertEquals("GET", head.method());
    assertEquals("/chat/a%2Fb", head.path());
    assertEquals("a%2Fb", head.room());
    assertEquals("name=Ann&x=", head.query());
    assertEquals("127.0.0.1", head.remoteAddress());
    assertEquals("localhost", head.header("HOST"));
    assertEquals("AQIDBAUGBwgJCgsMDQ4PEA==", head.header("sec-websocket-key"));
    assertEquals("::1, 10.0.0.1", head.header("X-Forwarded-For"));
    assertNull(head.header("Forwarded"));
    assertNull(head.header("Hos"));
    assertEquals(List.of("13"), head.values("Sec-WebSocket-Version"));
    assertEquals(List.of(), head.values("Sec-WebSocket-Protocol"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/chat", "/chat/", "/chat?", "/chat?a=/b?c", "/chatx", "/chat;p=1/a", "/chat/a#b"})
  void whateverBeginsWithThePathIsOrdinary(String target) {
    assertNotNull(read(HEAD.replace("/chat/a%2Fb?name=Ann&x=", target)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "GET /chat|POST /chat",
        "GET /chat|get /chat",
        "GET /chat|GET  /chat",
        "GET /chat|GET /%63hat",
        "GET /chat|GET http://localhost/chat",
        "GET /chat|\\r\\nGET /chat",
        "Ann&x= HTTP|Ann&x=  HTTP",
        "Ann&x= HTTP|Ann x= HTTP",
        "HTTP/1.1|HTTP/1.0",
        "HTTP/1.1|HTTP/1.1 ",
        "HTTP/1.1|http/1.1",
        "HTTP/1.1\\r\\n|HTTP/1.1\\n",
        "name=Ann|name=\\u00c4nn",
        "name=Ann|name=\\u0000nn",
        "Host: localhost\\r\\n|",
        "Host: localhost|Host : localhost",
        "Host: localhost|: localhost",
        "Host: localhost|Host localhost",
        "Host: localhost|H@st: localhost",
        "Host: localhost|Host:",
        "Host: localhost|Host: ",
        "Host: localhost|Host: localhost ",
        "Host: localhost|Host:\\tlocalhost",
        "Host: localhost|Host: local\\u007fhost",
        "Host: localhost|Host: local\\rhost",
        "Host: localhost|Host: local\\nhost",
        "Host: localhost|Host: localhost\\r\\n more",
        "Host: localhost|Host: localhost\\r\\nhOST: localhost",
        "Host: localhost|Host: localhost\\r\\nx-forwarded-for: 6.6.6.6",
        "Host: localhost|Host: localhost\\r\\nContent-Length: 0",
        "Host: localhost|Host: localhost\\r\\ntransfer-encoding: chunked",
        "Host: localhost|Host: localhost\\r\\nExpect: 100-continue",
        "WebSocket|h2c",
        "WebSocket|websocket, h2c",
        "upgrade: WebSocket\\r\\n|",
        "\\r\\n\\r\\n|\\r\\n",
        "\\r\\n\\r\\n|\\n\\n",
        "\\r\\n\\r\\n|\\r\\n\\r",
      })
  void whatIsNotQuiteOrdinaryIsLeftToGrizzly(String part, @Nullable String by) {
    String changed = HEAD.replace(unescaped(part), by == null ? "" : unescaped(by));
    assertTrue(!changed.equals(HEAD), part);
    assertNull(read(changed), changed);
  }

  private static String unescaped(String text) {
    return text.replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\u0000", "\u0000")
        .replace("\\u007f", "\u007f")
        .replace("\\u00c4", "\u00c4");
  }

  @Test
  void partsAreLeftToGrizzly() {
    for (int i = 0; i < HEAD.length(); i++) {
      assertNull(read(HEAD.substring(0, i)), "of " + i);
    }
  }

  @Test
  void largeHeadsAreLeftToGrizzly() {
    String begun = HEAD.substring(0, HEAD.length() - 2);
    int room = 8_000 - begun.length() - "X-More: \r\n\r\n".length();
    assertNotNull(read(begun + "X-More: " + "x".repeat(room) + "\r\n\r\n"));
    assertNull(read(begun + "X-More: " + "x".repeat(room + 1) + "\r\n\r\n"));
    StringBuilder many = new StringBuilder(begun);
    for (int i = 0; i < 42; i++) {
      many.append("X-").append(i).append(": x\r\n");
    }
    assertNotNull(read(many + "\r\n"));
    assertNull(read(many + "X-42: x\r\n\r\n"));
  }

  @Test
  void whateverIsReadIsLeftOrOrdinary() throws IOException {
    List<String> corpus =
        Fuzz.corpus("requests.txt").stream().map(line -> line.replace("|", "\r\n")).toList();
    new Fuzz(50_000)
        .play(
            random -> bytes(random, corpus),
            bytes -> {
              ByteBuffer all = ByteBuffer.wrap(bytes);
              UpgradeHead head = UpgradeHead.read(all, "127.0.0.1");
              if (head == null) {
                assertEquals(0, all.position());
                return;
              }
              String taken = new String(bytes, 0, all.position(), StandardCharsets.ISO_8859_1);
              assertTrue(
                  taken.endsWith("\r\n\r\n") && taken.indexOf("\r\n\r\n") + 4 == taken.length());
              assertTrue(head.path().startsWith("/chat") && head.header("Host") != null, taken);
              assertTrue(
                  taken.chars().allMatch(c -> c == '\r' || c == '\n' || c >= ' ' && c < 127));
            });
  }

  private static byte[] bytes(Random random, List<String> corpus) {
    String text = Fuzz.pick(random, corpus);
    if (random.nextInt(8) > 0) {
      text = Fuzz.mutated(random, text, corpus);
    }
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
