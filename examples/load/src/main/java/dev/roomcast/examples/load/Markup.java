package dev.roomcast.examples.load;

/** Texts of others as part of a page, where they are nothing but text. Stateless. */
final class Markup {

  private Markup() {}

  /** Returns a text for between tags and for between quotes; what cannot be seen is spelt out. */
  static String text(String any) {
    StringBuilder safe = new StringBuilder();
    any.codePoints().forEach(letter -> append(safe, letter));
    return safe.toString();
  }

  private static void append(StringBuilder safe, int letter) {
    switch (letter) {
      case '&' -> safe.append("&amp;");
      case '<' -> safe.append("&lt;");
      case '>' -> safe.append("&gt;");
      case '"' -> safe.append("&quot;");
      case '\'' -> safe.append("&#39;");
      default -> {
        if (unseen(letter)) {
          safe.append(String.format("\\u%04x", letter));
        } else {
          safe.appendCodePoint(letter);
        }
      }
    }
  }

  private static boolean unseen(int letter) {
    return switch (Character.getType(letter)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          letter != '\n';
      default -> false;
    };
  }
}
