package dev.roomcast.tyrus;

import dev.roomcast.chat.ChatException;
import dev.roomcast.chat.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What an upgrade request must be before anybody is asked about it (RFC 6455, 4.2.1). Stateless.
 */
final class UpgradeRequests {

  private static final int NONCE_BYTES = 16;

  private UpgradeRequests() {}

  /** Throws {@code bad_request} that names what is wrong. */
  static void check(UpgradeRequest request) {
    if (!request.method().equals("GET")) {
      throw bad("the method: GET expected for an upgrade");
    }
    try {
      new URI(request.path());
    } catch (URISyntaxException e) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST,
          "the path: percent-encoding expected for what a URI may not have",
          e);
    }
    if (!asksToUpgrade(request.header("Connection"))) {
      throw bad("Connection: Upgrade expected beside Upgrade: websocket");
    }
    if (!isNonce(request.header("Sec-WebSocket-Key"))) {
      throw bad("Sec-WebSocket-Key: " + NONCE_BYTES + " bytes in Base64 expected");
    }
  }

  /** The room in a path, percent-encoded as it came: what follows the first segment. */
  static @Nullable String room(String path) {
    int room = path.indexOf('/', 1);
    return room < 0 || room == path.length() - 1 ? null : path.substring(room + 1);
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
