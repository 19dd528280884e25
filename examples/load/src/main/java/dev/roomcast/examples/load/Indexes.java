package dev.roomcast.examples.load;

import java.util.Arrays;

/** A growing list of message indexes, four bytes each. Confined to one thread. */
final class Indexes {

  private int[] values = new int[8];
  private int size;

  static Indexes of(int... values) {
    Indexes indexes = new Indexes();
    for (int value : values) {
      indexes.add(value);
    }
    return indexes;
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  int get(int place) {
    return values[place];
  }

  int size() {
    return size;
  }

  /** A few of them, for people. */
  @Override
  public String toString() {
    return size <= 4
        ? Arrays.toString(Arrays.copyOf(values, size))
        : "[" + values[0] + ", ... " + values[size - 1] + "]";
  }
}
