package dev.roomcast.tyrus;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.HttpResponsePacket;
import org.glassfish.grizzly.http.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The server's half of the opening handshake (RFC 6455, 4.2.2), for requests that {@link
 * UpgradeRequests} has found in order: which paths have a socket, and the headers of the answer.
 *
 * <p>It is written out because a connection costs what its handshake does: a WebSocket engine
 * copies every header into maps and lists, parses them, and builds a session that nobody uses, for
 * an answer of four lines. Stateless.
 */
final class Handshake {

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String VERSION = "13";
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int UPGRADE_REQUIRED = 426;

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
  static boolean isOurVersion(HttpRequestPacket request) {
    int count = 0;
    for (String version : request.getHeaders().values("Sec-WebSocket-Version")) {
      count += version.strip().equals(VERSION) ? 1 : 2;
    }
    return count == 1;
  }

  /** Fills in the answer to another version: which one to come back with. */
  static HttpResponsePacket otherVersion(HttpResponsePacket response) {
    response.setProtocol(Protocol.HTTP_1_1);
    response.setStatus(UPGRADE_REQUIRED);
    response.setReasonPhrase("Upgrade Required");
    response.setHeader("Sec-WebSocket-Version", VERSION);
    response.setHeader("Connection", "close");
    response.setContentLength(0);
    return response;
  }

  /**
   * Fills in the answer that switches to WebSocket.
   *
   * @param extensions what was agreed upon, null for none
   */
  static HttpResponsePacket accept(HttpRequestPacket request, @Nullable String extensions) {
    HttpResponsePacket response = request.getResponse();
    response.setProtocol(Protocol.HTTP_1_1);
    response.setStatus(SWITCHING_PROTOCOLS);
    response.setHeader("Upgrade", "websocket");
    response.setHeader("Connection", "Upgrade");
    response.setHeader("Sec-WebSocket-Accept", answer(request.getHeader("Sec-WebSocket-Key")));
    for (String offers : request.getHeaders().values("Sec-WebSocket-Protocol")) {
      if (Negotiation.offersOurs(offers)) {
        response.setHeader("Sec-WebSocket-Protocol", Negotiation.SUBPROTOCOL);
      }
    }
    if (extensions != null) {
      response.setHeader("Sec-WebSocket-Extensions", extensions);
    }
    return response;
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
