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
 * @param frameBytes the largest frame a client may send, in bytes of UTF-8, 128 to 16,777,216
 * @param jsonDepth the deepest nesting of arrays and objects in a frame, 1 or more
 * @param jsonFields values that a frame may have in all, fields and elements counted, 1 or more
 * @param textLength the longest {@code text}, in code points, 1 or more
 * @param roomsPerSession rooms a session may be in at a time, 1 or more
 * @param sessionsPerUser sessions with a connection that a user may have at a time on all nodes,
 *     and 100 more that wait to be resumed; 0 = any number
 * @param connections connections that this node takes, 0 = any number
 * @param connectionsPerAddress connections that this node takes from one address, which is a
 *     network of 64 bits in IPv6; 0 = any number
 * @param handshakesPerSecondPerAddress handshakes that this node answers for one address in a
 *     second, 0 = any number
 * @param requestsPerSecondPerAddress requests to read over HTTP that this node answers for one
 *     address in a second, those with an API key not counted; 0 = any number
 * @param pendingHandshakes clients that are being decided on, at a time; on the embedded server
 *     also connections that are no WebSocket (yet), of which the oldest goes; 0 = any number
 * @param handshakeTimeout how long a client may take for its request, more than zero
 * @param sessionCommands commands of one session that wait for the backend before its connection is
 *     not read any more, 1 or more; at 16 times as many it is closed
 * @param commandsPerSecond commands a connection may send for long, 0 = any number
 * @param commandsBurst commands it may send at once, when {@code commandsPerSecond} is not 0
 * @param bytesPerSecond bytes of frames a connection may send for long, 0 = any number
 * @param bytesBurst bytes it may send at once, {@code frameBytes} or more when {@code
 *     bytesPerSecond} is not 0
 * @param userCommandsPerSecond commands a user may send for long over all connections on all nodes,
 *     0 = any number
 * @param userCommandsBurst commands a user may send at once, when {@code userCommandsPerSecond} is
 *     not 0
 * @param controlFramesPerSecond pings and pongs a connection may send for long, ten times as many
 *     at once; 0 = any number
 * @param outboxBytes bytes that may wait to be written to one connection, 1,024 or more
 * @param outboxTotalBytes bytes that may wait to be written to all connections together; above it
 *     the largest outboxes are closed first; 0 = any number
 * @param writeTimeout how long one write to a connection may take, more than zero
 * @param heartbeat how often a quiet connection is pinged; it is closed after 2.5 times this
 *     without a byte from it; more than zero
 * @param resumeTtl how long a session without a connection can be resumed, more than zero
 * @param waitingSessions sessions without a connection that this node keeps to be resumed; beyond
 *     it the one that waits longest is ended, those that are in no room first; 1 or more
 * @param nodeLease how long a node counts as alive after its last sign of life, more than zero
 * @param presenceInterval how long changes of presence and typing are gathered into one frame, zero
 *     or more
 * @param presenceList above this many users a room's presence frames have the count only, 0 or more
 * @param editAge how old a message may be when its user edits or deletes it; zero = any age
 * @param reactionsPerMessage reactions a message may have, 0 = none at all
 * @param roomsPerUser rooms a user may have created at a time, 0 = any number
 * @param invitationsPerRoom users a private room may have invited, 1 or more
 * @param roomIdle how long a room that nobody created explicitly outlives its last member and its
 *     last message, more than zero
 * @param hookTimeout how long the application's code may take for one answer, then the client is
 *     told {@code unavailable}; more than zero
 * @param logMessages of so many messages one is logged, without its text; 0 = none
 * @param drain how long {@link ChatNode#close} lets clients go elsewhere, zero or more
 */
public record Limits(
    int historyCount,
    Duration historyAge,
    long historyBytes,
    int frameBytes,
    int jsonDepth,
    int jsonFields,
    int textLength,
    int roomsPerSession,
    int sessionsPerUser,
    int connections,
    int connectionsPerAddress,
    int handshakesPerSecondPerAddress,
    int requestsPerSecondPerAddress,
    int pendingHandshakes,
    Duration handshakeTimeout,
    int sessionCommands,
    int commandsPerSecond,
    int commandsBurst,
    int bytesPerSecond,
    int bytesBurst,
    int userCommandsPerSecond,
    int userCommandsBurst,
    int controlFramesPerSecond,
    int outboxBytes,
    long outboxTotalBytes,
    Duration writeTimeout,
    Duration heartbeat,
    Duration resumeTtl,
    int waitingSessions,
    Duration nodeLease,
    Duration presenceInterval,
    int presenceList,
    Duration editAge,
    int reactionsPerMessage,
    int roomsPerUser,
    int invitationsPerRoom,
    Duration roomIdle,
    Duration hookTimeout,
    int logMessages,
    Duration drain) {

  private static final int MAX_FRAME_BYTES = 16 << 20;

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
    atMost("frameBytes", frameBytes, MAX_FRAME_BYTES);
    atLeast("jsonDepth", jsonDepth, 1);
    atLeast("jsonFields", jsonFields, 1);
    atLeast("textLength", textLength, 1);
    atLeast("roomsPerSession", roomsPerSession, 1);
    atLeast("sessionsPerUser", sessionsPerUser, 0);
    atLeast("connections", connections, 0);
    atLeast("connectionsPerAddress", connectionsPerAddress, 0);
    atLeast("handshakesPerSecondPerAddress", handshakesPerSecondPerAddress, 0);
    atLeast("requestsPerSecondPerAddress", requestsPerSecondPerAddress, 0);
    atLeast("pendingHandshakes", pendingHandshakes, 0);
    positive("handshakeTimeout", handshakeTimeout);
    atLeast("sessionCommands", sessionCommands, 1);
    atLeast("commandsPerSecond", commandsPerSecond, 0);
    atLeast("commandsBurst", commandsBurst, commandsPerSecond == 0 ? 0 : 1);
    atLeast("bytesPerSecond", bytesPerSecond, 0);
    atLeast("bytesBurst", bytesBurst, bytesPerSecond == 0 ? 0 : frameBytes);
    atLeast("userCommandsPerSecond", userCommandsPerSecond, 0);
    atLeast("userCommandsBurst", userCommandsBurst, userCommandsPerSecond == 0 ? 0 : 1);
    atLeast("controlFramesPerSecond", controlFramesPerSecond, 0);
    atLeast("outboxBytes", outboxBytes, 1_024);
    atLeast("outboxTotalBytes", outboxTotalBytes, 0);
    positive("writeTimeout", writeTimeout);
    positive("heartbeat", heartbeat);
    positive("resumeTtl", resumeTtl);
    atLeast("waitingSessions", waitingSessions, 1);
    positive("nodeLease", nodeLease);
    notNegative("presenceInterval", presenceInterval);
    atLeast("presenceList", presenceList, 0);
    notNegative("editAge", editAge);
    atLeast("reactionsPerMessage", reactionsPerMessage, 0);
    atLeast("roomsPerUser", roomsPerUser, 0);
    atLeast("invitationsPerRoom", invitationsPerRoom, 1);
    positive("roomIdle", roomIdle);
    positive("hookTimeout", hookTimeout);
    atLeast("logMessages", logMessages, 0);
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

  private static void atMost(String name, long value, long most) {
    if (value > most) {
      throw new IllegalArgumentException(name + " must be at most " + most + ", but is " + value);
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
    private int jsonFields = 1_000;
    private int textLength = 4_000;
    private int roomsPerSession = 100;
    private int sessionsPerUser = 20;
    private int connections = 100_000;
    private int connectionsPerAddress = 500;
    private int handshakesPerSecondPerAddress = 100;
    private int requestsPerSecondPerAddress = 200;
    private int pendingHandshakes = 1_000;
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private int sessionCommands = 256;
    private int commandsPerSecond = 30;
    private int commandsBurst = 300;
    private int bytesPerSecond = 256 << 10;
    private int bytesBurst = 4 << 20;
    private int userCommandsPerSecond = 60;
    private int userCommandsBurst = 600;
    private int controlFramesPerSecond = 10;
    private int outboxBytes = 1 << 20;
    private long outboxTotalBytes = Runtime.getRuntime().maxMemory() / 4;
    private Duration writeTimeout = Duration.ofSeconds(10);
    private Duration heartbeat = Duration.ofSeconds(25);
    private Duration resumeTtl = Duration.ofSeconds(60);
    private int waitingSessions =
        (int) Math.min(100_000, Math.max(1_000, Runtime.getRuntime().maxMemory() >> 15));
    private Duration nodeLease = Duration.ofSeconds(10);
    private Duration presenceInterval = Duration.ofMillis(200);
    private int presenceList = 1_000;
    private Duration editAge = Duration.ofHours(24);
    private int reactionsPerMessage = 500;
    private int roomsPerUser = 100;
    private int invitationsPerRoom = 1_000;
    private Duration roomIdle = Duration.ofHours(24);
    private Duration hookTimeout = Duration.ofSeconds(5);
    private int logMessages = 0;
    private Duration drain = Duration.ofSeconds(10);

    private Builder() {}

    private Builder(Limits limits) {
      historyCount = limits.historyCount;
      historyAge = limits.historyAge;
      historyBytes = limits.historyBytes;
      frameBytes = limits.frameBytes;
      jsonDepth = limits.jsonDepth;
      jsonFields = limits.jsonFields;
      textLength = limits.textLength;
      roomsPerSession = limits.roomsPerSession;
      sessionsPerUser = limits.sessionsPerUser;
      connections = limits.connections;
      connectionsPerAddress = limits.connectionsPerAddress;
      handshakesPerSecondPerAddress = limits.handshakesPerSecondPerAddress;
      requestsPerSecondPerAddress = limits.requestsPerSecondPerAddress;
      pendingHandshakes = limits.pendingHandshakes;
      handshakeTimeout = limits.handshakeTimeout;
      sessionCommands = limits.sessionCommands;
      commandsPerSecond = limits.commandsPerSecond;
      commandsBurst = limits.commandsBurst;
      bytesPerSecond = limits.bytesPerSecond;
      bytesBurst = limits.bytesBurst;
      userCommandsPerSecond = limits.userCommandsPerSecond;
      userCommandsBurst = limits.userCommandsBurst;
      controlFramesPerSecond = limits.controlFramesPerSecond;
      outboxBytes = limits.outboxBytes;
      outboxTotalBytes = limits.outboxTotalBytes;
      writeTimeout = limits.writeTimeout;
      heartbeat = limits.heartbeat;
      resumeTtl = limits.resumeTtl;
      waitingSessions = limits.waitingSessions;
      nodeLease = limits.nodeLease;
      presenceInterval = limits.presenceInterval;
      presenceList = limits.presenceList;
      editAge = limits.editAge;
      reactionsPerMessage = limits.reactionsPerMessage;
      roomsPerUser = limits.roomsPerUser;
      invitationsPerRoom = limits.invitationsPerRoom;
      roomIdle = limits.roomIdle;
      hookTimeout = limits.hookTimeout;
      logMessages = limits.logMessages;
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

    /** Sets {@link Limits#jsonFields}. */
    public Builder jsonFields(int value) {
      jsonFields = value;
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

    /** Sets {@link Limits#sessionsPerUser}. */
    public Builder sessionsPerUser(int value) {
      sessionsPerUser = value;
      return this;
    }

    /** Sets {@link Limits#connections}. */
    public Builder connections(int value) {
      connections = value;
      return this;
    }

    /** Sets {@link Limits#connectionsPerAddress}. */
    public Builder connectionsPerAddress(int value) {
      connectionsPerAddress = value;
      return this;
    }

    /** Sets {@link Limits#handshakesPerSecondPerAddress}. */
    public Builder handshakesPerSecondPerAddress(int value) {
      handshakesPerSecondPerAddress = value;
      return this;
    }

    /** Sets {@link Limits#requestsPerSecondPerAddress}. */
    public Builder requestsPerSecondPerAddress(int value) {
      requestsPerSecondPerAddress = value;
      return this;
    }

    /** Sets {@link Limits#pendingHandshakes}. */
    public Builder pendingHandshakes(int value) {
      pendingHandshakes = value;
      return this;
    }

    /** Sets {@link Limits#handshakeTimeout}. */
    public Builder handshakeTimeout(Duration value) {
      handshakeTimeout = value;
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

    /** Sets {@link Limits#bytesPerSecond}. */
    public Builder bytesPerSecond(int value) {
      bytesPerSecond = value;
      return this;
    }

    /** Sets {@link Limits#bytesBurst}. */
    public Builder bytesBurst(int value) {
      bytesBurst = value;
      return this;
    }

    /** Sets {@link Limits#userCommandsPerSecond}. */
    public Builder userCommandsPerSecond(int value) {
      userCommandsPerSecond = value;
      return this;
    }

    /** Sets {@link Limits#userCommandsBurst}. */
    public Builder userCommandsBurst(int value) {
      userCommandsBurst = value;
      return this;
    }

    /** Sets {@link Limits#controlFramesPerSecond}. */
    public Builder controlFramesPerSecond(int value) {
      controlFramesPerSecond = value;
      return this;
    }

    /** Sets {@link Limits#outboxBytes}. */
    public Builder outboxBytes(int value) {
      outboxBytes = value;
      return this;
    }

    /** Sets {@link Limits#outboxTotalBytes}. */
    public Builder outboxTotalBytes(long value) {
      outboxTotalBytes = value;
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

    /** Sets {@link Limits#waitingSessions}. */
    public Builder waitingSessions(int value) {
      waitingSessions = value;
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

    /** Sets {@link Limits#editAge}. */
    public Builder editAge(Duration value) {
      editAge = value;
      return this;
    }

    /** Sets {@link Limits#reactionsPerMessage}. */
    public Builder reactionsPerMessage(int value) {
      reactionsPerMessage = value;
      return this;
    }

    /** Sets {@link Limits#roomsPerUser}. */
    public Builder roomsPerUser(int value) {
      roomsPerUser = value;
      return this;
    }

    /** Sets {@link Limits#invitationsPerRoom}. */
    public Builder invitationsPerRoom(int value) {
      invitationsPerRoom = value;
      return this;
    }

    /** Sets {@link Limits#roomIdle}. */
    public Builder roomIdle(Duration value) {
      roomIdle = value;
      return this;
    }

    /** Sets {@link Limits#hookTimeout}. */
    public Builder hookTimeout(Duration value) {
      hookTimeout = value;
      return this;
    }

    /** Sets {@link Limits#logMessages}. */
    public Builder logMessages(int value) {
      logMessages = value;
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
          jsonFields,
          textLength,
          roomsPerSession,
          sessionsPerUser,
          connections,
          connectionsPerAddress,
          handshakesPerSecondPerAddress,
          requestsPerSecondPerAddress,
          pendingHandshakes,
          handshakeTimeout,
          sessionCommands,
          commandsPerSecond,
          commandsBurst,
          bytesPerSecond,
          bytesBurst,
          userCommandsPerSecond,
          userCommandsBurst,
          controlFramesPerSecond,
          outboxBytes,
          outboxTotalBytes,
          writeTimeout,
          heartbeat,
          resumeTtl,
          waitingSessions,
          nodeLease,
          presenceInterval,
          presenceList,
          editAge,
          reactionsPerMessage,
          roomsPerUser,
          invitationsPerRoom,
          roomIdle,
          hookTimeout,
          logMessages,
          drain);
    }
  }
}
