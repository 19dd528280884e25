package dev.roomcast.chat;

import java.util.Arrays;

/**
 * Tells whether a text is one emoji, as Unicode's UTS #51 puts them together: a pictograph, with a
 * skin tone or in colour, several of them joined, a flag, or a keycap. Stateless.
 *
 * <p>Places that Unicode keeps for pictographs to come count: clients may know more of them than
 * this server.
 */
final class Emoji {

  private static final int MAX_CODE_POINTS = 16;
  private static final int JOINER = 0x200D;
  private static final int IN_COLOUR = 0xFE0F;
  private static final int KEYCAP = 0x20E3;
  private static final int TAG_END = 0xE007F;

  /** Symbols older than emoji that are shown as pictographs also without a word about colour. */
  private static final int[] OLD_SYMBOLS = {
    0x231A, 0x231B, 0x2328, 0x23CF, 0x24C2, 0x25AA, 0x25AB, 0x25B6, 0x25C0, 0x2B1B, 0x2B1C, 0x2B50,
    0x2B55, 0x3030, 0x303D, 0x3297, 0x3299
  };

  /** Signs of plain text that are emoji only when they are asked to be in colour. */
  private static final int[] TEXT_SIGNS = {
    0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x2194, 0x2195, 0x2196, 0x2197, 0x2198, 0x2199,
    0x21A9, 0x21AA, 0x2934, 0x2935, 0x2B05, 0x2B06, 0x2B07
  };

  private Emoji() {}

  static boolean is(String text) {
    if (text.isEmpty() || text.length() > 2 * MAX_CODE_POINTS) {
      return false;
    }
    int[] points = text.codePoints().toArray();
    if (points.length > MAX_CODE_POINTS) {
      return false;
    }
    if (points.length == 2 && isFlagLetter(points[0])) {
      return isFlagLetter(points[1]);
    }
    if (points[points.length - 1] == KEYCAP) {
      boolean key = points[0] == '#' || points[0] == '*' || points[0] >= '0' && points[0] <= '9';
      return key && (points.length == 2 || points.length == 3 && points[1] == IN_COLOUR);
    }
    int at = element(points, 0);
    while (at > 0 && at < points.length && points[at] == JOINER) {
      at = element(points, at + 1);
    }
    return at == points.length;
  }

  /** The place after the pictograph at {@code from}, or -1 when there is none. */
  private static int element(int[] points, int from) {
    if (from >= points.length) {
      return -1;
    }
    int at = from + 1;
    boolean coloured = at < points.length && points[at] == IN_COLOUR;
    if (!isPictograph(points[from]) && !(coloured && isOneOf(TEXT_SIGNS, points[from]))) {
      return -1;
    }
    boolean toned = at < points.length && isSkinTone(points[at]) && !isSkinTone(points[from]);
    if (coloured || toned) {
      at++;
    }
    if (at < points.length && isTag(points[at])) {
      while (at < points.length && isTag(points[at])) {
        at++;
      }
      return at < points.length && points[at] == TAG_END ? at + 1 : -1;
    }
    return at;
  }

  private static boolean isPictograph(int point) {
    return point >= 0x1F000 && point <= 0x1FAFF && !isFlagLetter(point) && !isPlainLetter(point)
        || point >= 0x2600 && point <= 0x27BF
        || point >= 0x23E9 && point <= 0x23FA
        || isOneOf(OLD_SYMBOLS, point);
  }

  /**
   * Letters and digits in frames, which are text; some have become emoji: A, B, AB, CL and so on.
   */
  private static boolean isPlainLetter(int point) {
    return point >= 0x1F100
        && point <= 0x1F1E5
        && !(point >= 0x1F170 && point <= 0x1F171)
        && !(point >= 0x1F17E && point <= 0x1F17F)
        && point != 0x1F18E
        && !(point >= 0x1F191 && point <= 0x1F19A);
  }

  private static boolean isFlagLetter(int point) {
    return point >= 0x1F1E6 && point <= 0x1F1FF;
  }

  private static boolean isSkinTone(int point) {
    return point >= 0x1F3FB && point <= 0x1F3FF;
  }

  private static boolean isTag(int point) {
    return point >= 0xE0020 && point < TAG_END;
  }

  private static boolean isOneOf(int[] sorted, int point) {
    return Arrays.binarySearch(sorted, point) >= 0;
  }
}
