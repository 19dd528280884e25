package dev.roomcast.chat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A frame that is announced and not logged, and the session that does not get it.
 *
 * <p>On its way between nodes the excluded session is the frame's first field, {@code except};
 * session ids need no escapes. Immutable.
 *
 * @param frame the frame as clients get it
 * @param except the id of the session that does not, or null
 */
record Ephemeral(Json frame, @Nullable String except) {

  private static final byte[] START = "{\"except\":\"".getBytes(StandardCharsets.UTF_8);

  private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** Checks that it is a session's id. */
  Ephemeral {
    if (except != null && !SESSION.matcher(except).matches()) {
      throw new ChatException(ErrorCode.BAD_REQUEST, "exceptSession: a session's id expected");
    }
  }

  /** Returns what is announced to the nodes. */
  Json announced() {
    return except == null
        ? frame
        : Json.trusted("{\"except\":\"" + except + "\"," + frame.text().substring(1));
  }

  /** Reads what was announced. */
  static Ephemeral read(Json announced) {
    byte[] bytes = announced.bytes();
    int start = START.length;
    if (bytes.length <= start || !Arrays.equals(bytes, 0, start, START, 0, start)) {
      return new Ephemeral(announced, null);
    }
    String text = announced.text();
    int end = text.indexOf('"', start);
    return new Ephemeral(Json.trusted("{" + text.substring(end + 2)), text.substring(start, end));
  }
}
