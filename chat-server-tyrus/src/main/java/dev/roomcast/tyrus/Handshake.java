package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.glassfish.grizzly.http.util.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * The server's half of the opening handshake (RFC 6455, 4.2.2), for requests that {@link
 * UpgradeRequests} has found in order: which paths have a socket, and the bytes of the answer.
 *
 * <p>It is written out because a connection costs what its handshake does: a WebSocket engine
 * copies every header into maps and lists, parses them, and builds a session that nobody uses, for
 * an answer of four lines. Stateless.
 */
final class Handshake {

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String VERSION = "13";
  private static final String ACCEPTED =
      "HTTP/1.1 101 Web Socket Protocol Handshake\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: ";
  private static final String OTHER_VERSION =
      "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: "
          + VERSION
          + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

  private Handshake() {}

  /** Whether {@code /chat} or {@code /chat/{room}} is asked for, the room percent-encoded. */
  static boolean hasSocket(String path) {
    int end = path.indexOf('/', 1);
    String first = end < 0 ? path : path.substring(0, end);
    int parameters = first.indexOf(';');
    String name = parameters < 0 ? first : first.substring(0, parameters);
    boolean chat =
        name.equals("/chat")
            || name.indexOf('%') >= 0 && HttpRequests.decode("path", name).equals("/chat");
    return chat && (end < 0 || path.indexOf('/', end + 1) < 0);
  }

  /** Whether the client speaks the only version that there is a standard for. */
  static boolean isOurVersion(UpgradeRequest request) {
    int count = 0;
    for (String version : request.values("Sec-WebSocket-Version")) {
      count += version.strip().equals(VERSION) ? 1 : 2;
    }
    return count == 1;
  }

  /**
   * Returns the answer that switches to WebSocket.
   *
   * @param extensions what was agreed upon, null for none
   */
  static byte[] accept(UpgradeRequest request, String key, @Nullable String extensions) {
    StringBuilder head = new StringBuilder(256).append(ACCEPTED).append(answer(key)).append("\r\n");
    for (String offers : request.values("Sec-WebSocket-Protocol")) {
      if (Negotiation.offersOurs(offers)) {
        header(head, "Sec-WebSocket-Protocol", Negotiation.SUBPROTOCOL);
        break;
      }
    }
    if (extensions != null) {
      header(head, "Sec-WebSocket-Extensions", extensions);
    }
    return bytes(head.append("\r\n"));
  }

  /** Returns the answer to another version: which one to come back with. */
  static byte[] otherVersion() {
    return bytes(new StringBuilder(OTHER_VERSION));
  }

  /** Returns the answer to who is not let in. The connection ends with it. */
  static byte[] refusal(ChatException problem) {
    byte[] body = Problems.json(problem);
    HttpStatus status = HttpStatus.getHttpStatus(problem.code().httpStatus());
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(status.getStatusCode());
    head.append(' ').append(status.getReasonPhrase()).append("\r\n");
    header(head, "Content-Type", Problems.MEDIA_TYPE);
    Problems.headers(problem, (name, value) -> header(head, name, value));
    header(head, "Connection", "close");
    header(head, "Content-Length", Integer.toString(body.length));
    byte[] first = bytes(head.append("\r\n"));
    byte[] all = Arrays.copyOf(first, first.length + body.length);
    System.arraycopy(body, 0, all, first.length, body.length);
    return all;
  }

  private static void header(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private static byte[] bytes(StringBuilder head) {
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The proof that the request was understood. */
  static String answer(String key) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha.digest((key.strip() + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-1", e);
    }
  }
}
