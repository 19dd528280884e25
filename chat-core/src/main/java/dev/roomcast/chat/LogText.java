package dev.roomcast.chat;

/**
 * Text of others as a value in a log line: short, on one line, and unable to look like another
 * value. Stateless.
 */
final class LogText {

  private static final int LONGEST = 128;

  private LogText() {}

  /**
   * Returns the text with everything escaped that is no plain character, as JSON does, and cut off
   * where it is too long.
   */
  static String of(CharSequence text) {
    String quoted =
        JsonText.quote(
            text.length() > LONGEST ? text.subSequence(0, LONGEST) + "..." : text.toString());
    StringBuilder out = new StringBuilder(quoted.length());
    for (int i = 1; i < quoted.length() - 1; i++) {
      char c = quoted.charAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
