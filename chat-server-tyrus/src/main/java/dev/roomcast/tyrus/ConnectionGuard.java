package dev.roomcast.tyrus;

import dev.roomcast.chat.LimitHit;
import dev.roomcast.chat.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.filterchain.BaseFilter;
import org.glassfish.grizzly.filterchain.FilterChainContext;
import org.glassfish.grizzly.filterchain.NextAction;
import org.glassfish.grizzly.http.HttpContent;
import org.glassfish.grizzly.http.HttpPacket;
import org.glassfish.grizzly.nio.NIOConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the connections that are no WebSockets, in number and in time: those that send no request,
 * or half a one, or nothing after one, and those that do not take the answer. It is a filter next
 * to the socket; {@link #requests} is one behind the HTTP codec, which tells it how far a request
 * is.
 *
 * <p>When there are too many the oldest that waits for its client goes, if it had a second at
 * least: a decent client is through its handshake by then. If there is none the newcomer is told to
 * come again. One sweep looks after all of them.
 *
 * <p>{@code plain} has them by the time of their last step forward, oldest first. Guarded by
 * "this", which is not held while a connection is closed.
 */
final class ConnectionGuard extends BaseFilter {

  private static final Logger log = LoggerFactory.getLogger("roomcast.client");

  /** So long a connection may be idle between requests, or take no more of an answer. */
  private static final Duration IDLE = Duration.ofSeconds(60);

  private static final Duration FAIR = Duration.ofSeconds(1);
  private static final byte[] FULL =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private final int most;
  private final Duration timeout;
  private final InstantSource clock;
  private final Consumer<LimitHit> hits;
  private final boolean encrypted;
  private final Map<Connection<?>, Entry> plain = new LinkedHashMap<>();

  /** How far a connection is. */
  private enum Step {
    /** Nothing was read of its first request, or a part. */
    ASKING,
    /** A request was read and is not answered. */
    ANSWERING,
    /** It was answered, and has not begun to ask again. */
    IDLE
  }

  /** A connection's step, since when, and whether it has sent anything. Immutable. */
  private record Entry(Step step, long since, boolean spoken) {}

  /**
   * Makes a guard of this node's connections.
   *
   * @param encrypted whether nobody would understand a word before a handshake of TLS
   */
  ConnectionGuard(Limits limits, InstantSource clock, Consumer<LimitHit> hits, boolean encrypted) {
    most = limits.pendingHandshakes();
    timeout = limits.handshakeTimeout();
    this.clock = clock;
    this.hits = hits;
    this.encrypted = encrypted;
  }

  @Override
  public NextAction handleAccept(FilterChainContext context) {
    Connection<?> newcomer = context.getConnection();
    Connection<?> goes = null;
    synchronized (this) {
      if (most > 0 && plain.size() >= most) {
        goes = oldestThatWaits();
        if (goes == null) {
          goes = newcomer;
        } else {
          plain.remove(goes);
        }
      }
      if (goes != newcomer) {
        step(newcomer, Step.ASKING);
      }
    }
    if (goes == null) {
      return context.getInvokeAction();
    }
    hits.accept(LimitHit.PENDING_HANDSHAKES);
    if (goes == newcomer) {
      if (!encrypted) {
        tellFull(newcomer);
      }
      newcomer.terminateSilently();
      return context.getStopAction();
    }
    goes.terminateSilently();
    return context.getInvokeAction();
  }

  private @Nullable Connection<?> oldestThatWaits() {
    long before = clock.millis() - FAIR.toMillis();
    for (Map.Entry<Connection<?>, Entry> one : plain.entrySet()) {
      if (one.getValue().since() > before) {
        return null;
      }
      if (one.getValue().step() != Step.ANSWERING) {
        return one.getKey();
      }
    }
    return null;
  }

  /** Its socket is empty still, so that this cannot block or be cut. */
  private static void tellFull(Connection<?> newcomer) {
    if (newcomer instanceof NIOConnection nio
        && nio.getChannel() instanceof SocketChannel channel) {
      try {
        channel.write(ByteBuffer.wrap(FULL));
      } catch (IOException e) {
        log.debug("a client that is refused is gone already", e);
      }
    }
  }

  /** Must be called with "this" held. */
  private void step(Connection<?> connection, Step step) {
    Entry before = plain.remove(connection);
    plain.put(connection, new Entry(step, clock.millis(), before != null && before.spoken()));
  }

  @Override
  public synchronized NextAction handleRead(FilterChainContext context) {
    Entry entry = plain.get(context.getConnection());
    if (entry != null && entry.step() == Step.IDLE) {
      step(context.getConnection(), Step.ASKING);
    }
    return context.getInvokeAction();
  }

  @Override
  public synchronized NextAction handleClose(FilterChainContext context) {
    plain.remove(context.getConnection());
    return context.getInvokeAction();
  }

  /** Whether these are the first bytes of a connection: true once, and never after its end. */
  synchronized boolean speaksFirst(Connection<?> connection) {
    Entry entry = plain.get(connection);
    if (entry == null || entry.spoken()) {
      return false;
    }
    plain.replace(connection, new Entry(entry.step(), entry.since(), true)); // stays in its place
    return true;
  }

  /** A request was read whole. */
  synchronized void asked(Connection<?> connection) {
    Entry entry = plain.get(connection);
    if (entry != null && entry.step() != Step.ANSWERING) {
      step(connection, Step.ANSWERING);
    }
  }

  /** It is a WebSocket from now on. */
  synchronized void upgraded(Connection<?> connection) {
    plain.remove(connection);
  }

  /** Some of an answer was written, or the last of it. */
  synchronized void answers(Connection<?> connection, boolean last) {
    if (plain.containsKey(connection)) {
      step(connection, last ? Step.IDLE : Step.ANSWERING);
    }
  }

  /** Cuts the connections whose time is over. */
  void sweep() {
    long now = clock.millis();
    List<Connection<?>> late = new ArrayList<>();
    synchronized (this) {
      Iterator<Map.Entry<Connection<?>, Entry>> all = plain.entrySet().iterator();
      while (all.hasNext()) {
        Map.Entry<Connection<?>, Entry> one = all.next();
        Entry entry = one.getValue();
        Duration patience = entry.step() == Step.ASKING ? timeout : IDLE;
        if (now - entry.since() >= patience.toMillis()) {
          all.remove();
          late.add(one.getKey());
          if (entry.step() != Step.IDLE) {
            hits.accept(LimitHit.HANDSHAKE_TIMEOUT);
          }
        }
      }
    }
    late.forEach(Connection::terminateSilently);
  }

  /** How often to sweep, so that nobody has much more than its time. */
  Duration sweepInterval() {
    Duration part = timeout.dividedBy(4);
    return part.compareTo(FAIR) < 0 ? part : FAIR;
  }

  /** Connections that are no WebSockets. */
  synchronized int size() {
    return plain.size();
  }

  /** Returns the filter that sees requests and answers. */
  BaseFilter requests() {
    return new BaseFilter() {
      @Override
      public NextAction handleRead(FilterChainContext context) {
        asked(context.getConnection());
        return context.getInvokeAction();
      }

      @Override
      public NextAction handleWrite(FilterChainContext context) {
        if (context.getMessage() instanceof HttpPacket answer) {
          boolean last = answer instanceof HttpContent content && content.isLast();
          answers(context.getConnection(), last);
        }
        return context.getInvokeAction();
      }
    };
  }
}
