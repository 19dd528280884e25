package dev.roomcast.chat;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;

/**
 * What is left of a name when it is looked at from afar: two names with the same skeleton can be
 * taken for one another (the idea of Unicode TS 39, with a small table of its own). For comparing
 * only. Stateless.
 */
final class Skeleton {

  /** Each line: what the letters look like, a blank, and the letters. */
  private static final String TABLE =
      """
      l 1iıɩɪ|ǀ!ӏіιון١۱∣⏐ⵏꓲ
      o 0оοσօ०০੦๐໐ဝ၀٥۵ჿ○◯ⲟꓳ
      a аαɑ
      b вьβΒƅ
      c сϲᴄⲥ
      d ԁɗ
      e еєҽ℮εΕ
      f ƒſ
      g ɡցƍ
      h һհнΗ
      j јϳյ
      k кκⲕ
      rn mмμ
      n пոηлΝ
      p рρⲣ
      q ԛգզ
      r гᴦⲅя
      s ѕꜱƽ5
      t тτ
      u цυսʋᴜ
      v νѵᴠ
      vv wԝѡшωɯ
      x хχ×
      y уγүʏΥ
      z ᴢζ
      3 зэӡʒȝ
      4 ч
      6 б
      8 ȣ
      - ‐‑‒–—−─_
      ' ’‘ʼ`´′
      . ․·•
      """;

  private static final Map<Integer, String> LOOKS = read();

  private Skeleton() {}

  static String of(String name) {
    StringBuilder skeleton = new StringBuilder(name.length());
    Normalizer.normalize(name, Normalizer.Form.NFKD).codePoints().forEach(c -> append(skeleton, c));
    return skeleton.toString().strip();
  }

  private static void append(StringBuilder skeleton, int c) {
    if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
      if (skeleton.length() > 0 && skeleton.charAt(skeleton.length() - 1) != ' ') {
        skeleton.append(' ');
      }
      return;
    }
    if (c >= 0xfe00 && c <= 0xfe0f) {
      return; // it chooses a form of what is before it
    }
    int small = Character.toLowerCase(Character.toUpperCase(c));
    String like = LOOKS.get(c); // some capitals look like others than their small letters
    like = like == null ? LOOKS.get(small) : like;
    if (like == null) {
      skeleton.appendCodePoint(small);
    } else {
      skeleton.append(like);
    }
  }

  private static Map<Integer, String> read() {
    Map<Integer, String> looks = new HashMap<>();
    TABLE
        .lines()
        .map(line -> line.split(" ", 2))
        .forEach(line -> line[1].codePoints().forEach(c -> looks.put(c, line[0])));
    return Map.copyOf(looks);
  }
}
