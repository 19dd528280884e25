package dev.roomcast.tyrus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of an ordinary request to upgrade, read in one go. It takes less than HTTP allows, so
 * that no reader could understand differently what it takes: one blank between the words of the
 * first line, every line ended by CR LF, nothing but ASCII, no header twice, none that speaks of a
 * body, no empty value, no blank at a value's end. What a header or path means is decided by the
 * same code as for all other requests.
 *
 * <p>{@code at} has four numbers for each header: where its name and its value begin and end.
 * Immutable.
 */
final class UpgradeHead implements UpgradeRequest {

  private static final byte[] START = "GET /chat".getBytes(StandardCharsets.US_ASCII);
  private static final String FIRST_LINE_END = " HTTP/1.1";

  /** Below Grizzly's own bounds, 8 KiB and 100. */
  private static final int MAX_BYTES = 8_000;

  private static final int MAX_HEADERS = 48;
  private static final String[] NOT_HERE = {"Content-Length", "Transfer-Encoding", "Expect"};

  private final String text;
  private final int target;
  private final int[] at;
  private final int length;
  private final String remoteAddress;

  private UpgradeHead(String text, int target, int[] at, int length, String remoteAddress) {
    this.text = text;
    this.target = target;
    this.at = at;
    this.length = length;
    this.remoteAddress = remoteAddress;
  }

  /**
   * Reads a head and leaves what is behind it.
   *
   * @param remoteAddress the client's, null when nobody knows any more
   * @return null for all that is not whole, or not ordinary; nothing was taken then
   */
  static @Nullable UpgradeHead read(ByteBuffer bytes, @Nullable String remoteAddress) {
    int size = size(bytes);
    if (size == 0 || remoteAddress == null) {
      return null;
    }
    byte[] head = new byte[size];
    bytes.get(bytes.position(), head);
    UpgradeHead read = parsed(new String(head, StandardCharsets.ISO_8859_1), remoteAddress);
    if (read != null) {
      bytes.position(bytes.position() + size);
    }
    return read;
  }

  /** How long the head is, with the empty line at its end; 0 when it is none for us. */
  private static int size(ByteBuffer bytes) {
    int from = bytes.position();
    int available = Math.min(bytes.remaining(), MAX_BYTES);
    for (int i = 0; i < START.length; i++) {
      if (i == available || bytes.get(from + i) != START[i]) {
        return 0;
      }
    }
    int line = 0;
    int i = START.length;
    while (i < available) {
      byte c = bytes.get(from + i);
      if (c >= ' ' && c < 0x7f) {
        i++;
      } else if (c != '\r' || i + 1 == available || bytes.get(from + i + 1) != '\n') {
        return 0;
      } else if (i == line) {
        return i + 2;
      } else {
        i += 2;
        line = i;
      }
    }
    return 0;
  }

  private static @Nullable UpgradeHead parsed(String text, String remoteAddress) {
    int end = text.indexOf('\r');
    int target = end - FIRST_LINE_END.length();
    if (text.indexOf(' ', 4) != target || !text.startsWith(FIRST_LINE_END, target)) {
      return null;
    }
    int[] at = new int[4 * 12];
    int length = 0;
    for (int line = end + 2; line < text.length() - 2; line = end + 2) {
      end = text.indexOf('\r', line);
      if (length == at.length) {
        if (length == 4 * MAX_HEADERS) {
          return null;
        }
        at = Arrays.copyOf(at, 4 * MAX_HEADERS);
      }
      int colon = nameEnd(text, line);
      int value = colon + 1;
      while (value < end && text.charAt(value) == ' ') {
        value++;
      }
      if (colon == line
          || text.charAt(colon) != ':'
          || value == end
          || text.charAt(end - 1) == ' ') {
        return null;
      }
      at[length] = line;
      at[length + 1] = colon;
      at[length + 2] = value;
      at[length + 3] = end;
      length += 4;
    }
    UpgradeHead head = new UpgradeHead(text, target, at, length, remoteAddress);
    return head.isOrdinary() ? head : null;
  }

  private static int nameEnd(String text, int from) {
    int i = from;
    for (char c = text.charAt(i); isName(c); c = text.charAt(i)) {
      i++;
    }
    return i;
  }

  private static boolean isName(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '_';
  }

  private boolean isOrdinary() {
    for (int one = 0; one < length; one += 4) {
      for (int other = 0; other < one; other += 4) {
        int size = at[one + 1] - at[one];
        if (size == at[other + 1] - at[other]
            && text.regionMatches(true, at[one], text, at[other], size)) {
          return false;
        }
      }
    }
    for (String name : NOT_HERE) {
      if (find(name) >= 0) {
        return false;
      }
    }
    return find("Host") >= 0 && "websocket".equalsIgnoreCase(header("Upgrade"));
  }

  private int find(String name) {
    for (int i = 0; i < length; i += 4) {
      if (at[i + 1] - at[i] == name.length()
          && text.regionMatches(true, at[i], name, 0, name.length())) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public @Nullable String header(String name) {
    int i = find(name);
    return i < 0 ? null : text.substring(at[i + 2], at[i + 3]);
  }

  @Override
  public Iterable<String> values(String name) {
    String value = header(name);
    return value == null ? List.of() : List.of(value);
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    int question = question();
    return text.substring(4, question < 0 ? target : question);
  }

  @Override
  public @Nullable String query() {
    int question = question();
    return question < 0 ? null : text.substring(question + 1, target);
  }

  private int question() {
    int question = text.indexOf('?', 4);
    return question < target ? question : -1;
  }

  @Override
  public @Nullable String room() {
    return UpgradeRequests.room(path());
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }
}
