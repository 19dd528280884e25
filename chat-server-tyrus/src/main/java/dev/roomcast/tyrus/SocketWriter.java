package dev.roomcast.tyrus;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.asyncqueue.WritableMessage;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.memory.Buffers;
import org.glassfish.grizzly.nio.transport.TCPNIOConnection;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;
import org.glassfish.tyrus.spi.CompletionHandler;
import org.glassfish.tyrus.spi.Writer;
import org.jspecify.annotations.Nullable;

/**
 * The socket of one connection: the only way out, for the session's frames and for Tyrus's own.
 *
 * <p>Bytes go straight to the socket on the calling thread; when it is full Grizzly writes the
 * rest, and what comes meanwhile waits here: one write of the session, and Tyrus's control frames,
 * which are bounded. It also holds the reading back while the session has too much to do. Guarded
 * by "this", which is held while the channel takes bytes, so that two writes never mix; never while
 * anybody is told.
 */
final class SocketWriter extends Writer {

  private static final int MAX_CONTROL_FRAMES = 64;

  private final TCPNIOConnection connection;
  private final SocketChannel channel;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
  private boolean busy;
  private boolean dead;
  private boolean paused;
  private boolean closing;
  private @Nullable FilterChainContext held;

  /** Told once when bytes are written, or never will be. */
  interface Done {
    void done(boolean ok);
  }

  private record Waiting(ByteBuffer bytes, Done done) {}

  SocketWriter(TCPNIOConnection connection) {
    this.connection = connection;
    this.channel = (SocketChannel) connection.getChannel();
    connection.configureBlocking(false);
  }

  /** Writes bytes; true when that is over already, and {@code done} is not called. */
  boolean write(ByteBuffer bytes, Done done) {
    boolean failed;
    synchronized (this) {
      failed = dead;
      if (!failed && busy) {
        if (waiting.size() < MAX_CONTROL_FRAMES) {
          waiting.add(new Waiting(bytes, done));
          return false;
        }
        failed = true;
      } else if (!failed) {
        try {
          channel.write(bytes);
        } catch (IOException e) {
          failed = true;
        }
        if (!failed && !bytes.hasRemaining()) {
          return true;
        }
        busy = true;
      }
    }
    if (failed) {
      fail(done);
    } else {
      writeRest(bytes, done);
    }
    return false;
  }

  private void writeRest(ByteBuffer bytes, Done done) {
    ((TCPNIOTransport) connection.getTransport())
        .getAsyncQueueIO()
        .getWriter()
        .write(
            connection,
            Buffers.wrap(connection.getMemoryManager(), bytes),
            new EmptyCompletionHandler<WriteResult<WritableMessage, SocketAddress>>() {
              @Override
              public void completed(WriteResult<WritableMessage, SocketAddress> result) {
                written(done);
              }

              @Override
              public void failed(Throwable failure) {
                fail(done);
              }

              @Override
              public void cancelled() {
                fail(done);
              }
            });
  }

  private void written(Done done) {
    done.done(true);
    Waiting next;
    boolean end;
    synchronized (this) {
      next = waiting.poll();
      busy = next != null;
      end = closing && !busy;
    }
    if (next != null) {
      writeRest(next.bytes(), next.done());
    } else if (end) {
      cut();
    }
  }

  private void fail(Done done) {
    ArrayDeque<Waiting> dropped;
    synchronized (this) {
      dead = true;
      dropped = new ArrayDeque<>(waiting);
      waiting.clear();
    }
    done.done(false);
    dropped.forEach(frame -> frame.done().done(false));
    cut();
  }

  @Override
  public void write(ByteBuffer bytes, @Nullable CompletionHandler<ByteBuffer> handler) {
    Done done =
        ok -> {
          if (handler == null) {
            return;
          }
          if (ok) {
            handler.completed(bytes);
          } else {
            handler.failed(new IOException("the connection is closed"));
          }
        };
    if (write(bytes, done)) {
      done.done(true);
    }
  }

  /** Ends the connection when what it was given is written, the close frame last, or soon. */
  @Override
  public void close() {
    boolean wait;
    synchronized (this) {
      closing = true;
      wait = busy && !dead;
    }
    if (wait) {
      CompletableFuture.delayedExecutor(CloseFrames.CUT_AFTER_SECONDS, TimeUnit.SECONDS)
          .execute(this::cut);
    } else {
      cut();
    }
  }

  /** Ends the connection now. */
  void cut() {
    reading(true);
    connection.terminateSilently();
  }

  /** Whether what is read is of interest still. */
  synchronized boolean listens() {
    return !closing && !dead;
  }

  /** Holds the reading back, or goes on with it. */
  void reading(boolean on) {
    FilterChainContext release;
    synchronized (this) {
      paused = !on;
      release = on ? held : null;
      if (on) {
        held = null;
      }
    }
    if (release != null) {
      release.resume(release.getStopAction());
    }
  }

  /** Keeps the context of a read while reading is held back: nothing more is read until then. */
  synchronized boolean hold(FilterChainContext context) {
    if (!paused || dead) {
      return false;
    }
    context.suspend();
    held = context;
    return true;
  }
}
