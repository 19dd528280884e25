package dev.roomcast.tyrus;

import dev.roomcast.chat.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way out of one socket: the session's frames, one write at a time, and control frames.
 *
 * <p>Bytes go straight to the socket on the calling thread; when it is full the rest waits here
 * until the loop says that there is room, and so do the control frames that come meanwhile, which
 * are bounded.
 *
 * <p>State: {@code writing} is what the socket did not take whole, null when it took all; {@code
 * waiting} is empty unless there is something in {@code writing}. Guarded by "this", which is held
 * while the socket takes bytes, so that two writes never mix; never while anybody is told.
 */
final class SocketWriter {

  private static final int MAX_WAITING = 64;

  private final SocketConnection connection;
  private final SocketBytes socket;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
  private @Nullable Waiting writing;
  private boolean dead;
  private boolean closing;

  private record Waiting(ByteBuffer bytes, Transport.WriteListener done) {}

  SocketWriter(SocketConnection connection, SocketBytes socket) {
    this.connection = connection;
    this.socket = socket;
  }

  /**
   * Writes bytes; true when that is over already, and {@code done} is not called.
   *
   * @param now the bytes, not used any more once this returns
   * @param later gives another buffer with all of them, which lasts, for the time there is no room
   */
  boolean write(ByteBuffer now, Supplier<ByteBuffer> later, Transport.WriteListener done) {
    synchronized (this) {
      if (!dead && writing == null) {
        try {
          int begin = now.position();
          if (socket.write(now)) {
            return true;
          }
          ByteBuffer rest = later.get();
          writing = new Waiting(rest.position(rest.position() + now.position() - begin), done);
          connection.waitForRoom(true);
          return false;
        } catch (IOException e) {
          // Told below, like a write that came too late.
        }
      } else if (!dead && waiting.size() < MAX_WAITING) {
        waiting.add(new Waiting(later.get(), done));
        return false;
      }
    }
    fail();
    done.written(false);
    return false;
  }

  /** Writes bytes that are its own, and tells nobody. */
  void write(ByteBuffer own) {
    write(own.duplicate(), () -> own, ok -> {});
  }

  /**
   * Reads what the next write will need, see {@link Transport#lookAhead}; without "this", for what
   * it reads may be old.
   */
  int lookAhead() {
    return (dead ? 1 : 0) + socket.lookAhead();
  }

  /** The socket has room again: writes on. Called by the loop's thread. */
  void writable() {
    while (true) {
      Waiting written;
      synchronized (this) {
        written = writing;
        if (written == null) {
          return;
        }
        try {
          if (!socket.write(written.bytes())) {
            return;
          }
        } catch (IOException e) {
          written = null;
        }
      }
      if (written == null) {
        fail();
        return;
      }
      written.done().written(true); // which may give the next frame of the session to "waiting"
      boolean end;
      synchronized (this) {
        writing = waiting.poll();
        end = closing && writing == null;
        if (writing == null) {
          connection.waitForRoom(false);
        }
      }
      if (end) {
        end();
        return;
      }
    }
  }

  private void fail() {
    ArrayDeque<Waiting> dropped;
    synchronized (this) {
      dead = true;
      dropped = new ArrayDeque<>(waiting);
      if (writing != null) {
        dropped.addFirst(writing);
        writing = null;
      }
      waiting.clear();
    }
    dropped.forEach(frame -> frame.done().written(false));
    connection.cut();
  }

  /** Ends the connection when what it was given is written, the close frame last, or soon. */
  void close() {
    boolean wait;
    synchronized (this) {
      closing = true;
      wait = writing != null && !dead;
    }
    if (wait) {
      CompletableFuture.delayedExecutor(CloseFrames.CUT_AFTER_SECONDS, TimeUnit.SECONDS)
          .execute(this::fail);
    } else {
      end();
    }
  }

  private void end() {
    synchronized (this) {
      try {
        if (!dead) {
          socket.end();
        }
      } catch (IOException e) {
        dead = true; // it is cut now in any case
      }
    }
    connection.cut();
  }

  /** The connection is gone: what waits will never be written. */
  void gone() {
    boolean tell;
    synchronized (this) {
      tell = !dead;
    }
    if (tell) {
      fail();
    }
  }
}
