package dev.roomcast.chat;

/**
 * The rule that names of rooms, users and events keep: 1 to 128 bytes of UTF-8, no control
 * characters. Stateless.
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
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        throw new ChatException(
            ErrorCode.BAD_REQUEST, field + ": must not have control characters");
      }
    }
    return value;
  }

  /** Returns a room's name; a conversation's has the ids of two users in it, and may be longer. */
  static String room(String value) {
    if (!Conversation.is(value)) {
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
