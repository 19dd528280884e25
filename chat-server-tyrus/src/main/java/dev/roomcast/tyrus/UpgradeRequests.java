package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import org.glassfish.grizzly.http.HttpRequestPacket;
import org.glassfish.grizzly.http.Method;
import org.jspecify.annotations.Nullable;

/**
 * What an upgrade request must be before anybody is asked about it (RFC 6455, 4.2.1). Stateless.
 */
final class UpgradeRequests {

  private static final int NONCE_BYTES = 16;

  private UpgradeRequests() {}

  /** Throws {@code bad_request} that names what is wrong. */
  static void check(HttpRequestPacket request) {
    if (request.getMethod() != Method.GET) {
      throw bad("the method: GET expected for an upgrade");
    }
    try {
      new URI(request.getRequestURI());
    } catch (URISyntaxException e) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST,
          "the path: percent-encoding expected for what a URI may not have",
          e);
    }
    if (!asksToUpgrade(request.getHeader("Connection"))) {
      throw bad("Connection: Upgrade expected beside Upgrade: websocket");
    }
    if (!isNonce(request.getHeader("Sec-WebSocket-Key"))) {
      throw bad("Sec-WebSocket-Key: " + NONCE_BYTES + " bytes in Base64 expected");
    }
  }

  private static boolean asksToUpgrade(@Nullable String connection) {
    if (connection != null) {
      for (String option : connection.split(",")) {
        if (option.strip().equalsIgnoreCase("Upgrade")) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isNonce(@Nullable String key) {
    try {
      return key != null && Base64.getDecoder().decode(key.strip()).length == NONCE_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static ChatException bad(String message) {
    return new ChatException(ErrorCode.BAD_REQUEST, message);
  }
}
