package dev.roomcast.chat;

import java.io.Serializable;
import java.util.Comparator;

/**
 * The order of strings by their code points, which is the order of their UTF-8 bytes: every store
 * pages in it. Immutable.
 */
enum Utf8Order implements Comparator<String>, Serializable {
  INSTANCE;

  @Override
  public int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Surrogates stand for code points above all other chars.
        boolean xHigh = Character.isSurrogate(x);
        return xHigh == Character.isSurrogate(y) ? Character.compare(x, y) : xHigh ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
