package dev.roomcast.chat;

/**
 * The rule that names of rooms, users and events keep: 1 to 128 bytes of UTF-8, no control
 * characters, and none that cannot be seen or that turn the order of what is. Stateless.
 */
final class Names {

  static final int MAX_BYTES = 128;

  private Names() {}

  /** Returns {@code value}, or throws {@code bad_request} that names {@code field}. */
  static String check(String field, String value) {
    if (value.isEmpty()) {
      throw new ChatException(ErrorCode.BAD_REQUEST, field + ": must not be empty");
    }
    int bytes = utf8Length(field, value);
    if (bytes > MAX_BYTES) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST,
          field + ": at most " + MAX_BYTES + " bytes of UTF-8 expected, got " + bytes);
    }
    for (int i = 0; i < value.length(); i += Character.charCount(value.codePointAt(i))) {
      check(field, value.codePointAt(i));
    }
    return value;
  }

  /**
   * Returns a room's name. A conversation's has the ids of two users in it and may be longer, and
   * so may a moderation log's by its prefix.
   */
  static String room(String value) {
    String about = ModerationLog.about(value);
    if (about != null) {
      if (!about.isEmpty()) {
        check("room", about);
      }
      return value;
    } else if (!Conversation.is(value)) {
      return check("room", value);
    }
    utf8Length("room", value);
    if (Conversation.of(value) == null) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST,
          "room: dm: and two user ids in their order expected, as \"direct\" answers it");
    }
    return value;
  }

  private static void check(String field, int c) {
    if (Character.isISOControl(c)) {
      throw new ChatException(ErrorCode.BAD_REQUEST, field + ": must not have control characters");
    } else if (isUnseen(c)) {
      throw new ChatException(
          ErrorCode.BAD_REQUEST,
          field
              + ": must not have invisible or direction-changing characters, but has "
              + String.format("U+%04X", c));
    }
  }

  /** Zero-width, bidirectional and other format characters, line separators, and fillers. */
  private static boolean isUnseen(int c) {
    if (c < 0xad) {
      return false;
    }
    return switch (Character.getType(c)) {
      case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default ->
          switch (c) {
            case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180c, 0x180d, 0x3164, 0xffa0 ->
                true;
            default -> false;
          };
    };
  }

  /** Returns the length in UTF-8; throws {@code bad_request} for an unpaired surrogate. */
  static int utf8Length(String field, String value) {
    int bytes = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new ChatException(
            ErrorCode.BAD_REQUEST, field + ": is not valid Unicode (an unpaired surrogate)");
      }
    }
    return bytes;
  }
}
