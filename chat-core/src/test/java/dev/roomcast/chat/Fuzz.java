package dev.roomcast.chat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Plays many inputs, each made from a seed, against what must survive them in bounded time and
 * memory. {@code -Droomcast.fuzz=N} plays so many, {@code -Droomcast.seed=N} plays one again.
 *
 * <p>Confined to one thread.
 */
public final class Fuzz {

  private static final int SHOWN = 4_000;
  private static final long MAX_NANOS = 2_000_000_000L;
  private static final long MAX_BYTES = 32L << 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final int rounds;

  /** What makes an input out of a seed. */
  public interface Maker<T> {
    /** Returns an input; the same one for the same seed. */
    T make(Random random);
  }

  /** What must hold for an input. */
  public interface Check<T> {
    /** Throws whatever it likes when it does not hold. */
    void check(T input) throws Exception;
  }

  /** Plays so many rounds in each build. */
  public Fuzz(int rounds) {
    this.rounds = Integer.getInteger("roomcast.fuzz", rounds);
  }

  /** Plays all rounds; {@code show} tells what an input was when it failed. */
  public <T> void play(Maker<T> maker, Check<T> check) {
    Long one = Long.getLong("roomcast.seed");
    if (one != null) {
      round(one, maker, check);
      return;
    }
    for (long seed = 1; seed <= rounds; seed++) {
      round(seed, maker, check);
    }
  }

  private <T> void round(long seed, Maker<T> maker, Check<T> check) {
    T input = maker.make(new Random(seed * 0x9e3779b97f4a7c15L));
    try {
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long nanos = threads.getCurrentThreadCpuTime();
      check.check(input);
      nanos = threads.getCurrentThreadCpuTime() - nanos;
      bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
      if (nanos > MAX_NANOS || bytes > MAX_BYTES) {
        throw new AssertionError("it took " + nanos / 1_000_000 + " ms and " + bytes + " bytes");
      }
    } catch (Exception | Error e) {
      throw new AssertionError(
          "-Droomcast.seed=" + seed + " shows: " + e + "\nfor " + show(input), e);
    }
  }

  private static String show(Object input) {
    String text =
        input instanceof byte[] bytes
            ? java.util.HexFormat.of().formatHex(bytes)
            : JsonText.quote(String.valueOf(input));
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  /** Reads the corpus of this name: a line an input. */
  public static List<String> corpus(String name) throws IOException {
    return Files.readAllLines(Path.of("src", "test", "resources", "fuzz", name)).stream()
        .filter(line -> !line.isBlank())
        .toList();
  }

  /** Picks one. */
  public static <T> T pick(Random random, List<T> from) {
    return Objects.requireNonNull(from.get(random.nextInt(from.size())));
  }

  /** Changes a text in up to four places, in ways that parsers get wrong. */
  public static String mutated(Random random, String text, List<String> corpus) {
    String odd = "{}[]\",:'\\/\u0000\u0001\n\r\t -+.eE09truefalsn%&=\ud83d\ude00\ufeff\u2028\u202e";
    StringBuilder changed = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(changed.length() + 1);
      int to = Math.min(changed.length(), at + random.nextInt(12));
      switch (random.nextInt(8)) {
        case 0 -> changed.delete(at, to);
        case 1 -> changed.insert(at, odd.charAt(random.nextInt(odd.length())));
        case 2 -> changed.insert(at, changed.substring(at, to));
        case 3 -> changed.setLength(at);
        case 4 -> changed.insert(at, "9".repeat(1 + random.nextInt(80)));
        case 5 -> changed.insert(at, (char) random.nextInt(0x10000));
        case 6 -> {
          String other = pick(random, corpus);
          int from = random.nextInt(other.length() + 1);
          changed.replace(
              at, to, other.substring(from, Math.min(other.length(), from + random.nextInt(40))));
        }
        default ->
            changed.insert(
                at,
                String.valueOf(odd.charAt(random.nextInt(odd.length())))
                    .repeat(1 + random.nextInt(300)));
      }
    }
    return changed.toString();
  }

  /** Changes bytes in up to four places. */
  public static byte[] mutated(Random random, byte[] bytes) {
    byte[] changed = bytes.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(changed.length + 1);
      int to = Math.min(changed.length, at + random.nextInt(12));
      byte[] piece = new byte[random.nextInt(8)];
      random.nextBytes(piece);
      changed =
          switch (random.nextInt(4)) {
            case 0 -> joined(changed, at, piece, at);
            case 1 -> joined(changed, at, piece, to);
            case 2 -> joined(changed, to, java.util.Arrays.copyOfRange(changed, at, to), to);
            default -> java.util.Arrays.copyOf(changed, at);
          };
    }
    return changed;
  }

  private static byte[] joined(byte[] all, int until, byte[] piece, int from) {
    byte[] joined = new byte[until + piece.length + all.length - from];
    System.arraycopy(all, 0, joined, 0, until);
    System.arraycopy(piece, 0, joined, until, piece.length);
    System.arraycopy(all, from, joined, until + piece.length, all.length - from);
    return joined;
  }
}
