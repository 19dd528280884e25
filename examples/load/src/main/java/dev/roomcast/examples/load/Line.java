package dev.roomcast.examples.load;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection, made anew to any of the servers whenever it breaks. Confined to the loop's
 * thread.
 */
final class Line implements WebSocket.Listener {

  private static final long DEAF_NANOS = 20_000_000_000L;
  private static final int MAX_ATTEMPTS_SHIFT = 4;

  private final Loop loop;
  private final List<URI> servers;
  private final Random random;
  private final Owner owner;
  private @Nullable WebSocket socket;
  private boolean welcomed;
  private boolean stalled;
  private boolean stopped;
  private int attempts;
  private int number;
  private long lastHeard;
  private long reconnectAfter;

  /** Whose line it is. */
  interface Owner {
    /** What stands after the address, with a question mark. */
    String query();

    void text(String frame);

    /** The connection is over, or there was none. */
    void lost(int code);
  }

  Line(Loop loop, List<URI> servers, Random random, Owner owner) {
    this.loop = loop;
    this.servers = servers;
    this.random = random;
    this.owner = owner;
  }

  /** Connects to one of the servers, and from now on always again. */
  void start(int server) {
    connect(servers.get(Math.floorMod(server, servers.size())));
  }

  private void connect(URI server) {
    if (stopped || socket != null) {
      return;
    }
    number++;
    lastHeard = System.nanoTime();
    try {
      socket = WebSocket.connect(loop, server, owner.query(), this);
    } catch (IOException e) {
      closed(1006);
    }
  }

  @Override
  public void opened() {
    lastHeard = System.nanoTime();
  }

  @Override
  public void text(String frame) {
    lastHeard = System.nanoTime();
    owner.text(frame);
  }

  @Override
  public void closed(int code) {
    socket = null;
    stalled = false;
    owner.lost(code);
    welcomed = false;
    if (!stopped) {
      long backoff = 50L << Math.min(attempts++, MAX_ATTEMPTS_SHIFT);
      long wait = reconnectAfter + backoff / 2 + random.nextInt((int) backoff);
      reconnectAfter = 0;
      loop.after(wait, () -> start(random.nextInt(servers.size())));
    }
  }

  /** The server took the client in. */
  void welcomed() {
    welcomed = true;
    attempts = 0;
  }

  /** The server asks to wait so long before the next attempt. */
  void reconnectAfter(long millis) {
    reconnectAfter = millis;
  }

  /** Whether the client was taken in on this connection. */
  boolean online() {
    return welcomed;
  }

  /** Whether it is online and reads. */
  boolean reads() {
    return welcomed && !stalled;
  }

  /** The how-many-th connection this is. */
  int number() {
    return number;
  }

  void send(String frame) {
    if (socket != null) {
      socket.send(frame);
    }
  }

  /** Cuts the connection when nothing was heard for long, though there was something to read. */
  boolean cutIfDeaf() {
    boolean deaf = socket != null && !stalled && System.nanoTime() - lastHeard > DEAF_NANOS;
    if (deaf) {
      cut();
    }
    return deaf;
  }

  /** Breaks the connection with a close frame. */
  void close(int code) {
    if (socket != null) {
      socket.close(code);
    }
  }

  /** Breaks the connection without a word. */
  void cut() {
    if (socket != null) {
      socket.cut();
    }
  }

  /** Stops reading for a while. */
  void stall(long millis) {
    WebSocket open = socket;
    if (open != null && reads()) {
      stalled = true;
      open.reading(false);
      loop.after(
          millis,
          () -> {
            if (open == socket) {
              stalled = false;
              lastHeard = System.nanoTime();
              open.reading(true);
            }
          });
    }
  }

  /** Makes no more connections. */
  void stop() {
    stopped = true;
  }

  boolean stopped() {
    return stopped;
  }
}
