package dev.roomcast.examples.demo;

/**
 * A setting that the demo cannot start with. Its message is one line: where it was given, what was
 * expected, and what came instead unless that may be a secret. Immutable.
 */
final class BadSettingException extends RuntimeException {

  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 80;

  /** Creates it for a value that may be shown. */
  BadSettingException(String where, String expected, String got) {
    this(where, expected + " expected, got " + shown(got));
  }

  BadSettingException(String where, String problem) {
    super(where + ": " + problem);
  }

  private static String shown(String value) {
    if (value.isEmpty()) {
      return "nothing";
    }
    String line = value.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
  }
}
