package dev.roomcast.chat;

import java.time.Duration;
import java.util.Objects;

/**
 * Every number that bounds what clients and rooms may use.
 *
 * <p>Start from {@link #DEFAULTS}:
 *
 * <pre>{@code
 * Limits limits = Limits.DEFAULTS.toBuilder().frameBytes(8_192).build();
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param historyCount publications kept per room, 1 or more
 * @param historyAge how long a publication is kept, more than zero
 * @param historyBytes bytes of bodies kept per room, 1 or more
 * @param frameBytes the largest frame a client may send, in bytes of UTF-8, 128 or more
 * @param jsonDepth the deepest nesting of arrays and objects in a frame, 1 or more
 * @param textLength the longest {@code text}, in code points, 1 or more
 * @param roomsPerSession rooms a session may be in at a time, 1 or more
 * @param sessionCommands commands of one session that wait for the backend before its connection is
 *     not read any more, 1 or more; at 16 times as many it is closed
 * @param commandsPerSecond commands a connection may send for long, 0 = any number
 * @param commandsBurst commands it may send at once, when {@code commandsPerSecond} is not 0
 * @param outboxBytes bytes that may wait to be written to one connection, 1,024 or more
 * @param writeTimeout how long one write to a connection may take, more than zero
 * @param heartbeat how often a quiet connection is pinged; it is closed after 2.5 times this
 *     without a byte from it; more than zero
 * @param resumeTtl how long a session without a connection can be resumed, more than zero
 * @param nodeLease how long a node counts as alive after its last sign of life, more than zero
 * @param presenceInterval how long changes of presence and typing are gathered into one frame, zero
 *     or more
 * @param presenceList above this many users a room's presence frames have the count only, 0 or more
 * @param drain how long {@link ChatNode#close} lets clients go elsewhere, zero or more
 */
public record Limits(
    int historyCount,
    Duration historyAge,
    long historyBytes,
    int frameBytes,
    int jsonDepth,
    int textLength,
    int roomsPerSession,
    int sessionCommands,
    int commandsPerSecond,
    int commandsBurst,
    int outboxBytes,
    Duration writeTimeout,
    Duration heartbeat,
    Duration resumeTtl,
    Duration nodeLease,
    Duration presenceInterval,
    int presenceList,
    Duration drain) {

  /** The limits that fit most applications. */
  public static final Limits DEFAULTS = new Builder().build();

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException when one is out of its range; the message names it
   */
  public Limits {
    atLeast("historyCount", historyCount, 1);
    positive("historyAge", historyAge);
    atLeast("historyBytes", historyBytes, 1);
    atLeast("frameBytes", frameBytes, 128);
    atLeast("jsonDepth", jsonDepth, 1);
    atLeast("textLength", textLength, 1);
    atLeast("roomsPerSession", roomsPerSession, 1);
    atLeast("sessionCommands", sessionCommands, 1);
    atLeast("commandsPerSecond", commandsPerSecond, 0);
    atLeast("commandsBurst", commandsBurst, commandsPerSecond == 0 ? 0 : 1);
    atLeast("outboxBytes", outboxBytes, 1_024);
    positive("writeTimeout", writeTimeout);
    positive("heartbeat", heartbeat);
    positive("resumeTtl", resumeTtl);
    positive("nodeLease", nodeLease);
    notNegative("presenceInterval", presenceInterval);
    atLeast("presenceList", presenceList, 0);
    notNegative("drain", drain);
  }

  /** The default retention of a room. */
  public Retention retention() {
    return new Retention(historyCount, historyAge, historyBytes);
  }

  /** Returns a builder that starts with these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", but is " + value);
    }
  }

  private static void positive(String name, Duration value) {
    notNegative(name, value);
    if (value.isZero()) {
      throw new IllegalArgumentException(name + " must be more than zero");
    }
  }

  private static void notNegative(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, but is " + value);
    }
  }

  /** Builds {@link Limits} from the defaults or from other limits. Confined to one thread. */
  public static final class Builder {
    private int historyCount = 1_000;
    private Duration historyAge = Duration.ofHours(24);
    private long historyBytes = 16L << 20;
    private int frameBytes = 32 << 10;
    private int jsonDepth = 32;
    private int textLength = 4_000;
    private int roomsPerSession = 100;
    private int sessionCommands = 256;
    private int commandsPerSecond = 30;
    private int commandsBurst = 300;
    private int outboxBytes = 1 << 20;
    private Duration writeTimeout = Duration.ofSeconds(10);
    private Duration heartbeat = Duration.ofSeconds(25);
    private Duration resumeTtl = Duration.ofSeconds(60);
    private Duration nodeLease = Duration.ofSeconds(10);
    private Duration presenceInterval = Duration.ofMillis(200);
    private int presenceList = 1_000;
    private Duration drain = Duration.ofSeconds(10);

    private Builder() {}

    private Builder(Limits limits) {
      historyCount = limits.historyCount;
      historyAge = limits.historyAge;
      historyBytes = limits.historyBytes;
      frameBytes = limits.frameBytes;
      jsonDepth = limits.jsonDepth;
      textLength = limits.textLength;
      roomsPerSession = limits.roomsPerSession;
      sessionCommands = limits.sessionCommands;
      commandsPerSecond = limits.commandsPerSecond;
      commandsBurst = limits.commandsBurst;
      outboxBytes = limits.outboxBytes;
      writeTimeout = limits.writeTimeout;
      heartbeat = limits.heartbeat;
      resumeTtl = limits.resumeTtl;
      nodeLease = limits.nodeLease;
      presenceInterval = limits.presenceInterval;
      presenceList = limits.presenceList;
      drain = limits.drain;
    }

    /** Sets {@link Limits#historyCount}. */
    public Builder historyCount(int value) {
      historyCount = value;
      return this;
    }

    /** Sets {@link Limits#historyAge}. */
    public Builder historyAge(Duration value) {
      historyAge = value;
      return this;
    }

    /** Sets {@link Limits#historyBytes}. */
    public Builder historyBytes(long value) {
      historyBytes = value;
      return this;
    }

    /** Sets {@link Limits#frameBytes}. */
    public Builder frameBytes(int value) {
      frameBytes = value;
      return this;
    }

    /** Sets {@link Limits#jsonDepth}. */
    public Builder jsonDepth(int value) {
      jsonDepth = value;
      return this;
    }

    /** Sets {@link Limits#textLength}. */
    public Builder textLength(int value) {
      textLength = value;
      return this;
    }

    /** Sets {@link Limits#roomsPerSession}. */
    public Builder roomsPerSession(int value) {
      roomsPerSession = value;
      return this;
    }

    /** Sets {@link Limits#sessionCommands}. */
    public Builder sessionCommands(int value) {
      sessionCommands = value;
      return this;
    }

    /** Sets {@link Limits#commandsPerSecond}. */
    public Builder commandsPerSecond(int value) {
      commandsPerSecond = value;
      return this;
    }

    /** Sets {@link Limits#commandsBurst}. */
    public Builder commandsBurst(int value) {
      commandsBurst = value;
      return this;
    }

    /** Sets {@link Limits#outboxBytes}. */
    public Builder outboxBytes(int value) {
      outboxBytes = value;
      return this;
    }

    /** Sets {@link Limits#writeTimeout}. */
    public Builder writeTimeout(Duration value) {
      writeTimeout = value;
      return this;
    }

    /** Sets {@link Limits#heartbeat}. */
    public Builder heartbeat(Duration value) {
      heartbeat = value;
      return this;
    }

    /** Sets {@link Limits#resumeTtl}. */
    public Builder resumeTtl(Duration value) {
      resumeTtl = value;
      return this;
    }

    /** Sets {@link Limits#nodeLease}. */
    public Builder nodeLease(Duration value) {
      nodeLease = value;
      return this;
    }

    /** Sets {@link Limits#presenceInterval}. */
    public Builder presenceInterval(Duration value) {
      presenceInterval = value;
      return this;
    }

    /** Sets {@link Limits#presenceList}. */
    public Builder presenceList(int value) {
      presenceList = value;
      return this;
    }

    /** Sets {@link Limits#drain}. */
    public Builder drain(Duration value) {
      drain = value;
      return this;
    }

    /**
     * Returns the limits.
     *
     * @throws IllegalArgumentException when a value is out of its range; the message names it
     */
    public Limits build() {
      return new Limits(
          historyCount,
          historyAge,
          historyBytes,
          frameBytes,
          jsonDepth,
          textLength,
          roomsPerSession,
          sessionCommands,
          commandsPerSecond,
          commandsBurst,
          outboxBytes,
          writeTimeout,
          heartbeat,
          resumeTtl,
          nodeLease,
          presenceInterval,
          presenceList,
          drain);
    }
  }
}
