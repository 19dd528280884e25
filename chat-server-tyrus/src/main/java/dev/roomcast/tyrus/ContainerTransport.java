package dev.roomcast.tyrus;

import dev.roomcast.chat.Frame;
import dev.roomcast.chat.Transport;
import jakarta.websocket.CloseReason;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection in any Jakarta container, as a session writes to it: asynchronous sends only, one in
 * flight.
 *
 * <p>The API has no way to stop reading, and none to cut a connection: {@link #reading} does
 * nothing, the session's queue has a bound for that; {@link #abort} closes as 1006, which
 * containers take for a broken connection, and one that holds on to a stuck write ends it at its
 * send timeout. Guarded by "this", which is never held while the container is called.
 */
final class ContainerTransport implements Transport {

  private static final Logger log = LoggerFactory.getLogger(ContainerTransport.class);

  private final RemoteEndpoint.Async remote;
  private final Closer closer;
  private final ContainerCalls calls;
  private boolean writing;
  private boolean pinging;
  private boolean closing;
  private @Nullable CloseReason closeAfterWrite;

  /** The container's way to send a close frame. */
  interface Closer {
    void close(CloseReason reason) throws IOException;
  }

  ContainerTransport(Session session, Duration writeTimeout, ContainerCalls calls) {
    this(session.getAsyncRemote(), session::close, writeTimeout, calls);
  }

  ContainerTransport(
      RemoteEndpoint.Async remote, Closer closer, Duration writeTimeout, ContainerCalls calls) {
    this.remote = remote;
    this.closer = closer;
    this.calls = calls;
    remote.setSendTimeout(writeTimeout.toMillis());
  }

  @Override
  public boolean write(Frame frame, WriteListener done) {
    synchronized (this) {
      writing = true;
    }
    return new Write(frame.parts().iterator(), done).sendRest();
  }

  /**
   * One write: its frames one after the other. A container may tell of a result before the send
   * returns, on the same thread: that only takes a note, and the loop goes on, so calls never nest.
   * Guarded by "this", which is never held while anybody is called.
   */
  private final class Write implements SendHandler {
    private final Iterator<Frame> frames;
    private final WriteListener done;
    private Step step = Step.OVER;

    Write(Iterator<Frame> frames, WriteListener done) {
      this.frames = frames;
      this.done = done;
    }

    /** Returns true when all is sent; false when it goes on elsewhere, or has failed. */
    boolean sendRest() {
      while (frames.hasNext()) {
        enter(Step.SENDING);
        try {
          remote.sendText(frames.next().text(), this);
        } catch (RuntimeException e) {
          enter(Step.OVER);
          fail(e);
          return false;
        }
        Step now = afterSend();
        if (now == Step.WAITING) {
          return false;
        }
        if (now == Step.FAILED) {
          fail(null);
          return false;
        }
      }
      written();
      return true;
    }

    private synchronized void enter(Step next) {
      step = next;
    }

    private synchronized Step afterSend() {
      if (step == Step.SENDING) {
        step = Step.WAITING;
      }
      return step;
    }

    @Override
    public void onResult(SendResult result) {
      synchronized (this) {
        if (step == Step.SENDING) {
          step = result.isOK() ? Step.SENT : Step.FAILED;
          return;
        }
        if (step != Step.WAITING) {
          return;
        }
        step = Step.OVER;
      }
      if (!result.isOK()) {
        fail(result.getException());
      } else if (sendRest()) {
        done.written(true);
      }
    }

    private void fail(@Nullable Throwable cause) {
      log.debug("a write failed, the connection is going", cause);
      written();
      abort();
      done.written(false);
    }
  }

  private enum Step {
    SENDING,
    WAITING,
    SENT,
    FAILED,
    OVER
  }

  private void written() {
    CloseReason reason;
    synchronized (this) {
      writing = false;
      reason = closeAfterWrite;
      closeAfterWrite = null;
    }
    if (reason != null) {
      calls.run(() -> closeNow(reason));
    }
  }

  @Override
  public void ping() {
    synchronized (this) {
      if (writing || pinging || closing) {
        return;
      }
      pinging = true;
    }
    calls.run(
        () -> {
          try {
            remote.sendPing(ByteBuffer.allocate(0));
          } catch (IOException | RuntimeException e) {
            log.debug("a ping could not be sent, the connection is going", e);
          } finally {
            synchronized (this) {
              pinging = false;
            }
          }
        });
  }

  @Override
  public void close(int code, String reason) {
    CloseReason frame = CloseFrames.of(code, reason);
    boolean now;
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      now = !writing;
      closeAfterWrite = now ? null : frame;
    }
    if (now) {
      calls.run(() -> closeNow(frame));
    }
    calls.runLater(CloseFrames.CUT_AFTER_SECONDS, this::cut);
  }

  @Override
  public void abort() {
    calls.run(this::cut);
  }

  private void cut() {
    closeNow(new CloseReason(CloseReason.CloseCodes.CLOSED_ABNORMALLY, ""));
  }

  private void closeNow(CloseReason reason) {
    try {
      closer.close(reason);
    } catch (IOException | RuntimeException e) {
      log.debug("not closed with {}, the connection is going", reason.getCloseCode(), e);
    }
  }

  /** There is no way to do this: see {@code CommandLine} for what bounds the memory then. */
  @Override
  public void reading(boolean on) {}
}
